import { compareVersions, parseVersion, versionCovers } from '../../model/version.ts'
import { parseDuration } from '../../model/duration.ts'
import { atMost, bad, list } from '../parameters.ts'
import type { Field, FieldInfo, FieldType, FieldValue } from './fields.ts'

/** `field=a,b` is one of them; the others are written after a dot: `sw_version.lt=24.09.3`. */
export const operators = ['ne', 'lt', 'le', 'gt', 'ge', 'prefix'] as const
type Operator = 'eq' | (typeof operators)[number]

const ordered: readonly Operator[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge']
const words: readonly Operator[] = ['eq', 'ne', 'prefix']

/** Which operators a type has; none: it can't be filtered by. */
export const operatorsOf: { readonly [Type in FieldType]: readonly Operator[] } = {
  string: words,
  boolean: ['eq', 'ne'],
  number: ordered,
  version: [...ordered, 'prefix'],
  time: ordered,
  list: ['eq', 'ne'],
  labels: words,
  object: [],
  objects: [],
  counts: [],
}

type Test = (value: FieldValue) => boolean
/** What a caller wants of one field. */
export interface Condition {
  readonly field: string
  /** Of the field `labels`: which one. */
  readonly label?: string
  readonly test: Test
}

/** Reads every parameter that is a filter on one of these fields, and no other parameter. Throws a 400 `Problem`. */
export function parseConditions(
  fields: readonly FieldInfo[],
  query: URLSearchParams,
  parameters: readonly string[],
): readonly Condition[] {
  const conditions: Condition[] = []
  for (const key of new Set(query.keys())) {
    // `region_name=b*` selects; a subcloud's name would be no region's.
    if (parameters.includes(key)) continue
    const meant = meaningOf(fields, key)
    if (meant === undefined) continue
    const { field, label, operator } = meant
    if (!operatorsOf[field.type].includes(operator)) {
      throw bad(key, `possible are ${operatorsOf[field.type].map((each) => written(field, each)).join(', ')}`)
    }
    const texts = atMost(key, list(query, key))
    conditions.push({
      field: field.name,
      ...(label !== undefined && { label }),
      test: testOf(field, operator, texts, key),
    })
  }
  return conditions
}

/** Which field and operator a parameter's name is; undefined where it is none. */
function meaningOf(
  fields: readonly FieldInfo[],
  key: string,
): { readonly field: FieldInfo; readonly label?: string; readonly operator: Operator } | undefined {
  const dot = key.lastIndexOf('.')
  const end = key.slice(dot + 1)
  const operator = dot === -1 ? undefined : operators.find((each) => each === end)
  const name = operator === undefined ? key : key.slice(0, dot)
  const label = /^label\.(.+)$/.exec(name)?.[1]
  const field = fields.find((each) =>
    label === undefined ? each.name === name && filterable(each) : each.type === 'labels',
  )
  return field && { field, ...(label !== undefined && { label }), operator: operator ?? 'eq' }
}

function filterable({ type }: FieldInfo): boolean {
  return type !== 'labels' && operatorsOf[type].length > 0
}

function written({ name, type }: FieldInfo, operator: Operator): string {
  const base = type === 'labels' ? 'label.NAME' : name
  return operator === 'eq' ? `${base}=` : `${base}.${operator}=`
}

function testOf(field: FieldInfo, operator: Operator, texts: readonly string[], key: string): Test {
  if (operator === 'eq' || operator === 'ne') {
    const tests = texts.map((text) => equalTo(field, text, key))
    const some: Test = (value) => tests.some((test) => test(value))
    return operator === 'eq' ? some : (value) => !some(value)
  }
  if (operator === 'prefix') {
    return (value) => typeof value === 'string' && texts.some((text) => value.startsWith(text))
  }
  const [text, ...more] = texts
  if (text === undefined || more.length > 0) throw bad(key, 'one value, not a list')
  const difference = differenceFrom(field.type, text, key)
  const holds = ordering[operator]
  return (value) => {
    const found = difference(value)
    return found !== undefined && holds(found)
  }
}

const ordering = {
  lt: (difference: number) => difference < 0,
  le: (difference: number) => difference <= 0,
  gt: (difference: number) => difference > 0,
  ge: (difference: number) => difference >= 0,
}

function equalTo(field: FieldInfo, text: string, key: string): Test {
  const { type, values, nullable = false } = field
  if (type === 'labels') return text === 'null' ? (value) => value === null : (value) => value === text
  if (nullable && (text === 'null' || (type === 'boolean' && text === 'unknown'))) {
    return (value) => value === null
  }
  switch (type) {
    case 'boolean': {
      if (text !== 'true' && text !== 'false') {
        throw bad(key, `allowed are true, false${nullable ? ', unknown' : ''}`)
      }
      return (value) => value === (text === 'true')
    }
    case 'version': {
      const wanted = parseVersion(text)
      if (wanted === undefined) return (value) => value === text
      return (value) => {
        const own = typeof value === 'string' ? parseVersion(value) : undefined
        return own !== undefined && versionCovers(wanted, own)
      }
    }
    case 'number':
    case 'time': {
      const difference = differenceFrom(type, text, key)
      return (value) => difference(value) === 0
    }
    case 'string':
    case 'list':
    case 'object':
    case 'objects':
    case 'counts': {
      if (values && !values.includes(text)) {
        throw bad(key, `allowed are ${[...values, ...(nullable ? ['null'] : [])].join(', ')}`)
      }
      return (value) => isOrHolds(value, text)
    }
  }
}

function isOrHolds(value: FieldValue, text: string): boolean {
  return value === text || (Array.isArray(value) && value.includes(text))
}

/** Below 0 where the value comes before what was written; undefined where the two can't be compared. */
function differenceFrom(
  type: FieldType,
  text: string,
  key: string,
): (value: FieldValue) => number | undefined {
  if (type === 'version') {
    const wanted = parseVersion(text)
    if (wanted === undefined) throw bad(key, 'not a version: write 24.09.3')
    return (value) => {
      const own = typeof value === 'string' ? parseVersion(value) : undefined
      return own && compareVersions(own, wanted)
    }
  }
  const wanted = type === 'time' ? instant(text, key) : amount(text, key)
  return (value) => (typeof value === 'number' ? value - wanted : undefined)
}

function instant(text: string, key: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(ms)) throw bad(key, 'not an RFC 3339 time: write 2026-01-15T06:00:00Z')
  return ms
}

/** A number, or a duration in seconds: `age_s.gt=10m`. */
function amount(text: string, key: string): number {
  if (/^-?\d{1,15}(\.\d{1,9})?$/.test(text)) return Number(text)
  const ms = /_s(\.|$)/.test(key) ? parseDuration(text) : undefined
  if (ms === undefined) throw bad(key, 'not a number')
  return ms / 1000
}

/** Whether a row meets them all; undefined where there is nothing to look at. */
export function predicateOf<Row>(
  fields: readonly Field<Row>[],
  conditions: readonly Condition[],
  at: number,
): ((row: Row) => boolean) | undefined {
  const tests = conditions.flatMap(({ field: name, label, test }) => {
    const field = fields.find((each) => each.name === name)
    if (field === undefined) return []
    const { get } = field
    if (label === undefined) return [(row: Row) => test(get(row, at))]
    return [(row: Row) => test(labelOf(get(row, at), label))]
  })
  return tests.length === 0 ? undefined : (row) => tests.every((test) => test(row))
}

function labelOf(labels: FieldValue, label: string): string | null {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return null
  const value = Object.hasOwn(labels, label) ? (labels as Record<string, unknown>)[label] : undefined
  return typeof value === 'string' ? value : null
}

/** The filters among a query's parameters, and how all that there are are written. */
export function filterNames(
  fields: readonly FieldInfo[],
  query: URLSearchParams,
): { readonly used: readonly string[]; readonly all: readonly string[] } {
  return {
    used: [...query.keys()].filter((key) => meaningOf(fields, key) !== undefined),
    all: fields
      .filter(({ type }) => operatorsOf[type].length > 0)
      .map(({ name, type }) => (type === 'labels' ? 'label.NAME' : name)),
  }
}
