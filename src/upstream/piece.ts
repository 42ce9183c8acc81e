import type { JsonObject, Piece } from '../model/reading.ts'
import { scanRecords } from './scan.ts'

/** A list of records as it stands in a region's JSON. */
export interface RecordsText {
  readonly json: Buffer
  readonly records: readonly JsonObject[]
  /** Depth of the records in `json`; the root value is at 1. */
  readonly depth: number
  readonly under?: string
}

/**
 * Splices `"region_name":…` into each record, leaving every other byte as the region sent it. A `region_name`
 * that the region itself sent is dropped, so that it can't speak for another. Throws `malformed`, see `scanRecords`.
 */
export function splice(regionName: string, text: RecordsText, call: string): Piece {
  const { json, records } = text
  const scan = scanRecords(json, text.depth, call, text.under)
  const head = Buffer.from(`{"region_name":${JSON.stringify(regionName)}`)
  const bodies = records.map((record, i) =>
    scan.impersonating.has(i) || Object.keys(record).length === 0
      ? rewritten(record)
      : json.subarray((scan.starts[i] ?? 0) + 1, scan.ends[i]),
  )
  const joint = head.length + 1
  const total = bodies.reduce((sum, body) => sum + joint + body.length + 1, 0)
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, total - 1))
  const offsets = { starts: new Uint32Array(records.length), bodies: new Uint32Array(records.length) }
  const ends = new Uint32Array(records.length)
  let at = 0
  for (const [i, body] of bodies.entries()) {
    if (i > 0) bytes[at++] = 0x2c
    offsets.starts[i] = at
    at += head.copy(bytes, at)
    bytes[at] = 0x2c
    // `}` follows at once where nothing else is left of the record.
    if (body.length > 1) at++
    offsets.bodies[i] = at
    at += body.copy(bytes, at)
    ends[i] = at
  }
  return { bytes: bytes.subarray(0, at), ...offsets, ends, plainKeys: scan.plainKeys }
}

function rewritten(record: JsonObject): Buffer {
  const { region_name: _, ...own } = record
  return Buffer.from(JSON.stringify(own).slice(1))
}
