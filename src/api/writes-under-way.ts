import { setImmediate } from 'node:timers/promises'
import { NoTurn } from '../fleet/write-turn.ts'
import { Problem } from './problem.ts'

/** Writes that have no answer yet: the gateway does not stop before it has told what became of each. */
export interface WritesUnderWay {
  begin(): WriteUnderWay
  /** Once none is under way. */
  finished(): Promise<void>
  /** Ends the waiting for all of them: each is told as never sent, or as lost. Resolves once none is under way. */
  giveUp(): Promise<void>
}

export interface WriteUnderWay {
  /** Aborted where the write must not begin any more. */
  readonly signal: AbortSignal
  /** From here on the region may hear of it. */
  readonly sending: () => void
  /** The same as `step`, or a `Problem` once the write is given up. */
  orGivenUp<T>(step: Promise<T>): Promise<T>
  /** After its audit line. */
  end(): void
}

export function createWritesUnderWay(): WritesUnderWay {
  const writes = new Set<{ sent: boolean; readonly giveUp: (why: Problem) => void }>()
  const stop = new AbortController()
  let none = Promise.withResolvers<void>()
  none.resolve()
  const finished = async (): Promise<void> => {
    while (writes.size > 0) await none.promise
  }
  return {
    begin() {
      const { promise: givenUp, reject } = Promise.withResolvers<never>()
      // Nobody may be waiting just then.
      givenUp.catch(() => undefined)
      const write = { sent: false, giveUp: reject }
      if (writes.size === 0) none = Promise.withResolvers()
      writes.add(write)
      return {
        signal: stop.signal,
        sending: () => void (write.sent = true),
        orGivenUp: (step) => Promise.race([step, givenUp]),
        end() {
          writes.delete(write)
          if (writes.size === 0) none.resolve()
        },
      }
    },
    finished,
    async giveUp() {
      stop.abort(new NoTurn('the gateway stops'))
      // Those that wait for their turn say now themselves that they were never sent.
      await setImmediate()
      for (const { sent, giveUp } of writes) giveUp(sent ? lost() : neverSent())
      await finished()
    },
  }
}

function neverSent(): Problem {
  return new Problem(503, 'stopping', 'nothing was sent: the gateway stops', { extra: { sent: false } })
}

function lost(): Problem {
  const detail = 'it was sent, and the gateway stops before its answer came: ask for the state of the region'
  return new Problem(504, 'answer-lost', detail, { extra: { sent: true } })
}
