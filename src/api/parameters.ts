import { patchingShow, usmShow, type ReleaseFilter } from '../fleet/filter.ts'
import type { Selection } from '../fleet/select.ts'
import type { ReadCall } from '../model/calls.ts'
import { parseDuration } from '../model/duration.ts'
import { Problem, printable } from './problem.ts'

/** What can be asked of every answer about many regions: which ones, how old, how complete. Times in ms. */
export interface CommonQuery {
  readonly selection: Selection
  readonly maxAge: number | undefined
  readonly deadline: number | undefined
  /** The share of the regions that must be fresh, 0 to 1. */
  readonly minCompleteness: number
  /** Exact names of regions that must be fresh. */
  readonly require: readonly string[]
}

/** What a merged read asks for, checked. */
export interface ReadQuery extends CommonQuery {
  readonly filter: ReleaseFilter
  readonly with: readonly string[]
}

/** The parameters that `parseCommon` reads. */
export const commonParameters = [
  'region_name',
  'group',
  'selector',
  'max_age',
  'deadline',
  'min_completeness',
  'require',
  'partial',
] as const

/** How long a caller waits for regions, ms, where it does not say. */
export const defaultDeadline = 10_000
const longestDeadline = 60_000
const longestValue = 64 * 1024
/** Each is compared with every region of the fleet. */
const mostPatterns = 100
/** Each costs a look at every record. */
const mostFields = 16

/** Reads a query string by the table's row. Throws a 400 `Problem` that names the parameter and what is allowed. */
export function parseReadQuery(call: ReadCall, query: URLSearchParams): ReadQuery {
  const allowed: readonly string[] = [...commonParameters, 'with', ...call.parameters]
  for (const name of query.keys()) {
    if (!allowed.includes(name)) throw bad(name, `unknown here; allowed are ${allowed.join(', ')}`)
  }
  return { ...parseCommon(query), filter: parseFilter(call, query), with: fields(query) }
}

/** Reads selection, age and completeness. Throws a 400 `Problem`. */
export function parseCommon(query: URLSearchParams): CommonQuery {
  return {
    selection: parseSelection(query),
    maxAge: optional(query, 'max_age', parseMaxAge),
    deadline: optional(query, 'deadline', parseDeadline),
    minCompleteness: Math.max(
      optional(query, 'min_completeness', parseShare) ?? 0,
      optional(query, 'partial', parsePartial) ?? 0,
    ),
    require: [...new Set(list(query, 'require'))],
  }
}

/** Reads which regions are meant. Throws a 400 `Problem`. */
export function parseSelection(query: URLSearchParams): Selection {
  return {
    names: names(query),
    groups: [...new Set(atMost('group', list(query, 'group')))],
    labels: atMost('selector', list(query, 'selector')).map(parseRequirement),
  }
}

/** The parameters that `parseSelection` reads. */
export const selectionParameters: readonly string[] = ['region_name', 'group', 'selector']

function parseFilter(call: ReadCall, query: URLSearchParams): ReleaseFilter {
  const states = call.service === 'usm' ? usmShow : patchingShow
  const show = optional(query, 'show', (text) => {
    const state = text.toLowerCase()
    if (!states.has(state)) throw bad('show', `not a state; allowed are ${[...states].join(', ')}`)
    return state
  })
  const release = optional(query, 'release', (text) => {
    if (text === '' || text.length > 256) throw bad('release', 'not an id or a version such as 24.09')
    return text
  })
  return { ...(show !== undefined && { show }), ...(release !== undefined && { release }) }
}

function parseRequirement(text: string): Selection['labels'][number] {
  const [, label, operator, value] = /^([^=!]+?)(!=|==?)([^=!]*)$/.exec(text) ?? []
  if (label === undefined || value === undefined) throw bad('selector', 'write label=value or label!=value')
  return { label, value, equal: operator !== '!=' }
}

function parseMaxAge(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw bad('max_age', 'not a duration: write 0, 30s or 5m')
  return ms
}

function parseDeadline(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms <= 0 || ms > longestDeadline) {
    throw bad('deadline', `not a duration of at most ${longestDeadline / 1000} s: write 2s or 500ms`)
  }
  return ms
}

function parseShare(text: string): number {
  if (!/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/.test(text)) throw bad('min_completeness', 'a number from 0 to 1')
  return Number(text)
}

function parsePartial(text: string): number {
  if (text !== 'deny' && text !== 'allow') throw bad('partial', 'allowed are allow, deny')
  return text === 'deny' ? 1 : 0
}

/** A parameter that may be given once. */
export function optional<T>(query: URLSearchParams, name: string, parse: (text: string) => T): T | undefined {
  const values = query.getAll(name)
  if (values.length > 1) throw bad(name, 'given more than once')
  return values[0] === undefined ? undefined : parse(values[0])
}

/** Exact names are looked up, as many as there are; each glob is tried on every region. */
function names(query: URLSearchParams): readonly string[] {
  const all = list(query, 'region_name')
  atMost(
    'region_name',
    all.filter((name) => name.includes('*')),
    'values with *',
  )
  return all
}

/** Throws a 400 `Problem` where there are more values than are worth a look at each region. */
export function atMost(name: string, values: readonly string[], what = 'values'): readonly string[] {
  if (values.length > mostPatterns) throw bad(name, `at most ${mostPatterns} ${what}`)
  return values
}

function fields(query: URLSearchParams): readonly string[] {
  const names = [...new Set(list(query, 'with'))]
  if (names.length > mostFields) throw bad('with', `at most ${mostFields} fields`)
  return names
}

/** A comma list, a repeated parameter, or both. */
export function list(query: URLSearchParams, name: string): readonly string[] {
  const texts = query.getAll(name)
  if (texts.length === 0) return []
  const values = texts.flatMap((text) => text.split(',')).map((value) => value.trim())
  if (values.includes('')) throw bad(name, 'an empty value')
  if (texts.some((text) => text.length > longestValue)) throw bad(name, 'too long')
  return values
}

export function bad(name: string, allowed: string): Problem {
  return new Problem(400, 'bad-parameter', `parameter "${printable(name)}": ${allowed}`)
}
