import { isAscii, isUtf8 } from 'node:buffer'
import type { JsonObject } from '../model/reading.ts'
import { UpstreamError } from './error.ts'

/** Parses a region's body. Throws `malformed`: not UTF-8, a byte-order mark, not JSON. */
export function parseJson(body: Buffer, call: string): unknown {
  if (body.length === 0) throw new UpstreamError('malformed', `${call}: an empty body`)
  const ascii = isAscii(body)
  if (!ascii && !isUtf8(body)) throw new UpstreamError('malformed', `${call}: not UTF-8`)
  try {
    // ASCII is the rule (Python escapes the rest), and parses twice as fast from a one-byte string.
    return JSON.parse(body.toString(ascii ? 'latin1' : 'utf8'))
  } catch {
    throw new UpstreamError('malformed', `${call}: not JSON`)
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own property only: a region's `__proto__` or a missing key must not reach the prototype. */
export function field(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
