import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RegionRequest } from '../support/scripted-region.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'

// The ids of a request, from the caller to the region and back.

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const given = (id: string): string[] => [
  `X-Request-Id: ${id}`,
  `traceparent: 00-${trace}-00f067aa0ba902b7-01`,
  'tracestate: vendor=opaque',
]

let gateway: Served
beforeAll(async () => {
  gateway = await serveRegions({
    regions: { boston: {} },
    config: { refresh: { interval: '1h', min_age: '0s' } },
  })
  const ready = async (): Promise<boolean> => (await fetch(`${gateway.adminUrl}/readyz`)).ok
  await until(ready)
})
afterAll(() => gateway.close())

const withId = (id: string): readonly RegionRequest[] =>
  gateway.region('boston').requests.filter(({ headers }) => headers['x-request-id'] === id)

test('a write: the region, the answer and the audit line have the ids of the caller', async () => {
  const answer = await gateway.ask('POST', '/regions/boston/v1/deploy/abort', { headers: given('write-1') })
  expect(answer.headers.get('x-request-id')).toBe('write-1')
  const sent = withId('write-1').find(({ method }) => method === 'POST')
  expect(sent?.headers).toMatchObject({ 'x-request-id': 'write-1', tracestate: 'vendor=opaque' })
  expect(sent?.headers['traceparent']).toMatch(
    new RegExp(`^00-${trace}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`),
  )
  expect(await gateway.audited(1)).toMatchObject([{ request_id: 'write-1', trace_id: trace }])
})

test('a read that the region is asked for has them, one that is answered from memory asks nobody', async () => {
  expect((await gateway.ask('GET', '/v1/release?max_age=0', { headers: given('read-1') })).status).toBe(200)
  expect(withId('read-1').map(({ path }) => path)).toEqual(['/v1/release'])
  expect((await gateway.ask('GET', '/v1/release?max_age=3600', { headers: given('read-2') })).status).toBe(
    200,
  )
  expect(withId('read-2')).toEqual([])
  expect((await gateway.ask('GET', '/regions/boston/v1/deploy', { headers: given('read-3') })).status).toBe(
    200,
  )
  expect(withId('read-3').length).toBe(1)
})

test('a refusal names the id, and what is asked by nobody has ids of its own', async () => {
  const refused = await gateway.ask('GET', '/fleet/v1/nothing', { headers: given('odd-1') })
  expect(JSON.parse(refused.body.toString())).toMatchObject({ status: 404, instance: 'odd-1' })
  const background = gateway
    .region('boston')
    .requests.filter(({ headers }) => !headers['traceparent']?.includes(trace))
  const ids = background.map(({ headers }) => headers['x-request-id'])
  expect(ids.length).toBeGreaterThan(3)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect(background.filter(({ headers }) => headers['tracestate'] !== undefined)).toEqual([])
})
