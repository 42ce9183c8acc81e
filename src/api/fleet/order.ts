import { compareVersions, parseVersion } from '../../model/version.ts'
import { atMost, bad, list } from '../parameters.ts'
import { printable } from '../problem.ts'
import type { Field, FieldInfo, FieldType, FieldValue } from './fields.ts'

/** One key of `sort=-age_s,region_name`. */
export interface SortKey {
  readonly field: string
  readonly descending: boolean
}

/** Throws a 400 `Problem`. */
export function parseSort(fields: readonly FieldInfo[], query: URLSearchParams): readonly SortKey[] {
  const sortable = fields.filter(
    ({ type }) => !['list', 'labels', 'object', 'objects', 'counts'].includes(type),
  )
  return atMost('sort', list(query, 'sort')).map((text) => {
    const name = text.replace(/^-/, '')
    if (!sortable.some((field) => field.name === name)) {
      const names = sortable.map((field) => field.name).join(', ')
      throw bad('sort', `"${printable(text)}" is none of ${names}`)
    }
    return { field: name, descending: text.startsWith('-') }
  })
}

type Key = readonly number[] | string | number | undefined

/** Rows in another order; those alike keep theirs, so that the order is total. What is unknown comes last. */
export function sorted<Row>(
  fields: readonly Field<Row>[],
  rows: readonly Row[],
  keys: readonly SortKey[],
  at: number,
): readonly Row[] {
  if (keys.length === 0) return rows
  const columns = keys.flatMap(({ field: name, descending }) => {
    const field = fields.find((each) => each.name === name)
    return field ? [{ values: rows.map((row) => keyOf(field.type, field.get(row, at))), descending }] : []
  })
  const order = rows.map((_, i) => i)
  order.sort((a, b) => {
    for (const { values, descending } of columns) {
      const difference = compare(values[a], values[b], descending)
      if (difference !== 0) return difference
    }
    return a - b
  })
  return order.map((i) => rows[i] as Row)
}

function keyOf(type: FieldType, value: FieldValue): Key {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  return type === 'version' && typeof value === 'string' ? parseVersion(value) : value
}

function compare(a: Key, b: Key, descending: boolean): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1
  const difference =
    typeof a === 'object' && typeof b === 'object' ? compareVersions(a, b) : a < b ? -1 : a > b ? 1 : 0
  return descending ? -difference : difference
}
