import { createHash } from 'node:crypto'
import type { RequestBody } from '../answers/request.ts'
import { createMultipartReader } from './multipart.ts'

/** Takes a request's body as it comes in, in constant memory. */
export interface BodyReader {
  /** What is left after the body's end; undefined while the body isn't whole. */
  push(chunk: Buffer): Buffer | undefined
  body(): RequestBody
}

/** A text of this many bytes is kept whole, a longer one only as its sum. */
const keptBytes = 256 * 1024

export function createBodyReader(headers: Readonly<Record<string, string>>): BodyReader {
  const length = Number(headers['content-length'] ?? 0)
  const boundary = /^multipart\/.*boundary="?([^";]+)/i.exec(headers['content-type'] ?? '')?.[1]
  const multipart = boundary === undefined ? undefined : createMultipartReader(boundary)
  // A form's parts have sums of their own.
  const hash = multipart ? undefined : createHash('sha256')
  const kept: Buffer[] = []
  let bytes = 0
  return {
    push(chunk) {
      const mine = chunk.subarray(0, length - bytes)
      bytes += mine.length
      hash?.update(mine)
      multipart?.push(mine)
      if (!multipart && length <= keptBytes) kept.push(Buffer.from(mine))
      return bytes < length ? undefined : chunk.subarray(mine.length)
    },
    body: () => ({
      bytes,
      ...(hash ? { sha256: hash.digest('hex') } : {}),
      ...(multipart ? { parts: multipart.parts() } : {}),
      ...(!multipart && length <= keptBytes ? { text: Buffer.concat(kept).toString() } : {}),
    }),
  }
}
