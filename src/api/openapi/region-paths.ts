import { regionCalls } from '../../model/region-calls.ts'
import type { Method, RegionCall } from '../../model/region-call.ts'
import { readCalls } from '../../model/calls.ts'
import { id } from './merged-paths.ts'
import {
  json,
  problems,
  wordsOf,
  type Content,
  type Operation,
  type Parameter,
  type Paths,
} from './operation.ts'
import { listOf, refTo, text, type Schema } from './schema.ts'

const region: Parameter = {
  name: 'region',
  in: 'path',
  required: true,
  description: 'A region name, or a subcloud name that only one region has',
  schema: { ...text, minLength: 1 },
}
const sole: Parameter = {
  name: 'region_name',
  in: 'query',
  required: true,
  description: 'The one region that is meant',
  schema: { ...text, minLength: 1 },
}
const host: Parameter = {
  name: 'host',
  in: 'path',
  required: true,
  description: 'A host of the region, by name or address',
  schema: { ...text, minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]*$' },
}
const service: Parameter = {
  name: 'service',
  in: 'query',
  description: 'Which of the two APIs is meant, where both have the path',
  schema: { ...text, enum: ['usm', 'patching'] },
}

/** One region, for existing clients: every call of both APIs under `/regions/{region}`. */
export function regionPaths(): Paths {
  return pathsOf(regionCalls, '/regions/{region}', 'One region', [region])
}

/** Writes, and reads that are not merged, of one region that `region_name` names. */
export function solePaths(): Paths {
  const merged = new Set(readCalls.flatMap(({ paths }) => paths.map((path) => `GET ${path}`)))
  const others = regionCalls.filter(({ paths }) => paths.every((path) => path !== '/' && path !== '/v1'))
  return pathsOf(
    others,
    '',
    'The fleet, upstream',
    [sole],
    (method, path) => !merged.has(`${method} ${path}`),
  )
}

function pathsOf(
  calls: readonly RegionCall[],
  base: string,
  tag: string,
  always: readonly Parameter[],
  has: (method: Method, path: string) => boolean = () => true,
): Paths {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const call of calls) {
    for (const written of call.paths.flatMap(withoutFlags)) {
      const path = written.replace('{ids}', '{id}')
      const methods = (paths[base + path] ??= {})
      for (const method of call.methods) {
        if (!has(method, path)) continue
        const key = method.toLowerCase()
        // Only `/` and `/v1/upload` are in both APIs: the region's own one answers.
        methods[key] ??= operationOf(call, method, path, base, tag, always)
      }
    }
  }
  return Object.fromEntries(Object.entries(paths).filter(([, methods]) => Object.keys(methods).length > 0))
}

function operationOf(
  call: RegionCall,
  method: Method,
  path: string,
  base: string,
  tag: string,
  always: readonly Parameter[],
): Operation {
  const write = call.kind === 'write'
  const places = [...(path.includes('{id}') ? [id] : []), ...(path.includes('{host}') ? [host] : [])]
  const shared = regionCalls.some((other) => other.service !== call.service && other.paths.includes(path))
  const content = write ? bodyOf(call, method) : undefined
  const inQuery = content === undefined ? call.parameters.filter((name) => name !== 'region_name') : []
  return {
    operationId: [base === '' ? 'sole' : 'region', call.name, method.toLowerCase(), wordsOf(path)].join('_'),
    tags: [tag],
    summary: call.summary,
    description: descriptionOf(call),
    parameters: [
      ...always,
      ...places,
      ...(shared ? [service] : []),
      ...inQuery.map((name): Parameter => ({
        name,
        in: 'query',
        description: 'As the region takes it',
        schema: text,
      })),
    ],
    ...(content && { requestBody: { content } }),
    responses: {
      200: {
        description: write
          ? 'What the region said; `error` is empty where it was done'
          : 'What the region said',
        content: json(answerOf(call)),
      },
      ...problems(400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504),
      default: {
        description: "The region's own status and words",
        content: json(refTo('schemas', 'Messages')),
      },
    },
  }
}

function descriptionOf({ service: api, refused, methods, kind }: RegionCall): string {
  const roles =
    kind === 'write' ? 'Needs the role configurator. Leaves an audit line.' : 'Needs the role reader.'
  const either = methods.length > 1 ? ' Either method is the same.' : ''
  return `${api === 'usm' ? 'USM' : 'Patching'}. ${roles}${either}${refused ? ` Refused everywhere: ${refused}.` : ''}`
}

/** `{flags}` stands for nothing, or for words of which `force` is the documented one. */
function withoutFlags(path: string): readonly string[] {
  if (!path.includes('/{flags}')) return [path]
  const plain = path.replace('/{flags}', '')
  return [plain, `${plain}/force`]
}

function bodyOf(call: RegionCall, method: Method): Content | undefined {
  if (call.limit === 'upload') {
    const files: Schema = {
      type: 'object',
      additionalProperties: { type: 'string', contentMediaType: 'application/octet-stream' },
    }
    const paths: Schema = { ...text, description: "A JSON array of paths on the region's controller (USM)" }
    return {
      'multipart/form-data': { schema: files },
      ...(call.service === 'usm' && { 'text/plain': { schema: paths } }),
    }
  }
  if (call.service === 'patching' || method !== 'POST' || call.parameters.length === 0) return undefined
  return json({
    type: 'object',
    properties: Object.fromEntries(call.parameters.map((name) => [name, parameterSchema(name)])),
  })
}

const lists = new Set(['releases', 'options'])
const yesOrNo = new Set(['force', 'delete', 'pre_upgrade_deploy', 'remove', 'unselect_all'])

function parameterSchema(name: string): Schema {
  if (name === 'releases') return listOf({ ...id.schema })
  if (lists.has(name)) return { type: ['array', 'string'], items: text }
  return yesOrNo.has(name) ? { type: 'boolean' } : { ...text, maxLength: 1_000 }
}

function answerOf(call: RegionCall): Schema {
  if (call.kind === 'write') return refTo('schemas', 'Messages')
  const merged = readCalls.find(({ name }) => name === call.name)
  if (merged?.shape.kind === 'array') {
    const name =
      { list_releases: 'ReleaseRecord', show_deployment: 'DeploymentRecord' }[call.name] ?? 'DeployHostRecord'
    return { type: ['array', 'object', 'null'], items: refTo('schemas', name) }
  }
  return {}
}
