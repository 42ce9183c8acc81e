/** What a field holds, and with it how it is filtered and sorted. */
export type FieldType =
  | 'string'
  | 'boolean'
  | 'number'
  /** Dotted numbers: 24.09.10 is newer than 24.09.9. */
  | 'version'
  /** An instant; ms since the epoch here, RFC 3339 on the wire. */
  | 'time'
  /** Several strings. */
  | 'list'
  /** The inventory's labels, filtered as `label.NAME`. */
  | 'labels'
  /** For reading only: neither filtered nor sorted. */
  | 'object'
  /** Several of these. */
  | 'objects'
  /** Numbers by word. */
  | 'counts'

/** One field of a resource, as routes, checks and documents are made from it. */
export interface FieldInfo {
  readonly name: string
  readonly type: FieldType
  /** The only words that there are; any where undefined. */
  readonly values?: readonly string[]
  readonly nullable?: boolean
  /** Told only where `fields` names it; filtered and sorted by like any other. */
  readonly onRequest?: boolean
  /** What is in an object; anything where undefined. */
  readonly members?: readonly FieldInfo[]
  /** Of a member: it may be missing. */
  readonly optional?: boolean
  readonly about: string
}

/** A field, and where it comes from. */
export interface Field<Row> extends FieldInfo {
  /** `at`: the instant (ms since the epoch) that ages are told as of. */
  readonly get: (row: Row, at: number) => FieldValue
}

/** What a field is told as. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly string[]
  | Readonly<Record<string, unknown>>

/** Whole seconds since an instant, never less than 0. */
export function ageAt(at: number, since: number): number {
  return Math.max(0, Math.floor((at - since) / 1000))
}

/** A record of a row: the fields in the table's order, times as text. */
export function toRecord<Row>(
  fields: readonly Field<Row>[],
  row: Row,
  at: number,
): Readonly<Record<string, FieldValue>> {
  const record: Record<string, FieldValue> = {}
  for (const { name, type, get } of fields) {
    const value = get(row, at)
    record[name] = type === 'time' && typeof value === 'number' ? new Date(value).toISOString() : value
  }
  return record
}
