import { failureKinds } from '../../model/outcome.ts'
import type { FieldInfo, FieldType } from '../fleet/fields.ts'
import { parametersOf } from '../fleet/query.ts'
import type { ListResource, Resource } from '../fleet/resource.ts'
import { filtersOf } from './field-filters.ts'
import { readParameters } from './merged-paths.ts'
import { json, type Operation, type Parameter, type Paths } from './operation.ts'
import { closed, count, instant, listOf, orNull, refTo, text, yesNo, type Schema } from './schema.ts'

const ofType: { readonly [T in FieldType]: Schema } = {
  string: text,
  boolean: yesNo,
  number: { type: 'number' },
  version: text,
  time: instant,
  list: listOf(text),
  labels: { type: 'object', additionalProperties: text },
  object: { type: 'object', additionalProperties: true },
  objects: listOf({ type: 'object', additionalProperties: true }),
  counts: { type: 'object', additionalProperties: count },
}

/** Parameters of every list, by their name in the document. */
export const listParameters = {
  sort: {
    name: 'sort',
    in: 'query',
    description: 'Fields to sort by, the first counts most; `-` before one turns it around',
    schema: listOf(text),
    explode: false,
  },
  fields: {
    name: 'fields',
    in: 'query',
    description: 'The fields that are told; all of them without it',
    schema: listOf(text),
    explode: false,
  },
  page_size: {
    name: 'page_size',
    in: 'query',
    description: 'How many are told at once',
    example: '50',
    schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
  },
  page_token: {
    name: 'page_token',
    in: 'query',
    description:
      '`next_page_token` of the page before, with the same question; 410 when its snapshot is gone',
    schema: { ...text, minLength: 1, maxLength: 512 },
  },
  details: {
    name: 'details',
    in: 'query',
    description: 'Whether `meta` tells of every region that is not fresh',
    example: 'true',
    schema: yesNo,
  },
} as const satisfies Record<string, Parameter>

const described: ReadonlySet<string> = new Set([
  ...Object.keys(readParameters),
  ...Object.keys(listParameters),
])

/** What every answer says of the regions that it is made from. */
export const metaSchema: Schema = closed(
  {
    snapshot: { ...text, description: 'The view of the fleet that the answer is made from' },
    generated_at: instant,
    complete: yesNo,
    regions: closed({
      total: count,
      fresh: count,
      stale: count,
      failed: count,
      unsupported: count,
      skipped: count,
    }),
    freshness: closed({ oldest: orNull(instant), p50_s: orNull(count), p99_s: orNull(count) }),
    reasons: {
      type: 'object',
      description: `Regions that are not fresh, by kind of failure (${failureKinds.join(', ')}) or reason of being skipped`,
      additionalProperties: count,
    },
    details: { type: 'object', additionalProperties: { type: 'object' } },
    details_left_off: count,
  },
  ['details', 'details_left_off'],
)

/** `regions/{name}` gives `FleetRegionsName`: the name of its record in the document. */
export function recordName({ path }: Pick<Resource, 'path'>): string {
  const words = path.split(/[^a-z]+/).filter((word) => word !== '')
  return `Fleet${words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('')}`
}

/** The records of the fleet's own API, each with every field. */
export function fleetRecords(resources: readonly Resource[]): Record<string, Schema> {
  return Object.fromEntries(resources.map((resource) => [recordName(resource), recordOf(resource.fields)]))
}

function recordOf(fields: readonly FieldInfo[]): Schema {
  const hidden = fields.filter(({ onRequest, optional }) => onRequest || optional).map(({ name }) => name)
  return closed(Object.fromEntries(fields.map((field) => [field.name, schemaOf(field)])), hidden)
}

function schemaOf({ type, values, nullable = false, members, about }: FieldInfo): Schema {
  if (members && type === 'objects') return { ...listOf(recordOf(members)), description: about }
  if (type === 'list') return { ...listOf({ ...text, ...(values && { enum: values }) }), description: about }
  const schema: Schema = {
    ...(members ? recordOf(members) : ofType[type]),
    ...(values && { enum: values }),
    description: about,
  }
  if (!nullable) return schema
  return { ...orNull(schema), ...(values && { enum: [...values, null] }) }
}

/** The fleet's own API, from its table. */
export function fleetPaths(resources: readonly Resource[]): Paths {
  return Object.fromEntries(
    resources.map((resource) => [`/fleet/v1/${resource.path}`, { get: operationOf(resource) }]),
  )
}

function operationOf(resource: Resource): Operation {
  const { path, about, fields } = resource
  const isList = 'list' in resource
  return {
    operationId: `fleet_${path.replaceAll(/[^a-z]+/g, '_')}`.replace(/_$/, ''),
    tags: ["The fleet's own view"],
    summary: about,
    parameters: [
      ...(path.includes('{id}') ? [idParameter] : []),
      ...(isList ? fields.flatMap(filtersOf).filter(({ name }) => !described.has(name)) : []),
      ...parametersOf(resource)
        .filter((each) => described.has(each))
        .map((each) => refTo('parameters', each)),
      ...(resource.parameters ?? []).map(({ name, about: description }) => {
        return { name, in: 'query' as const, description, schema: text }
      }),
    ],
    responses: {
      200: {
        description: isList ? 'One page' : 'As it is now',
        content: {
          ...json(isList ? pageOf(resource) : oneOf(resource)),
          ...(resource.byRegion && { 'application/x-ndjson': { schema: lines } }),
        },
      },
      ...details(400, 401, 403, 404, 410, 429, 500, 503),
    },
  }
}

const lines: Schema = {
  ...text,
  description:
    'A JSON text a line: `header`, a `region` for each as it answers, `heartbeat` in between, and always a `summary`',
}

function pageOf(resource: ListResource): Schema {
  const some: Schema = { ...recordOf(resource.fields), required: [] }
  const record = refTo('schemas', recordName(resource))
  return closed({
    items: listOf({ anyOf: [record, { ...some, description: 'With `fields`' }] }),
    next_page_token: orNull(text),
    total: count,
    ...Object.fromEntries(resource.besideFields.map((field) => [field.name, schemaOf(field)])),
    meta: refTo('schemas', 'Meta'),
  })
}

function oneOf(resource: Resource): Schema {
  return closed({ item: refTo('schemas', recordName(resource)), meta: refTo('schemas', 'Meta') })
}

const idParameter: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Its name or id',
  schema: { ...text, minLength: 1 },
}

/** Errors of the fleet's own door are told as RFC 9457 has it. */
export function details(...statuses: readonly number[]): Record<string, { readonly $ref: string }> {
  return Object.fromEntries(statuses.map((status) => [status, refTo('responses', `Details${status}`)]))
}
