import type { Service } from './region.ts'

export type Method = 'GET' | 'POST' | 'DELETE'

/** How long a write may take: regions work on it before they answer (docs/quirks.md, "Slow writes"). */
export const writeLimits = ['quick', 'precheck', 'host_deploy', 'upload'] as const
export type WriteLimit = (typeof writeLimits)[number]
/** ms. */
export type WriteTimeouts = { readonly [L in WriteLimit]: number }

/** One call of one region, by its documented path: a row of the table of calls. */
export interface RegionCall<Name extends string = string> {
  /** Also its name in the audit log. */
  readonly name: Name
  readonly service: Service
  /** A property of the row, never of the method: `sw-patch` reads by POST, real regions write by GET. */
  readonly kind: 'read' | 'write'
  readonly methods: readonly Method[]
  /**
   * The first is the documented one. `{id}` and `{host}` stand for one segment, `{ids}` for one or more, `{flags}`
   * for none or any of `force` and `rollback`.
   */
  readonly paths: readonly string[]
  /** What it takes: a read in its query, a write in its query or body. */
  readonly parameters: readonly string[]
  readonly limit: WriteLimit
  /** Why it is refused everywhere. */
  readonly refused?: string
  readonly summary: string
}

export interface Row {
  /** `POST /v1/deploy/abort`, or `GET|POST /v1/show/{ids}`. */
  readonly at: string | readonly string[]
  readonly parameters?: readonly string[]
  readonly limit?: WriteLimit
  readonly refused?: string
  readonly summary: string
}

/** Makes rows of one service, keyed by their names. */
export function toCalls<Name extends string>(
  service: Service,
  kind: RegionCall['kind'],
  rows: Readonly<Record<Name, Row>>,
): readonly RegionCall<Name>[] {
  return Object.entries<Row>(rows).map(
    ([name, { at, parameters = [], limit = 'quick', refused, summary }]) => {
      const places = [at].flat().map((place) => place.split(' '))
      const methods = (places[0]?.[0] ?? '').split('|') as Method[]
      return {
        name: name as Name,
        service,
        kind,
        methods,
        paths: places.map(([, path = '']) => path),
        parameters,
        limit,
        ...(refused !== undefined && { refused }),
        summary,
      }
    },
  )
}
