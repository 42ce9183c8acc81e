import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import type { Chunks } from '../fleet/lay.ts'
import type { Caller } from './caller.ts'

/** What a request brings; without a socket (a test's `app.request()`) the bindings are absent. */
export interface Env {
  Bindings: Partial<HttpBindings>
  Variables: { requestId: string; caller: Caller }
}

/** Pieces smaller than this are copied together: a page costs less than a separate write. */
const small = 8 * 1024
const page = 64 * 1024

/**
 * Sends a body piece by piece, never concatenated or re-encoded as a whole: a thousand stalled readers of a
 * large answer share the same bytes.
 */
export function sendChunks(
  context: Context<Env>,
  headers: Readonly<Record<string, string>>,
  chunks: Chunks,
): Response {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const all = { ...headers, 'content-length': String(length) }
  const isHead = context.req.raw.method === 'HEAD'
  const outgoing = context.env?.outgoing
  if (outgoing === undefined || length <= page || isHead) {
    return new Response(isHead ? null : new Uint8Array(Buffer.concat(chunks, length)), {
      status: 200,
      headers: all,
    })
  }
  // It was answered as given up meanwhile.
  if (outgoing.headersSent) return RESPONSE_ALREADY_SENT
  outgoing.writeHead(200, all)
  outgoing.cork()
  for (const chunk of paged(chunks)) outgoing.write(chunk)
  outgoing.end()
  outgoing.uncork()
  return RESPONSE_ALREADY_SENT
}

function* paged(chunks: Chunks): Iterable<Buffer> {
  let held: Buffer[] = []
  let size = 0
  for (const chunk of chunks) {
    if (chunk.length >= small) {
      if (size > 0) yield Buffer.concat(held, size)
      held = []
      size = 0
      yield chunk
      continue
    }
    held.push(chunk)
    size += chunk.length
    if (size >= page) {
      yield Buffer.concat(held, size)
      held = []
      size = 0
    }
  }
  if (size > 0) yield Buffer.concat(held, size)
}
