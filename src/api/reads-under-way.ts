import { Problem } from './problem.ts'

/** Requests that change nothing and have no answer yet: a gateway that stops tells them that it does. */
export interface ReadsUnderWay {
  /** The same as `step`, or a `Problem` once all are given up. */
  orGivenUp<T>(step: Promise<T>): Promise<T>
  /** Ends the waiting for all of them, and for each that comes later. */
  giveUp(): void
}

export function createReadsUnderWay(): ReadsUnderWay {
  const waiting = new Set<(why: Problem) => void>()
  let givenUp = false
  return {
    orGivenUp(step) {
      return new Promise((resolve, reject) => {
        if (givenUp) reject(unanswered())
        waiting.add(reject)
        const leave = (): void => void waiting.delete(reject)
        step.then(leave, leave)
        step.then(resolve, reject)
      })
    },
    giveUp() {
      givenUp = true
      for (const reject of waiting) reject(unanswered())
    },
  }
}

function unanswered(): Problem {
  const detail =
    'the gateway stops, and the answer was not there in time; nothing was sent that changes anything'
  return new Problem(503, 'stopping', detail, { extra: { sent: false } })
}
