import { promisify } from 'node:util'
import { constants, crc32, deflateRaw } from 'node:zlib'
import type { Chunks } from '../fleet/lay.ts'
import { createPauses } from '../fleet/slices.ts'
import { combineCrc, shiftOf } from './crc-combine.ts'

/** A chunk as raw deflate that ends on a byte, without a final block: such parts can be laid end to end. */
interface Deflated {
  readonly bytes: Buffer
  readonly crc: number
  readonly shift: number
}

const deflate = promisify(deflateRaw)
/** The fastest: pieces change with every answer, and what is saved above it is little. */
const level = 1
/** Shorter chunks (commas, brackets) are stored as they are: a compressor would make them longer. */
const storable = 512

const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3])
const finalBlock = Buffer.from([3, 0])

/** A piece is compressed once in its life, whoever asks, and forgotten with it. */
const compressed = new WeakMap<Buffer, Deflated | Promise<Deflated>>()

/**
 * The chunks as ONE gzip member, assembled from each chunk's own compression. Some clients read only the first
 * member of several, silently, so members are never laid end to end.
 */
export async function gzip(chunks: Chunks): Promise<Chunks> {
  const begun: (Deflated | Promise<Deflated>)[] = []
  const pause = createPauses()
  for (const chunk of chunks) {
    // To begin takes a while too, where hundreds are new.
    if (!compressed.has(chunk)) await pause()
    begun.push(deflated(chunk))
  }
  // All are begun before any is waited for; those that are there are not waited for at all.
  const parts: Deflated[] = []
  for (const part of begun) parts.push(part instanceof Promise ? await part : part)
  let crc = 0
  for (const part of parts) crc = combineCrc(crc, part.crc, part.shift)
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc, 0)
  trailer.writeUInt32LE(length % 2 ** 32, 4)
  return [header, ...parts.map(({ bytes }) => bytes), finalBlock, trailer]
}

/** Whether `Accept-Encoding` allows gzip (RFC 9110: by name, else by `*`; `q=0` forbids). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false
  const weights = new Map(
    acceptEncoding.split(',').map((each): [string, number] => {
      const [coding = '', ...parameters] = each.split(';').map((text) => text.trim().toLowerCase())
      const q = parameters.find((parameter) => parameter.startsWith('q='))
      return [coding, q === undefined ? 1 : Number(q.slice(2)) || 0]
    }),
  )
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0
}

/** At once where it was compressed before. */
function deflated(chunk: Buffer): Deflated | Promise<Deflated> {
  const known = compressed.get(chunk)
  if (known !== undefined) return known
  const part = chunk.length <= storable ? stored(chunk) : compress(chunk)
  compressed.set(chunk, part)
  return part
}

async function compress(chunk: Buffer): Promise<Deflated> {
  const bytes = await deflate(chunk, { level, finishFlush: constants.Z_SYNC_FLUSH })
  const part = { bytes, crc: crc32(chunk), shift: shiftOf(chunk.length) }
  compressed.set(chunk, part)
  return part
}

/** A deflate block of type "stored", not the last one. */
function stored(chunk: Buffer): Deflated {
  const bytes = Buffer.allocUnsafe(5 + chunk.length)
  bytes[0] = 0
  bytes.writeUInt16LE(chunk.length, 1)
  bytes.writeUInt16LE(chunk.length ^ 0xffff, 3)
  chunk.copy(bytes, 5)
  return { bytes, crc: crc32(chunk), shift: shiftOf(chunk.length) }
}
