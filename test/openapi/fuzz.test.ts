import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApi } from '../../src/api/openapi/document.ts'
import type { Operation, Parameter, ResponseObject } from '../../src/api/openapi/operation.ts'
import type { Schema } from '../../src/api/openapi/schema.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'

// Every operation of the document is driven with requests that it allows and requests that it does not; whatever comes
// back is something that it foretells.

const document = openApi('0.0.0')
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)
/** Fixed, so that a failure can be seen again. */
const seed = 20_260_101
const runs = 12

const ajv = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ajv)
ajv.addSchema({ $id: 'document', components: document.components })
const validators = new Map<Schema, ValidateFunction>()

function validate(schema: Schema, value: unknown): string {
  let validator = validators.get(schema)
  if (validator === undefined) {
    const resolved = JSON.parse(
      JSON.stringify(schema).replaceAll('"#/components', '"document#/components'),
    ) as object
    validator = ajv.compile(resolved)
    validators.set(schema, validator)
  }
  return validator(value) ? '' : ajv.errorsText(validator.errors)
}

let served: Served
let token: string
beforeAll(async () => {
  served = await serveRegions({
    regions: {
      'boston-1': { labels: { group: 'coast', site: 'boston' } },
      'austin-1': {},
      'chicago-1': { patching: undefined },
    },
    config: { limits: { requests_per_second: 100_000, burst: 100_000, concurrent: 1_000 } },
  })
  token = await served.token({ roles: ['admin'] })
  // The fleet's own lists are told from memory.
  for (const path of ['release', 'deploy', 'deploy_host', 'query', 'query_hosts']) {
    await served.ask('GET', `/v1/${path}?max_age=0`, { token })
  }
})
afterAll(() => served.close())

/** Words that mean something somewhere; anywhere else they are mistakes. */
const words = [
  'boston-1',
  'b*',
  'nobody',
  'coast',
  'site=boston',
  '30s',
  '0',
  '1',
  '0.5',
  '24.09',
  'starlingx-24.09.0',
  'true',
  'null',
  '-age_s',
  'region_name',
  'controller-0',
  'ä',
  '%',
  'a b',
  'x'.repeat(600),
]

function textOf({ enum: allowed, type }: Schema): fc.Arbitrary<string> {
  const any = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 12 }))
  if (allowed) return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...allowed.map(String)) }, any)
  if (type === 'integer' || type === 'number')
    return fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -1, max: 1_001 }).map(String) }, any)
  return any
}

/** What stands in a path's place: mostly something that is there. */
function placeOf(name: string): fc.Arbitrary<string> {
  if (name === 'region') return fc.constantFrom('boston-1', 'austin-1', 'chicago-1', 'nobody', 'boston-1 ')
  if (name === 'host') return fc.constantFrom('controller-0', '10.0.0.1', 'no host', '..')
  return fc.constantFrom('starlingx-24.09.0', 'boston-1', 'P1', 'x/y', 'ä', 'x'.repeat(200))
}

function parametersOf({ parameters = [] }: Operation): readonly Parameter[] {
  return parameters.map((each) =>
    '$ref' in each ? (document.components.parameters[each.$ref.split('/').at(-1) ?? ''] as Parameter) : each,
  )
}

interface Request {
  readonly path: string
  readonly query: string
  readonly body: string | undefined
  readonly headers: readonly string[]
}

function requestOf(path: string, operation: Operation): fc.Arbitrary<Request> {
  const parameters = parametersOf(operation)
  const places = parameters.filter((each) => each.in === 'path')
  const inQuery = parameters.filter((each) => each.in === 'query')
  const pairs = fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    {
      weight: 3,
      arbitrary: fc
        .subarray([...inQuery], { maxLength: Math.min(3, inQuery.length) })
        .chain((some) =>
          fc.tuple(
            ...some.map(({ name, schema }) =>
              textOf(schema.items ?? schema).map((value): [string, string] => [name, value]),
            ),
          ),
        ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<[string, string][]>(
        [['unheard', 'of']],
        [['max_age', '']],
        [['region_name', '']],
      ),
    },
  )
  const needed = inQuery
    .filter(({ required }) => required === true)
    .map(({ name }) => [name, 'boston-1'] as [string, string])
  const json = operation.requestBody?.content['application/json'] !== undefined
  const bodies =
    operation.requestBody === undefined
      ? fc.constant(undefined)
      : fc.constantFrom(
          '{}',
          '{"force": true}',
          '{"releases": ["starlingx-24.09.0"]}',
          '{"releases": 7}',
          '[]',
          '{',
          'null',
        )
  return fc.record({
    path: fc
      .tuple(...places.map(({ name }) => placeOf(name)))
      .map((values) =>
        places.reduce(
          (text, { name }, i) => text.replace(`{${name}}`, encodeURIComponent(values[i] ?? '')),
          path,
        ),
      ),
    query: fc
      .tuple(pairs, fc.boolean())
      .map(([some, all]) => new URLSearchParams([...(all ? needed : []), ...some]).toString()),
    body: bodies,
    headers: fc.constant(json ? ['Content-Type: application/json'] : []),
  })
}

describe.each(operations.filter(({ path }) => path !== '/fleet/v1/events'))(
  '$method $path',
  ({ path, method, operation }) => {
    test('answers as the document says', async () => {
      await fc.assert(
        fc.asyncProperty(requestOf(path, operation), async (request) => {
          const target = request.query === '' ? request.path : `${request.path}?${request.query}`
          const answer = await served.ask(method, target, {
            token,
            headers: request.headers,
            ...(request.body !== undefined && { body: request.body }),
          })
          const told = operation.responses[answer.status] ?? operation.responses['default']
          expect(told, `${answer.status} ${answer.body.toString()}`).toBeDefined()
          const response =
            told && '$ref' in told
              ? document.components.responses[told.$ref.split('/').at(-1) ?? '']
              : (told as ResponseObject)
          expect(answer.status, answer.body.toString()).not.toBe(500)
          const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? ''
          const content = response?.content?.[type]
          expect(content, `${answer.status} with ${type}`).toBeDefined()
          if (!type.endsWith('json')) return
          const value = JSON.parse(answer.body.toString()) as unknown
          expect(
            validate(content?.schema ?? {}, value),
            `${answer.status} ${answer.body.toString().slice(0, 500)}`,
          ).toBe('')
        }),
        { seed, numRuns: runs },
      )
    })
  },
)

test('every example in it is taken', async () => {
  const gets = operations.filter(
    ({ method, path }) => method === 'GET' && path.startsWith('/fleet/v1/') && path !== '/fleet/v1/events',
  )
  let tried = 0
  for (const { path, operation } of gets) {
    for (const { name, example } of parametersOf(operation)) {
      if (example === undefined) continue
      const target = `${path.replace('{id}', 'boston-1')}?${new URLSearchParams({ [name]: example }).toString()}`
      const { status, body } = await served.ask('GET', target, { token })
      expect([target, status], body.toString().slice(0, 300)).toEqual([target, 200])
      tried++
    }
  }
  expect(tried).toBeGreaterThan(100)
})

test('each fleet list was seen with records in it', async () => {
  for (const path of Object.keys(document.paths).filter((each) =>
    /^\/fleet\/v1\/(regions|hosts)$/.test(each),
  )) {
    const { items } = JSON.parse((await served.ask('GET', path, { token })).body.toString()) as {
      items: unknown[]
    }
    expect([path, items.length]).not.toEqual([path, 0])
  }
})
