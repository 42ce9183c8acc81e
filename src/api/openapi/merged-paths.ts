import { patchingShow, usmShow } from '../../fleet/filter.ts'
import { readCalls, type ReadCall } from '../../model/calls.ts'
import { json, problems, wordsOf, type Operation, type Parameter, type Paths } from './operation.ts'
import { listOf, open, orNull, refTo, text, yesNo, type Schema } from './schema.ts'

/** Parameters of every read of many regions, by their name in the document. */
export const readParameters = {
  region_name: {
    name: 'region_name',
    in: 'query',
    description:
      'Region or subcloud names, by commas or repeated; `*` stands for any run of characters. On `/v1`, one exact name alone gives the shape of one region.',
    example: '*',
    schema: listOf(text),
    explode: false,
  },
  group: { name: 'group', in: 'query', description: 'Subcloud groups', schema: listOf(text), explode: false },
  selector: {
    name: 'selector',
    in: 'query',
    description: '`label=value` or `label!=value`; all must hold',
    example: 'site!=nowhere',
    schema: listOf(text),
    explode: false,
  },
  max_age: {
    name: 'max_age',
    in: 'query',
    description: 'Regions whose answer is older are asked again: `0`, `30s`, `5m`',
    example: '10m',
    schema: text,
  },
  deadline: {
    name: 'deadline',
    in: 'query',
    description: 'How long to wait for regions at most: `500ms` to `60s`',
    example: '2s',
    schema: { ...text, default: '10s' },
  },
  min_completeness: {
    name: 'min_completeness',
    in: 'query',
    description: 'The share of regions that must be fresh, else 503',
    example: '0.1',
    schema: { type: 'number', minimum: 0, maximum: 1 },
  },
  require: {
    name: 'require',
    in: 'query',
    description: 'Regions that must be fresh, else 503',
    schema: listOf(text),
    explode: false,
  },
  partial: {
    name: 'partial',
    in: 'query',
    description: '`deny` is `min_completeness=1`',
    example: 'allow',
    schema: { ...text, enum: ['allow', 'deny'] },
  },
  with: {
    name: 'with',
    in: 'query',
    description: '`subcloud_name` and labels to add to each record',
    schema: listOf(text),
    explode: false,
  },
} as const satisfies Record<string, Parameter>

export const id: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'A release or patch id',
  schema: { ...text, minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' },
}

/** The fleet in upstream's own words: reads that are merged. */
export function mergedPaths(): Paths {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const call of readCalls) {
    for (const path of call.paths) paths[path] = { get: operationOf(call, path) }
  }
  return paths
}

function operationOf(call: ReadCall, path: string): Operation {
  const own = call.parameters.map((name): Parameter => parameterOf(call, name))
  return {
    operationId: path === call.paths[0] ? call.name : `${call.name}_${wordsOf(path)}`,
    tags: ['The fleet, upstream'],
    summary: call.summary,
    parameters: [
      ...(path.includes('{id}') ? [id] : []),
      ...own,
      ...Object.keys(readParameters).map((name) => refTo('parameters', name)),
    ],
    responses: {
      200: {
        description:
          'What the selected regions say; `Fleet-*` headers say how much of it is there and how old it is',
        headers: fleetHeaders,
        content: json(shapeOf(call)),
      },
      304: { description: 'As the `ETag` in `If-None-Match`', headers: fleetHeaders },
      ...problems(400, 401, 403, 404, 429, 500, 503),
    },
  }
}

function parameterOf({ service }: ReadCall, name: 'show' | 'release'): Parameter {
  if (name === 'release') {
    const description = 'An exact id, or a version that covers: 24.09 is every 24.09.x'
    return { name, in: 'query', description, schema: { ...text, minLength: 1, maxLength: 256 } }
  }
  const states = [...(service === 'usm' ? usmShow : patchingShow)]
  return { name, in: 'query', description: 'Only those in this state', schema: { ...text, enum: states } }
}

const fleetHeaders = {
  'Fleet-Complete': {
    description: '`?1`: every region that could answer gave a fresh answer',
    schema: { ...text, enum: ['?1', '?0'] },
  },
  'Fleet-Regions': {
    description: 'How many regions are in which state',
    schema: {
      ...text,
      examples: ['total=200, fresh=180, stale=10, failed=6, unsupported=4, skipped=0'],
    },
  },
  Age: {
    description: 'Seconds since the oldest part was told',
    schema: { type: 'integer', minimum: 0 } as Schema,
  },
}

/** Of one region alone, the shape is that region's. */
function shapeOf({ shape, name }: ReadCall): Schema {
  const record = recordOf(name)
  switch (shape.kind) {
    case 'array':
      return listOf(record)
    case 'wrapped':
      return open({ [shape.key]: listOf(record) })
    case 'record':
      return { oneOf: [listOf(record), record] }
    case 'flag':
      return { oneOf: [listOf(open({ region_name: text, [shape.field]: yesNo })), yesNo] }
    case 'objects':
      return { oneOf: [listOf({ type: 'object' }), orNull({ type: 'object' })] }
    case 'patches':
      return open({ pd: { type: 'object', additionalProperties: refTo('schemas', 'PatchRecord') } })
    case 'contents':
      return open({ metadata: { type: 'object' }, contents: { type: 'object' }, error: text }, [])
  }
}

function recordOf(name: string): Schema {
  if (name === 'show_deployment') return refTo('schemas', 'DeploymentRecord')
  if (name === 'list_deploy_hosts') return refTo('schemas', 'DeployHostRecord')
  if (name === 'query_hosts') return refTo('schemas', 'PatchingHostRecord')
  return refTo('schemas', 'ReleaseRecord')
}
