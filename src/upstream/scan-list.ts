import type { JsonObject } from '../model/reading.ts'
import { deepest, identityKeys, isRespelt, type Scan } from './scan.ts'

/**
 * `scanRecords` for the ordinary list of objects at the root, without a look at each string. What must be there is
 * known from the parsed records; where the text holds no more places that look like it, each of them is the real
 * thing. Undefined where it holds more, as in strings or deeper down: then only a full scan can tell.
 */
export function scanList(json: Buffer, records: readonly JsonObject[]): Scan | undefined {
  const text = json.toString('latin1')
  // Where no key is respelt, each stands in the text as it is.
  if (records.length === 0 || isRespelt(text)) return undefined
  const having = identityKeys.map(({ key }) => records.filter((record) => Object.hasOwn(record, key)).length)
  for (const [i, { key }] of identityKeys.entries()) {
    const count = having[i] ?? 0
    if (count > 0 && (key === 'region_name' || timesAsKey(text, key) !== count)) return undefined
  }

  const starts = [text.indexOf('{')]
  const ends: number[] = []
  for (let at = text.indexOf('}'); at !== -1; at = text.indexOf('}', at + 1)) {
    const afterIt = skipSpace(text, at + 1)
    if (text[afterIt] !== ',') continue
    const next = skipSpace(text, afterIt + 1)
    if (text[next] !== '{') continue
    ends.push(at + 1)
    starts.push(next)
  }
  ends.push(text.lastIndexOf('}') + 1)
  if (starts.length !== records.length) return undefined

  const [braces, brackets] = [timesUpTo(text, '{'), timesUpTo(text, '[')]
  // What opens the list itself.
  brackets(starts[0] ?? 0)
  const shallow = ends.every((end) => braces(end) + brackets(end) < deepest)
  return shallow ? { starts, ends, impersonating: new Set(), plainKeys: true } : undefined
}

/** How often `"key":` stands there. Colons are rarer than quotes, so they are what is looked for. */
function timesAsKey(text: string, key: string): number {
  let count = 0
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    let end = at
    while (isSpace(text.charCodeAt(end - 1))) end--
    if (text.startsWith(`"${key}"`, end - key.length - 2)) count++
  }
  return count
}

/** How often it stands before an offset and was not counted yet: each byte is looked at once, however many ask. */
function timesUpTo(text: string, needle: string): (to: number) => number {
  let at = text.indexOf(needle)
  return (to) => {
    let count = 0
    for (; at !== -1 && at < to; at = text.indexOf(needle, at + 1)) count++
    return count
  }
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (isSpace(text.charCodeAt(at))) at++
  return at
}

/** What JSON counts as such. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
