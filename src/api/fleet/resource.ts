import type { Part } from '../../fleet/region-status.ts'
import { predicateOf, type Condition } from './conditions.ts'
import { toRecord, type Field, type FieldInfo, type FieldValue } from './fields.ts'
import type { Judged } from './meta.ts'
import { sorted, type SortKey } from './order.ts'
import type { Shown } from './views.ts'

/** A list of the fleet's own API, as a row of its table. */
export interface Described<Row> {
  /** Its path below `/fleet/v1/`; `{id}` stands for one segment. */
  readonly path: string
  readonly about: string
  /** What of a region must be fresh for the region to count as fresh. */
  readonly parts: readonly Part[]
  /** It tells of every region whatever became of it; else an answer without any data is none. */
  readonly ofInventory?: boolean
  readonly fields: readonly Field<Row>[]
  /** By region name, then by id: the order of every answer, and of what sorts alike. */
  readonly rows: (asked: Asked) => readonly Row[]
}

/** What a list is made of. */
export interface Asked {
  readonly shown: Shown
  /** The selected ones, in the order of their names. */
  readonly regions: readonly Judged[]
  /** What stands in the path for `{id}`. */
  readonly id: string
}

/** How a list is wanted. */
export interface Wanted {
  readonly conditions: readonly Condition[]
  readonly sort: readonly SortKey[]
  /** All of them where undefined. */
  readonly fields: readonly string[] | undefined
}

/** A list without the type of its rows. */
export interface Resource {
  readonly path: string
  readonly about: string
  readonly parts: readonly Part[]
  readonly ofInventory: boolean
  readonly fields: readonly FieldInfo[]
  readonly list: (asked: Asked, wanted: Wanted) => Listed
}

/** All that was found; records are made only of what is sent. */
export interface Listed {
  readonly total: number
  readonly page: (from: number, size: number) => readonly Readonly<Record<string, FieldValue>>[]
}

export function toResource<Row>(described: Described<Row>): Resource {
  const { path, about, parts, ofInventory = false, fields, rows } = described
  return {
    path,
    about,
    parts,
    ofInventory,
    fields,
    list(asked, { conditions, sort, fields: chosen }) {
      const { at } = asked.shown
      const keep = predicateOf(fields, conditions, at)
      const all = rows(asked)
      const found = sorted(fields, keep ? all.filter(keep) : all, sort, at)
      const told = chosen ? fields.filter(({ name }) => chosen.includes(name)) : fields
      return {
        total: found.length,
        page: (from, size) => found.slice(from, from + size).map((row) => toRecord(told, row, at)),
      }
    },
  }
}
