import type { JsonObject, Piece } from '../model/reading.ts'
import type { Region } from '../model/region.ts'

/** A body as the pieces it is made of: nothing is copied until the socket takes it. */
export type Chunks = readonly Buffer[]

/** Fields of the inventory that a caller wants in each record: `with=subcloud_name,site`. */
export type ExtraFields = readonly string[]

/** One region's part of a merged list. */
export interface Laid {
  /** Without commas at the ends; empty where there is no record. */
  readonly chunks: Chunks
  /** The same after a comma, where that is at hand in one Buffer. */
  readonly following?: Buffer
}

const comma = Buffer.from(',')

/** One region's records in the region's order. */
export function layRecords(
  region: Region,
  piece: Piece,
  keep: ((index: number) => boolean) | undefined,
  extra: ExtraFields,
): Laid {
  if (piece.starts.length === 0) return { chunks: [] }
  if (keep === undefined && extra.length === 0) {
    return { chunks: [piece.bytes], following: piece.following }
  }
  const head = Buffer.from(extraHead(region, extra))
  const chunks: Buffer[] = []
  for (let i = 0; i < piece.starts.length; i++) {
    if (keep && !keep(i)) continue
    if (chunks.length > 0) chunks.push(comma)
    if (extra.length === 0) chunks.push(piece.bytes.subarray(piece.starts[i], piece.ends[i]))
    else chunks.push(...withExtra(region, piece, i, extra, head))
  }
  return { chunks }
}

/** Joins the regions' parts by commas, between two brackets. */
export function layList(open: string, parts: readonly Laid[], close: string): Chunks {
  const chunks: Buffer[] = [Buffer.from(open)]
  let first = true
  for (const part of parts) {
    if (part.chunks.length === 0) continue
    if (first) chunks.push(...part.chunks)
    else if (part.following) chunks.push(part.following)
    else chunks.push(comma, ...part.chunks)
    first = false
  }
  chunks.push(Buffer.from(close))
  return chunks
}

function withExtra(region: Region, piece: Piece, i: number, extra: ExtraFields, head: Buffer): Buffer[] {
  const body = piece.bytes.subarray(piece.bodies[i], piece.ends[i])
  // A field that the region itself sends must not stand twice; then, and only then, the record is written anew.
  const collides = !piece.plainKeys || extra.some((key) => body.includes(`"${key}"`))
  if (!collides) return body.length === 1 ? [head, body] : [head, comma, body]
  const record = JSON.parse(piece.bytes.toString('utf8', piece.starts[i], piece.ends[i])) as JsonObject
  return [Buffer.from(JSON.stringify({ ...record, ...extraFields(region, extra) }))]
}

function extraHead(region: Region, extra: ExtraFields): string {
  return JSON.stringify({ region_name: region.name, ...extraFields(region, extra) }).slice(0, -1)
}

/** The fields that `with=` adds; a label that the region lacks is null. */
export function extraFields(region: Region, extra: ExtraFields): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    extra.map((key) => [key, key === 'subcloud_name' ? region.subcloud : (region.labels[key] ?? null)]),
  )
}
