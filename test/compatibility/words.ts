import { matchCall, segmentsOf, type MatchedPath } from '../../src/api/region-path.ts'
import type { Method } from '../../src/model/region-call.ts'
import type { Service } from '../../src/model/region.ts'

/** What each placeholder stands for; a region has its own. */
export interface Example {
  readonly id: string
  readonly required: string
  readonly host: string
  readonly region: string
  readonly file: string
  readonly file2: string
  readonly path: string
}

export const someExample: Example = {
  id: 'starlingx-1.2.2',
  required: 'starlingx-1.2.1',
  host: 'controller-1',
  region: 'region-1',
  file: 'one.patch',
  file2: 'two.patch',
  path: '/home/sysadmin/three.patch',
}

export function filled(words: string, example: Example): string {
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => example[name as keyof Example] ?? whole)
}

/** The other way round. */
export function spelled(text: string, example: Example): string {
  const longestFirst = Object.entries(example).toSorted(([, a], [, b]) => b.length - a.length)
  return longestFirst.reduce((spelt, [name, value]) => spelt.replaceAll(value, `{${name}}`), text)
}

/** A request, as words tell of it. */
export interface Asked {
  readonly method: Method
  readonly path: string
  /** Empty, or beginning with `?`. */
  readonly query: string
  readonly json?: unknown
  readonly files: readonly string[]
}

export function askedBy(words: string, example: Example): Asked {
  const [, method, path = '', query = '', body = ''] = /^(\w+) ([^ ?]+)(\?\S*)? ?(.*)$/.exec(words) ?? []
  const isJson = body.includes('"')
  const at = { method: method as Method, path: filled(path, example), query: filled(query, example) }
  if (isJson) return { ...at, json: JSON.parse(filled(body, example)), files: [] }
  return { ...at, files: body === '' ? [] : filled(body, example).split(' ') }
}

/** Words for a request. An empty JSON object is left out: upstream's own client sends one where nothing is to be said. */
export function wordsOf({ method, path, query, json, files }: Asked, example: Example): string {
  const text = json === undefined || json === null ? '' : JSON.stringify(json)
  const words = [method, path + query, ...(text === '' || text === '{}' ? [] : [text]), ...files]
  return spelled(words.join(' '), example)
}

/** Which row of the table the words are; throws a `Problem` where they are none. */
export function matchWords(service: Service, words: string, example = someExample): MatchedPath {
  const { method, path } = askedBy(words, example)
  const [matched] = matchCall(method, segmentsOf(path), service)
  if (matched === undefined) throw new Error(`${words} is not in the table`)
  return matched
}
