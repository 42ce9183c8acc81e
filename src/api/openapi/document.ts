import { eventParameters } from '../events.ts'
import { fleetResources } from '../fleet/resources.ts'
import { changeTypes } from '../../fleet/view-changes.ts'
import { problemTypes } from '../problem-types.ts'
import { details, fleetPaths, fleetRecords, listParameters, metaSchema } from './fleet-paths.ts'
import { mergedPaths, readParameters } from './merged-paths.ts'
import { json, problems, type Operation, type Paths, type ResponseObject } from './operation.ts'
import { records } from './records.ts'
import { regionPaths, solePaths } from './region-paths.ts'
import { open, refTo, text, type Schema } from './schema.ts'
import { whoAmI } from './who-am-i.ts'

/** An OpenAPI 3.1 document, as far as ours goes. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: Readonly<Record<string, unknown>>
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly paths: Paths
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, unknown>>
    readonly parameters: Readonly<Record<string, unknown>>
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, ResponseObject>>
  }
}

const statuses = [400, 401, 403, 404, 409, 410, 413, 429, 500, 502, 503, 504]
const slugs = Object.keys(problemTypes).map((slug) => `/problems/${slug}`)

/** All three doors, made from the tables that routes are made from. `version` is the gateway's. */
export function openApi(version: string): OpenApi {
  return {
    openapi: '3.1.0',
    info: {
      title: 'StarlingX Fleet Gateway',
      version,
      description:
        'The USM and Patching APIs of many StarlingX regions as one. No region ever vanishes from an answer; what is not known is never told as current.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: "The fleet's own view", description: 'The same for every release of StarlingX' },
      { name: 'The fleet, upstream', description: "Upstream's own paths and words, for many regions" },
      { name: 'One region', description: "Upstream's own paths and words, for existing clients" },
    ],
    security: [{ bearer: [] }, { token: [] }, { oidc: [] }],
    paths: {
      ...fleetPaths(fleetResources),
      '/fleet/v1/events': { get: events },
      '/fleet/v1/whoami': { get: whoAmI },
      ...together(mergedPaths(), solePaths(), versionPaths),
      ...regionPaths(),
      '/metrics': { get: metrics },
      '/openapi.json': { get: openly('openapi', 'This document', 'application/json', { type: 'object' }) },
      '/docs': { get: openly('docs', 'This document as a page', 'text/html', text) },
    },
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A JWT of a configured issuer, or a token of Keystone',
        },
        token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token', description: 'The same' },
        oidc: { type: 'apiKey', in: 'header', name: 'OIDC-Token', description: 'The same' },
      },
      parameters: { ...readParameters, ...listParameters },
      schemas: {
        ...records,
        ...fleetRecords(fleetResources),
        Meta: metaSchema,
        Problem: problem,
        Details: rfc9457,
      },
      responses: Object.fromEntries(
        statuses.flatMap((status) => [
          [`Problem${status}`, errorOf(status, 'application/json', 'Problem')],
          [`Details${status}`, errorOf(status, 'application/problem+json', 'Details')],
        ]),
      ),
    },
  }
}

function errorOf(status: number, type: string, schema: string): ResponseObject {
  return { description: `HTTP ${status}`, content: { [type]: { schema: refTo('schemas', schema) } } }
}

/** What StarlingX's own command lines can print. */
const problem = open(
  {
    info: text,
    warning: text,
    error: { ...text, minLength: 1 },
    type: { ...text, enum: slugs },
    status: { type: 'integer' },
    detail: text,
    instance: { ...text, description: 'The request id' },
  },
  ['error'],
)
const rfc9457 = open({
  type: { ...text, enum: slugs },
  title: text,
  status: { type: 'integer' },
  detail: text,
  instance: { ...text, description: 'The request id' },
})

const events: Operation = {
  operationId: 'fleet_events',
  tags: ["The fleet's own view"],
  summary: 'What changes, as server-sent events',
  description: `Events are ${changeTypes.join(', ')}; \`bookmark\` keeps the stream and the caller's place, \`gone\` says that events were missed: read the lists again. \`end\` says why the stream ends.`,
  parameters: eventParameters.map((name) =>
    name in readParameters
      ? refTo('parameters', name)
      : {
          name,
          in: 'query' as const,
          description:
            name === 'type' ? 'Types of events, by commas' : 'As the header `Last-Event-ID`: where to go on',
          schema: text,
        },
  ),
  responses: {
    200: { description: 'A stream without end', content: { 'text/event-stream': { schema: text } } },
    ...details(400, 401, 403, 404, 429, 500),
  },
}

const metrics: Operation = {
  operationId: 'metrics',
  tags: ["The fleet's own view"],
  summary: "The caller's regions as Prometheus metrics",
  responses: {
    200: { description: 'An exposition', content: { 'text/plain': { schema: text } } },
    ...problems(400, 401, 403, 429, 500),
  },
}

function openly(operationId: string, summary: string, type: string, schema: Schema): Operation {
  return {
    operationId,
    tags: ["The fleet's own view"],
    summary,
    security: [],
    responses: { 200: { description: summary, content: { [type]: { schema } } } },
  }
}

const versionPaths: Paths = Object.fromEntries(
  ['/', '/v1'].map((path) => [
    path,
    {
      get: {
        operationId: path === '/' ? 'versions' : 'version',
        tags: ['The fleet, upstream'],
        summary: 'Which versions of the API there are',
        responses: {
          200: { description: 'The version document', content: json({ type: 'object' }) },
          ...problems(400, 401, 429, 500),
        },
      } satisfies Operation,
    },
  ]),
)

/** One path may be in several: its methods stand side by side. */
function together(...all: readonly Paths[]): Paths {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const [path, methods] of all.flatMap((each) => Object.entries(each))) {
    paths[path] = { ...paths[path], ...methods }
  }
  return paths
}
