import { UpstreamError } from './error.ts'

/** One read at a time, in the order of asking. */
export interface ReadTurn {
  /** Throws `UpstreamError`, and nothing else, whatever `read` throws. */
  take<T>(inBackground: boolean, what: string, read: () => Promise<T>): Promise<T>
}

/** Reads that may wait for their turn at one region. */
const longest = 64
/** The same for what only callers ask for: it must leave room for what everybody reads. */
const longestOnDemand = 8

export function createReadTurn(): ReadTurn {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0

  return {
    async take(inBackground, what, read) {
      if (waiting >= (inBackground ? longest : longestOnDemand)) {
        // Our own limit: it says nothing of the region, so nothing but this one question is put off.
        throw new UpstreamError('timeout', `${what}: ${waiting} requests are waiting already`, {
          ofService: false,
        })
      }
      waiting++
      const turn = last.then(read)
      last = turn.catch(() => undefined)
      try {
        return await turn
      } catch (error) {
        if (error instanceof UpstreamError) throw error
        // A body so odd that handling it threw: the region's fault, and nobody else's trouble.
        const message = error instanceof Error ? error.message : 'unusable'
        throw new UpstreamError('malformed', `${what}: ${message}`)
      } finally {
        waiting--
      }
    },
  }
}
