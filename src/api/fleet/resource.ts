import type { RegionDiary } from '../../fleet/diary.ts'
import type { Part } from '../../fleet/region-status.ts'
import type { Scope } from '../../fleet/select.ts'
import type { Region, Service } from '../../model/region.ts'
import { predicateOf, type Condition } from './conditions.ts'
import { toRecord, type Field, type FieldInfo, type FieldValue } from './fields.ts'
import type { Judged } from './meta.ts'
import { sorted, type SortKey } from './order.ts'
import type { Shown } from './views.ts'

/** A parameter of one resource alone. */
export interface OwnParameter {
  readonly name: string
  readonly about: string
}

/** What every resource of the fleet's own API says of itself: routes, checks and documents are made from it. */
export interface ResourceInfo {
  /** Its path below `/fleet/v1/`; `{id}` stands for one segment. */
  readonly path: string
  readonly about: string
  /** What of a region must be fresh for the region to count as fresh. */
  readonly parts: readonly Part[]
  /** It tells of every region whatever became of it; else an answer without any data is none. */
  readonly ofInventory?: boolean
  /** Each row is one region's alone: it can be told as regions answer. */
  readonly byRegion?: boolean
  /** `{id}` names a region: the only one that it is about. */
  readonly ofRegion?: boolean
  readonly parameters?: readonly OwnParameter[]
}

/** What an answer is made of. */
export interface Asked {
  readonly shown: Shown
  /** The selected ones, in the order of their names. */
  readonly regions: readonly Judged[]
  /** What stands in the path for `{id}`. */
  readonly id: string
  /** What the caller may see at all, selected or not. */
  readonly scope: Scope
  /** A parameter of the resource's own. */
  readonly parameter: (name: string) => string | undefined
  readonly memory: RegionMemory
}

/** What is known of regions beside their answers. */
export interface RegionMemory {
  readonly diaryOf: (region: Region) => RegionDiary
  /** The dialect of a service, and what told it; undefined while that is not found out. */
  readonly dialectOf: (
    region: Region,
    service: Service,
  ) => { readonly name: string; readonly evidence: string | undefined } | undefined
  /** When its earliest back-off ends, ms since the epoch. */
  readonly retryAt: (region: Region) => number | undefined
}

/** A list: rows of fields, that can be filtered, sorted and paged through. */
export interface Described<Row> extends ResourceInfo {
  readonly fields: readonly Field<Row>[]
  /** By region name, then by id: the order of every answer, and of what sorts alike. */
  readonly rows: (asked: Asked) => readonly Row[]
  readonly beside?: Beside<Row>
}

/** What is told beside the items, of all rows that there are. */
export interface Beside<Row> {
  readonly fields: readonly FieldInfo[]
  readonly of: (asked: Asked, rows: readonly Row[]) => Readonly<Record<string, unknown>>
}

/** How a list is wanted. */
export interface Wanted {
  readonly conditions: readonly Condition[]
  readonly sort: readonly SortKey[]
  /** Those told by default where undefined. */
  readonly fields: readonly string[] | undefined
}

/** A list without the type of its rows. */
export interface ListResource extends ResourceInfo {
  readonly fields: readonly FieldInfo[]
  readonly besideFields: readonly FieldInfo[]
  readonly list: (asked: Asked, wanted: Wanted) => Listed
}

/** One thing, as one object. */
export interface OneResource extends ResourceInfo {
  readonly fields: readonly FieldInfo[]
  readonly one: (asked: Asked) => Readonly<Record<string, unknown>>
}

export type Resource = ListResource | OneResource

/** All that was found; records are made only of what is sent. */
export interface Listed {
  readonly total: number
  readonly page: (from: number, size: number) => readonly Readonly<Record<string, FieldValue>>[]
  readonly beside: Readonly<Record<string, unknown>>
}

export function toResource<Row>(described: Described<Row>): ListResource {
  const { fields, rows, beside, ...info } = described
  return {
    ...info,
    fields,
    besideFields: beside?.fields ?? [],
    list(asked, { conditions, sort, fields: chosen }) {
      const { at } = asked.shown
      const keep = predicateOf(fields, conditions, at)
      const all = rows(asked)
      const found = sorted(fields, keep ? all.filter(keep) : all, sort, at)
      const told = fields.filter(({ name, onRequest }) => (chosen ? chosen.includes(name) : !onRequest))
      return {
        total: found.length,
        page: (from, size) => found.slice(from, from + size).map((row) => toRecord(told, row, at)),
        beside: beside?.of(asked, all) ?? {},
      }
    },
  }
}
