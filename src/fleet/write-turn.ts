/** One write at a time: the next waits for its turn, but no longer than its own limit. */
export interface WriteTurn {
  /** `limit` in ms. Throws `NoTurn` where the turn did not come, or `signal` ended the waiting: nothing was sent. */
  take<T>(limit: number, signal: AbortSignal | undefined, write: () => Promise<T>): Promise<T>
}

/** Why a write never began. */
export class NoTurn extends Error {
  constructor(why: string) {
    super(`nothing was sent: ${why}`)
    this.name = 'NoTurn'
  }
}

/** Why nobody waits any more; whoever aborts may say it. */
function gone(signal: AbortSignal | undefined): NoTurn {
  return signal?.reason instanceof NoTurn ? signal.reason : new NoTurn('its caller went away')
}

/** Writes that may wait: callers' impatience must not pile up into hours of work. */
const longest = 16

export function createWriteTurn(): WriteTurn {
  const waiting: (() => void)[] = []
  let taken = false

  function turn(limit: number, signal: AbortSignal | undefined): Promise<void> {
    if (!taken) {
      taken = true
      return Promise.resolve()
    }
    if (waiting.length >= longest)
      return Promise.reject(new NoTurn(`${waiting.length} writes are waiting already`))
    return new Promise((resolve, reject) => {
      const leave = (why: string): void => {
        waiting.splice(waiting.indexOf(start), 1)
        end()
        reject(new NoTurn(why))
      }
      const left = (): void => {
        waiting.splice(waiting.indexOf(start), 1)
        end()
        reject(gone(signal))
      }
      const timer = setTimeout(() => leave(`another write took longer than ${limit / 1000} s`), limit)
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', left)
      }
      const start = (): void => {
        end()
        resolve()
      }
      signal?.addEventListener('abort', left)
      waiting.push(start)
    })
  }

  return {
    async take(limit, signal, write) {
      if (signal?.aborted) throw gone(signal)
      await turn(limit, signal)
      try {
        return await write()
      } finally {
        const next = waiting.shift()
        if (next) next()
        else taken = false
      }
    },
  }
}

/** A write's turn at each region by name: kept only while somebody has it or waits for it. */
export interface WriteTurns {
  take<T>(name: string, limit: number, signal: AbortSignal | undefined, write: () => Promise<T>): Promise<T>
  /** Regions with a write under way. */
  readonly size: number
}

export function createWriteTurns(): WriteTurns {
  const kept = new Map<string, { readonly turn: WriteTurn; takers: number }>()
  return {
    async take(name, limit, signal, write) {
      const one = kept.get(name) ?? { turn: createWriteTurn(), takers: 0 }
      kept.set(name, one)
      one.takers++
      try {
        return await one.turn.take(limit, signal, write)
      } finally {
        if (--one.takers === 0) kept.delete(name)
      }
    },
    get size() {
      return kept.size
    },
  }
}
