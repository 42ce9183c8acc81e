import type { JsonObject, Piece } from '../model/reading.ts'
import { scanList } from './scan-list.ts'
import { scanRecords } from './scan.ts'

/** A list of records as it stands in a region's JSON. */
export interface RecordsText {
  readonly json: Buffer
  readonly records: readonly JsonObject[]
  /** Depth of the records in `json`; the root value is at 1. */
  readonly depth: number
  readonly under?: string
}

const comma = 0x2c

/**
 * Splices `"region_name":…` into each record, leaving every other byte as the region sent it. A `region_name`
 * that the region itself sent is dropped, so that it can't speak for another. Throws `malformed`, see `scanRecords`.
 */
export function splice(regionName: string, text: RecordsText, call: string): Piece {
  const { json, records } = text
  const atRoot = text.depth === 2 && text.under === undefined
  const scan = (atRoot && scanList(json, records)) || scanRecords(json, text.depth, call, text.under)
  const head = Buffer.from(`{"region_name":${JSON.stringify(regionName)}`)
  const starts = new Uint32Array(records.length)
  const bodies = new Uint32Array(records.length)
  const ends = new Uint32Array(records.length)
  const rewrites = new Map<number, Buffer>()
  let room = 0
  for (const [i, record] of records.entries()) {
    if (scan.impersonating.has(i) || Object.keys(record).length === 0) rewrites.set(i, rewritten(record))
    const length = rewrites.get(i)?.length ?? (scan.ends[i] ?? 0) - (scan.starts[i] ?? 0)
    room += head.length + 2 + length
  }
  const following = Buffer.allocUnsafeSlow(1 + room)
  following[0] = comma
  const bytes = following.subarray(1)
  let at = 0
  for (let i = 0; i < records.length; i++) {
    if (i > 0) bytes[at++] = comma
    starts[i] = at
    at += head.copy(bytes, at)
    const rewrite = rewrites.get(i)
    // `}` follows at once where nothing else is in the record.
    if (rewrite === undefined || rewrite.length > 2) bytes[at++] = comma
    bodies[i] = at
    at += rewrite ? rewrite.copy(bytes, at, 1) : json.copy(bytes, at, (scan.starts[i] ?? 0) + 1, scan.ends[i])
    ends[i] = at
  }
  return {
    bytes: bytes.subarray(0, at),
    following: following.subarray(0, 1 + at),
    starts,
    bodies,
    ends,
    plainKeys: scan.plainKeys,
  }
}

function rewritten(record: JsonObject): Buffer {
  const { region_name: _, ...own } = record
  return Buffer.from(JSON.stringify(own))
}
