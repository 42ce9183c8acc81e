import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { UpstreamError } from './error.ts'
import type { HttpAnswer } from './http.ts'

type Inflate = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const inflaters: ReadonlyMap<string, Inflate> = new Map<string, Inflate>([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
])

/** The body as it was before a front compressed it, though we never ask for that. `limit` in bytes, once inflated. */
export async function inflated(
  { status, header, body }: HttpAnswer,
  limit: number,
  call: string,
): Promise<Buffer> {
  const encoding = header('content-encoding').trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return body
  const inflater = inflaters.get(encoding)
  if (inflater === undefined) {
    throw new UpstreamError('malformed', `${call}: unknown Content-Encoding "${encoding.slice(0, 40)}"`, {
      status,
    })
  }
  try {
    return await inflater(body, { maxOutputLength: limit })
  } catch (error) {
    const bomb = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw bomb
      ? new UpstreamError('too_large', `${call}: more than ${limit} bytes once inflated`, { status })
      : new UpstreamError('malformed', `${call}: not the ${encoding} that it says it is`, { status })
  }
}
