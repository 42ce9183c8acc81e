import { UpstreamError } from './error.ts'

/** Where the records of a JSON text stand, found without parsing it again. */
export interface Scan {
  /** Offsets of each record's `{` and of the byte after its `}`. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Records that bring a `region_name` of their own, in any spelling. */
  readonly impersonating: ReadonlySet<number>
  /** False when some key of a record is spelt with escapes. */
  readonly plainKeys: boolean
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c

const identityKeys = new Map([
  ['region_name', 1],
  ['release_id', 2],
  ['hostname', 4],
])

/**
 * Scans JSON that `JSON.parse` has accepted. Records are the objects at `recordDepth` (the root value is at
 * depth 1), only those under the root key `under` where one is given. Throws `malformed` where a key above the
 * records, or an identity key of a record, stands twice in one object: readers differ on which one counts.
 */
export function scanRecords(json: Buffer, recordDepth: number, call: string, under?: string): Scan {
  const starts: number[] = []
  const ends: number[] = []
  const impersonating = new Set<number>()
  const isObject: boolean[] = [false]
  const seen: Set<string>[] = []
  let plainKeys = true
  let rootKey: string | undefined
  let identities = 0
  let expectKey = false
  let inRecord = false
  let depth = 0

  function takeKey(from: number, to: number): void {
    const escaped = json.subarray(from, to).includes(backslash)
    if (depth === recordDepth) {
      if (!inRecord) return
      if (escaped) plainKeys = false
      const length = to - from
      if (!escaped && length !== 8 && length !== 10 && length !== 11) return
      const key = escaped ? unescape(json, from, to) : json.toString('latin1', from, to)
      const identity = identityKeys.get(key)
      if (identity === undefined) return
      if (identities & identity) throw twice(key, call)
      identities |= identity
      if (identity === 1) impersonating.add(starts.length - 1)
      return
    }
    const key = escaped ? unescape(json, from, to) : json.toString('utf8', from, to)
    const keys = seen[depth]
    if (keys?.has(key)) throw twice(key, call)
    keys?.add(key)
    if (depth === 1) rootKey = key
  }

  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === quote) {
      const end = endOfString(json, i + 1)
      if (expectKey) {
        if (depth <= recordDepth) takeKey(i + 1, end)
        expectKey = false
      }
      i = end
    } else if (byte === openBrace || byte === openBracket) {
      depth++
      if (depth > recordDepth) continue
      isObject[depth] = byte === openBrace
      expectKey = byte === openBrace
      if (depth < recordDepth) seen[depth] = new Set()
      else if (byte === openBrace && (under === undefined || rootKey === under)) {
        inRecord = true
        starts.push(i)
        identities = 0
      }
    } else if (byte === closeBrace || byte === closeBracket) {
      if (depth === recordDepth && inRecord) {
        inRecord = false
        ends.push(i + 1)
      }
      depth--
      expectKey = false
    } else if (byte === comma && depth <= recordDepth) {
      expectKey = isObject[depth] === true
    }
  }
  return { starts, ends, impersonating, plainKeys }
}

/** The index of the closing quote. Most strings are short, where a loop beats a native search. */
function endOfString(json: Buffer, from: number): number {
  const near = Math.min(from + 32, json.length)
  let i = from
  while (i < near && json[i] !== quote && json[i] !== backslash) i++
  if (json[i] === quote) return i
  for (let end = json.indexOf(quote, i); ; end = json.indexOf(quote, end + 1)) {
    if (end === -1) return json.length
    let slashes = 0
    while (json[end - 1 - slashes] === backslash) slashes++
    if (slashes % 2 === 0) return end
  }
}

function unescape(json: Buffer, from: number, to: number): string {
  return String(JSON.parse(`"${json.toString('utf8', from, to)}"`))
}

function twice(key: string, call: string): UpstreamError {
  return new UpstreamError(
    'malformed',
    `${call}: the key ${JSON.stringify(key.slice(0, 100))} stands twice in one object`,
  )
}
