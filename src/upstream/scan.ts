import { UpstreamError } from './error.ts'

/** Where the records of a JSON text stand, found without parsing it again. */
export interface Scan {
  /** Offsets of each record's `{` and of the byte after its `}`. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Records that bring a `region_name` of their own, in any spelling. */
  readonly impersonating: ReadonlySet<number>
  /** False when some key of a record `isRespelt`. */
  readonly plainKeys: boolean
}

const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c

/** No real answer nests deeper than 6; readers of JSON that recurse, ours and callers', fail on thousands. */
export const deepest = 64

/** The keys that say what a record is about, each with a bit of its own. */
export const identityKeys = [
  { key: 'region_name', bit: 1 },
  { key: 'release_id', bit: 2 },
  { key: 'hostname', bit: 4 },
] as const

/**
 * Scans JSON that `JSON.parse` has accepted. Records are the objects at `recordDepth` (the root value is at
 * depth 1), only those under the root key `under` where one is given. Throws `malformed` where a key above the
 * records, or an identity key of a record, stands twice in one object: readers differ on which one counts.
 */
export function scanRecords(json: Buffer, recordDepth: number, call: string, under?: string): Scan {
  // Structure is ASCII, so one character per byte is right for it, and a string is searched faster than a Buffer.
  const text = json.toString('latin1')
  let nextBackslash = -1
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

  /** Escapes are rare: the next one is looked for only when the last one found lies behind. */
  function isEscaped(from: number, to: number): boolean {
    if (nextBackslash < from) {
      const found = text.indexOf('\\', from)
      nextBackslash = found === -1 ? text.length : found
    }
    return nextBackslash < to
  }

  function takeKey(from: number, to: number): void {
    if (depth === recordDepth) {
      if (inRecord) takeRecordKey(from, to)
      return
    }
    const key = unescape(json, from, to)
    const keys = seen[depth]
    if (keys?.has(key)) throw twice(key, call)
    keys?.add(key)
    if (depth === 1) rootKey = key
  }

  function takeRecordKey(from: number, to: number): void {
    const escaped = isEscaped(from, to)
    if (escaped && isRespelt(text.slice(from, to))) plainKeys = false
    const spelt = escaped ? unescape(json, from, to) : undefined
    for (const { key, bit } of identityKeys) {
      const same =
        spelt === undefined ? to - from === key.length && text.startsWith(key, from) : spelt === key
      if (!same) continue
      if (identities & bit) throw twice(key, call)
      identities |= bit
      if (key === 'region_name') impersonating.add(starts.length - 1)
    }
  }

  let at = 0
  while (at < text.length) {
    const opening = text.indexOf('"', at)
    const gapEnd = opening === -1 ? text.length : opening
    for (let i = at; i < gapEnd; i++) {
      const code = json[i]
      if (code === openBrace || code === openBracket) {
        depth++
        if (depth > deepest) throw new UpstreamError('malformed', `${call}: nested deeper than ${deepest}`)
        if (depth > recordDepth) continue
        isObject[depth] = code === openBrace
        expectKey = code === openBrace
        if (depth < recordDepth) seen[depth] = new Set()
        else if (code === openBrace && (under === undefined || rootKey === under)) {
          inRecord = true
          starts.push(i)
          identities = 0
        }
      } else if (code === closeBrace || code === closeBracket) {
        if (depth === recordDepth && inRecord) {
          inRecord = false
          ends.push(i + 1)
        }
        depth--
        expectKey = false
      } else if (code === comma && depth <= recordDepth) {
        expectKey = isObject[depth] === true
      }
    }
    if (opening === -1) break
    const closing = endOfString(text, opening + 1)
    if (expectKey) {
      if (depth <= recordDepth) takeKey(opening + 1, closing)
      expectKey = false
    }
    at = closing + 1
  }
  return { starts, ends, impersonating, plainKeys }
}

/** Whether JSON holds an escape for a visible ASCII character: those could all stand for themselves. */
export function isRespelt(text: string): boolean {
  for (let at = text.indexOf('\\u00'); at !== -1; at = text.indexOf('\\u00', at + 1)) {
    const next = text.charCodeAt(at + 4)
    if (next >= 0x32 && next <= 0x37) return true
  }
  return false
}

/** The index of the closing quote: the first one with an even number of backslashes before it. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
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
