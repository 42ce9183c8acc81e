import { bad, commonParameters, list, optional, parseCommon, type CommonQuery } from '../parameters.ts'
import { printable } from '../problem.ts'
import { filterNames, parseConditions } from './conditions.ts'
import type { FieldInfo } from './fields.ts'
import { parseSort } from './order.ts'
import type { Resource, Wanted } from './resource.ts'

/** What is asked of a resource, checked. */
export interface FleetQuery extends CommonQuery {
  readonly wanted: Wanted
  readonly pageSize: number
  readonly pageToken: string | undefined
  /** Every region that is not fresh is told with its reason. */
  readonly details: boolean
  readonly parameter: (name: string) => string | undefined
  /** All that the answer depends on, in one order: a page token is bound to it. */
  readonly canonical: string
}

const ofLists = ['sort', 'fields', 'page_size', 'page_token'] as const
/** Where the path says which region is meant. */
const ofOneRegion = ['max_age', 'deadline', 'min_completeness', 'partial'] as const
const defaultPage = 100
const largestPage = 1_000
const longestToken = 512

/** The parameters of a resource, filters aside. */
export function parametersOf(resource: Resource): readonly string[] {
  return [
    ...(resource.ofRegion ? ofOneRegion : commonParameters),
    'details',
    ...('list' in resource ? ofLists : []),
    ...(resource.parameters ?? []).map(({ name }) => name),
  ]
}

/** Throws a 400 `Problem` that names the parameter and what is allowed. */
export function parseFleetQuery(resource: Resource, query: URLSearchParams): FleetQuery {
  const fields = 'list' in resource ? resource.fields : []
  const parameters = parametersOf(resource)
  const filters = filterNames(fields, query)
  const known = new Set<string>([...parameters, ...filters.used])
  for (const name of query.keys()) {
    if (known.has(name)) continue
    throw bad(name, `unknown here; allowed are ${[...parameters, ...filters.all].join(', ')}`)
  }
  return {
    ...parseCommon(query),
    wanted: {
      conditions: parseConditions(fields, query, parameters),
      sort: parseSort(fields, query),
      fields: parseFields(fields, query),
    },
    pageSize: optional(query, 'page_size', parsePageSize) ?? defaultPage,
    pageToken: optional(query, 'page_token', (text) => {
      if (text === '' || text.length > longestToken) throw bad('page_token', 'not one of this gateway')
      return text
    }),
    details: optional(query, 'details', parseFlag) ?? false,
    parameter: (name) => optional(query, name, (text) => text),
    canonical: canonical(query),
  }
}

function parseFields(fields: readonly FieldInfo[], query: URLSearchParams): readonly string[] | undefined {
  const chosen = list(query, 'fields')
  if (chosen.length === 0) return undefined
  const names = fields.map(({ name }) => name)
  for (const name of chosen) {
    if (!names.includes(name)) throw bad('fields', `"${printable(name)}" is none of ${names.join(', ')}`)
  }
  return chosen
}

function parsePageSize(text: string): number {
  const size = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (size < 1 || size > largestPage) throw bad('page_size', `a number from 1 to ${largestPage}`)
  return size
}

function parseFlag(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw bad('details', 'allowed are true, false')
  return text === 'true'
}

function canonical(query: URLSearchParams): string {
  const entries = [...query].filter(([name]) => name !== 'page_token' && name !== 'page_size')
  return JSON.stringify(entries.sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1)))
}
