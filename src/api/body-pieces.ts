import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { Problem } from './problem.ts'

/** A request's body: Node's own, or that of a web `Request`. */
export type Incoming = Readable | ReadableStream<Uint8Array>

/** The caller left before everything was received: nobody reads what is answered. */
export class CallerGone extends Problem {
  constructor() {
    super(400, 'bad-upload', 'the connection ended before the upload was complete')
    this.name = 'CallerGone'
  }
}

/**
 * A body piece by piece, which is left open whatever happens, so that an answer can still be sent. Throws `CallerGone`,
 * and a 408 once the sender paused for `idleTimeout` ms.
 */
export async function* piecesOf(incoming: Incoming, idleTimeout: number): AsyncGenerator<Buffer, void> {
  const iterator: AsyncIterator<Uint8Array> =
    incoming instanceof Readable
      ? incoming.iterator({ destroyOnReturn: false })
      : incoming.values({ preventCancel: true })
  let waiting = false
  try {
    for (;;) {
      waiting = true
      const { done, value } = await within(idleTimeout, iterator.next())
      waiting = false
      if (done === true) return
      yield Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
  } finally {
    // One that still waits would return only when the sender goes on.
    if (!waiting) await iterator.return?.()
  }
}

/** ms without a byte after which a refused sender is taken to wait for its answer. */
const longestPause = 1_000

/**
 * Reads on and throws away for at most `time` ms: most clients look for an answer only when they sent everything, and a
 * connection closed before that would hide from them why.
 */
export async function discard(incoming: Incoming, time: number): Promise<void> {
  const until = performance.now() + time
  const pieces = piecesOf(incoming, Math.min(time, longestPause))
  try {
    for (;;) {
      const { done } = await pieces.next()
      if (done === true || performance.now() > until) return
    }
  } catch {
    // Gone, or stalled: then there is nothing to wait for.
  } finally {
    await pieces.return()
  }
}

async function within(
  idleTimeout: number,
  next: Promise<IteratorResult<Uint8Array>>,
): Promise<IteratorResult<Uint8Array>> {
  let timer: NodeJS.Timeout | undefined
  const idle = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Problem(408, 'stalled', `nothing was received for ${idleTimeout / 1000} s`))
    }, idleTimeout)
  })
  try {
    return await Promise.race([next, idle])
  } catch (error) {
    throw error instanceof Problem ? error : new CallerGone()
  } finally {
    clearTimeout(timer)
  }
}
