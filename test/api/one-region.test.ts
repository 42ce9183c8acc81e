import { describe, expect, test } from 'vitest'
import { repeatedKey } from '../../src/api/repeated-key.ts'
import type { Intent } from '../../src/model/intent.ts'
import { answers } from '../support/fleet-answers.ts'
import { callerWith, createTestGateway } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'

// The fleet's door: what is not merged goes to the one region that the request names.

const regions = [
  createRegion('5d5b', { subcloud: 'boston-1', keystoneRegion: 'RegionOne' }),
  // Its subcloud name is another region's name, and so is what it calls itself.
  createRegion('7e7c', { subcloud: '5d5b', keystoneRegion: 'boston-1' }),
  createRegion('RegionOne'),
  createRegion('t1', { subcloud: 'twin' }),
  createRegion('t2', { subcloud: 'twin' }),
]

interface Sent {
  readonly status: number
  /** The region that it went to. */
  readonly region: string | undefined
  readonly intent: Intent | undefined
  readonly error: string
}

async function send(
  asked: string,
  body?: string,
  caller = 'configurator',
  type = 'application/json',
): Promise<Sent> {
  const relayed: { region: string; intent: Intent }[] = []
  const callers = { bostonian: callerWith('configurator', ['5d5b']), second: callerWith('admin', ['7e7c']) }
  const gateway = createTestGateway(
    regions,
    () => answers([]),
    callers,
    async ({ name }, intent) => {
      relayed.push({ region: name, intent })
      return { status: 'answered', http: 200, value: { error: '' }, succeeded: true, error: '' }
    },
  )
  const [method = '', target = ''] = asked.split(' ')
  const answer = await gateway.get(target, {
    as: caller,
    method,
    headers: { 'content-type': type },
    ...(body !== undefined && { body }),
  })
  const { error } = (await answer.json()) as { error: string }
  return { status: answer.status, region: relayed[0]?.region, intent: relayed[0]?.intent, error }
}

const abort = 'POST /v1/deploy/abort'
const precheck = 'POST /v1/deploy/x-1/precheck'

describe('one exact name', () => {
  test.each<[string, string | undefined, string]>([
    [`${abort}?region_name=5d5b`, undefined, '5d5b'],
    [`${abort}?region_name=boston-1`, undefined, '5d5b'],
    [`${abort}?region_name=RegionOne`, undefined, 'RegionOne'],
    [abort, '{"region_name": "7e7c"}', '7e7c'],
    [precheck, '{"region_name": "RegionOne"}', 'RegionOne'],
    [`${abort}?region_name=5d5b`, '{"region_name": "5d5b"}', '5d5b'],
    [`${abort}?region_name=5d5b`, '{"region_name": "boston-1"}', '5d5b'],
    [`${abort}?region_name=t2`, '{"region_name": "twin"}', 't2'],
    ['POST /usm/v1/deploy/abort?region_name=5d5b', undefined, '5d5b'],
    ['POST /patching/v1/apply/P-1?region_name=5d5b', undefined, '5d5b'],
    ['GET /v1/query_dependencies/P-1?region_name=5d5b', undefined, '5d5b'],
    ['POST /v1/query_dependencies/P-1?region_name=5d5b&recursive=yes', undefined, '5d5b'],
  ])('%s with %s goes to %s', async (asked, body, region) => {
    expect(await send(asked, body)).toMatchObject({ status: 200, region })
  })

  test('the region is told its own name, whatever it was called', async () => {
    const { intent } = await send(precheck, '{"region_name": "boston-1"}')
    expect(intent?.parameters).toEqual({ region_name: 'RegionOne' })
  })
})

describe('anything else reaches no region', () => {
  test.each<[string, string | undefined]>([
    [abort, undefined],
    [abort, '{}'],
    [`${abort}?region_name=`, undefined],
    [`${abort}?region_name=*`, undefined],
    [`${abort}?region_name=5d5b*`, undefined],
    [`${abort}?region_name=5d5b,7e7c`, undefined],
    [`${abort}?region_name=5d5b&region_name=7e7c`, undefined],
    [`${abort}?region_name=5d5b&region_name=5d5b`, undefined],
    [`${abort}?region_name=5d5b&group=east`, undefined],
    [`${abort}?region_name=5d5b&selector=a=b`, undefined],
    [`${abort}?group=east`, undefined],
    [abort, '{"region_name": ["5d5b"]}'],
    [abort, '{"region_name": {"toString": "5d5b"}}'],
    [abort, '{"region_name": null}'],
    [abort, '{"region_name": "5d5b,7e7c"}'],
    [abort, '{"region_name": "*"}'],
    [abort, '{"__proto__": {"region_name": "5d5b"}}'],
    [abort, '{"constructor": {"prototype": {"region_name": "5d5b"}}}'],
    [`${abort}?region_name=5d5b`, '{"region_name": "7e7c"}'],
    [`${abort}?region_name=5d5b`, '{"region_name": ""}'],
    [`${abort}?region_name=5d5b`, '{"region_name": null}'],
    // What a region calls itself, or its subcloud name, may be the name of another: then that one is meant.
    [`${abort}?region_name=5d5b`, '{"region_name": "RegionOne"}'],
    [`${precheck}?region_name=5d5b`, '{"region_name": "RegionOne"}'],
    [`${abort}?region_name=7e7c`, '{"region_name": "5d5b"}'],
    [`${abort}?region_name=7e7c`, '{"region_name": "boston-1"}'],
    [`${abort}?region_name=5d5b`, '{"region_name": "7e7c", "region_name": "5d5b"}'],
    [abort, '{"region_name": "7e7c", "region_name": "5d5b"}'],
    [abort, '{"region_name": "7e7c", "region\\u005fname": "5d5b"}'],
    [`${abort}?region_name=5d5b&confirm=1`, undefined],
    [`${abort}?region_name=5d5b&dry_run=true`, undefined],
    [`${abort}?region_name=5d5b&Region_Name=7e7c`, undefined],
    [`${abort}?region_name=5d5b&region_name[]=7e7c`, undefined],
    [`${abort}?region_name=5d5b;region_name=7e7c`, undefined],
  ])('%s with %s: 400', async (asked, body) => {
    const { status, region } = await send(asked, body)
    expect([region, status === 400 || status === 404]).toEqual([undefined, true])
  })

  test('a form’s names count like the query’s, each of them', async () => {
    const form = 'application/x-www-form-urlencoded'
    expect(await send(abort, 'region_name=5d5b', 'configurator', form)).toMatchObject({ region: '5d5b' })
    for (const body of ['region_name=5d5b&region_name=7e7c', 'region_name=', 'Region_name=5d5b']) {
      expect(await send(abort, body, 'configurator', form)).toMatchObject({ status: 400, region: undefined })
    }
  })

  test('a name that is another region’s only for others is as good as none', async () => {
    // Whoever sees only 5d5b has no region called RegionOne: then it is what 5d5b calls itself.
    const own = await send(`${precheck}?region_name=5d5b`, '{"region_name": "RegionOne"}', 'bostonian')
    expect(own).toMatchObject({ status: 200, region: '5d5b' })
    // And to who sees only 7e7c its subcloud name is no one else's name.
    expect(await send(`${abort}?region_name=5d5b`, undefined, 'second')).toMatchObject({ region: '7e7c' })
    for (const name of ['RegionOne', 't1', 'nowhere']) {
      expect(await send(`${abort}?region_name=${name}`, undefined, 'bostonian')).toMatchObject({
        status: 404,
        region: undefined,
        error: `no region is called "${name}"`,
      })
    }
  })

  test('a read that is not merged is nowhere without a region', async () => {
    for (const caller of ['reader', 'configurator']) {
      expect(await send('GET /v1/query_dependencies/P-1', undefined, caller)).toMatchObject({ status: 404 })
    }
    expect(await send('GET /v1/query_dependencies/P-1?region_name=*')).toMatchObject({ status: 400 })
    expect(await send('GET /v1/query_dependencies/P-1?region_name=5d5b&bogus=1')).toMatchObject({
      status: 400,
      error: 'parameter "bogus": unknown here; allowed are region_name, service, recursive',
    })
  })
})

test('unknown parameters are mistakes here, and nothing on the other door', async () => {
  expect(await send(`${abort}?region_name=5d5b`, '{"bogus": 1}')).toMatchObject({ status: 400 })
  const other = await send('POST /regions/5d5b/v1/deploy/abort?bogus=1', '{"bogus": 1}')
  expect(other).toMatchObject({ status: 200, intent: { parameters: {} } })
})

test.each<[string, string | undefined]>([
  ['{}', undefined],
  ['{"a": 1, "b": {"a": 2, "a": 3}, "c": [{"a": 1}, {"a": 2}]}', undefined],
  ['{"a": "\\"b\\": 1, ", "b": ":"}', undefined],
  ['{"a": ["a", "a"], "b": "a"}', undefined],
  ['{"a": 1, "b": 2, "a": 3}', 'a'],
  ['{"force": false, "forc\\u0065": true}', 'force'],
  ['{"__proto__": 1, "__proto__": 2}', '__proto__'],
  ['{"a\\\\": 1, "a\\\\" : 2}', 'a\\'],
  [`{"": 1, "${'x'.repeat(200_000)}": 1, "": 2}`, ''],
])('the key that stands twice in %j', (text, key) => {
  JSON.parse(text)
  expect(repeatedKey(text)).toBe(key)
})
