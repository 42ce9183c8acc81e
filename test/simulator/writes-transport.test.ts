import { afterEach, expect, test } from 'vitest'
import type { RegionPlan } from '../../src/simulator/fleetPlan.ts'
import type { SimulatorOptions } from '../../src/simulator/simulator.ts'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import { rawGet } from './rawHttp.ts'

let region: OneRegion | undefined
afterEach(() => region?.simulator.close())

async function start(plan: Partial<RegionPlan> = {}, options: SimulatorOptions = {}): Promise<OneRegion> {
  region = await startOneRegion({ release: '12', ...plan }, options)
  return region
}
const json = { 'Content-Type': 'application/json', Accept: 'application/json' }
const post = (url: string, body: unknown = {}) =>
  rawGet(url, { method: 'POST', headers: json, body: JSON.stringify(body) })
const next = 'starlingx-26.03.2'
const deployment = ({ simulator }: OneRegion) => simulator.truth()[0]?.deployment?.state
const hostStates = ({ simulator }: OneRegion) =>
  simulator.truth()[0]?.deploy_hosts.map((host) => host.host_state)
const writes = ({ simulator }: OneRegion) => simulator.requests()[0]?.usm?.writes ?? []

test('writes are seen in the order in which they arrive, with what they brought', async () => {
  const east = await start()
  await rawGet(`${east.usm}/v1/release`)
  await post(`${east.usm}/v1/deploy/${next}/precheck?region_name=east`, { options: ['a=b'] })
  await post(`${east.usm}/v1/deploy/${next}/start`, { force: 'true' })
  expect(writes(east)).toMatchObject([
    {
      method: 'POST',
      path: `/v1/deploy/${next}/precheck`,
      query: { region_name: 'east' },
      headers: { 'content-type': 'application/json' },
      body: { options: ['a=b'] },
      status: 200,
    },
    { path: `/v1/deploy/${next}/start`, body: { force: 'true' }, status: 200 },
  ])
  const [first, second] = writes(east)
  expect(first?.order).toBeLessThan(second?.order ?? 0)
  const overHttp = await fetch(`${east.simulator.control}/requests`)
  expect(await overHttp.json()).toMatchObject([{ usm: { writes: [{ method: 'POST' }, { method: 'POST' }] } }])
})

test('a verb that changes something is a write by GET as well', async () => {
  const east = await start({ release: '8' })
  await rawGet(`${east.patching}/v1/query`)
  await rawGet(`${east.patching}/v1/drop_host/controller-1`)
  expect(east.simulator.requests()[0]?.patching?.writes).toMatchObject([
    { method: 'GET', path: '/v1/drop_host/controller-1', body: null, bytes: 0, status: 200 },
  ])
})

test('a chunked body is dropped, as upstream drops it', async () => {
  const east = await start({ mode: 'front' })
  const headers = { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' }
  const answer = await rawGet(`${east.usm}/v1/release`, { method: 'POST', headers, body: '["/x"]' })
  expect(answer.status).toBe(500)
  expect(writes(east)).toMatchObject([{ body: null, bytes: 0 }])
})

test('deploy_host takes its time: behind a front reads go on, and another write waits', async () => {
  const east = await start(
    { mode: 'front', changes: [{ deployment: { state: 'start-done' } }] },
    { transitionMs: null },
  )
  const order: string[] = []
  const host = post(`${east.usm}/v1/deploy_host/controller-0`).then(() => order.push('host'))
  await expect.poll(() => hostStates(east)?.[0]).toBe('deploying')
  const sync = post(`${east.usm}/v1/deploy/software_sync`).then(() => order.push('sync'))
  const hosts = await rawGet(`${east.usm}/v1/deploy_host`)
  expect(JSON.parse(hosts.body)).toMatchObject([{ host_state: 'deploying' }, { host_state: 'pending' }])
  expect(order).toEqual([])
  east.simulator.change('east', { deployment: 'advance' })
  await Promise.all([host, sync])
  expect(order).toEqual(['host', 'sync'])
  expect(hostStates(east)).toEqual(['deployed', 'pending'])
})

test('where no front stands before it, reads wait for deploy_host too', async () => {
  const changes = [{ deployment: { state: 'start-done' } }]
  const east = await start({ changes }, { transitionMs: null })
  const order: string[] = []
  const host = post(`${east.usm}/v1/deploy_host/controller-0`).then(() => order.push('host'))
  await expect.poll(() => hostStates(east)?.[0]).toBe('deploying')
  const read = rawGet(`${east.usm}/v1/deploy`).then(() => order.push('read'))
  await expect.poll(() => east.simulator.requests()[0]?.usm?.connections).toBe(2)
  east.simulator.change('east', { deployment: 'fail' })
  await Promise.all([host, read])
  expect(order).toEqual(['host', 'read'])
  expect(deployment(east)).toBe('host-failed')
})

test('by itself a region goes from start to start-done, and no further', async () => {
  const east = await start({}, { transitionMs: 20 })
  await post(`${east.usm}/v1/deploy/${next}/start`)
  expect(deployment(east)).toBe('start')
  await expect.poll(() => deployment(east)).toBe('start-done')
  await post(`${east.usm}/v1/deploy_host/controller-0`)
  await post(`${east.usm}/v1/deploy_host/controller-1`)
  expect(deployment(east)).toBe('host-done')
  await post(`${east.usm}/v1/deploy/activate`)
  await expect.poll(() => deployment(east)).toBe('activate-done')
  await post(`${east.usm}/v1/deploy/complete`)
  await rawGet(`${east.usm}/v1/deploy`, { method: 'DELETE' })
  expect(east.simulator.truth()[0]?.releases.at(-1)).toMatchObject({ release_id: next, state: 'deployed' })
})

test('under --advance a requested deployment takes only the steps that are its own', async () => {
  const east = await start({}, { advanceEveryMs: 10 })
  await post(`${east.usm}/v1/deploy/${next}/start`)
  await expect.poll(() => deployment(east)).toBe('start-done')
  const { control } = east.simulator
  // A round trip that outlasts some ticks.
  for (let i = 0; i < 20; i++) await (await fetch(`${control}/truth`)).text()
  expect(deployment(east)).toBe('start-done')
})

test.each(['before', 'midway'] as const)('lost %s its answer: done all the same', async (at) => {
  const east = await start()
  await east.simulator.setFault('east', { kind: 'lost', at, method: 'POST' }, 'usm')
  await expect(post(`${east.usm}/v1/deploy/${next}/start`)).rejects.toThrow()
  expect(east.simulator.truth()[0]?.deployment).toMatchObject({ to_release: '26.03.2' })
  expect(writes(east)).toMatchObject([{ status: 200 }])
  expect((await rawGet(`${east.usm}/v1/deploy`)).status).toBe(200)
})

test('late: done at once, answered later, and the next request waits', async () => {
  const east = await start({}, { transitionMs: null })
  const fault = { kind: 'late' as const, ms: 300, path: '/v1/deploy/', method: 'POST' }
  await east.simulator.setFault('east', fault, 'usm')
  const order: string[] = []
  const started = post(`${east.usm}/v1/deploy/${next}/start`).then(() => order.push('start'))
  await expect.poll(() => deployment(east)).toBe('start')
  const read = rawGet(`${east.usm}/v1/deploy`).then(() => order.push('read'))
  expect(order).toEqual([])
  await Promise.all([started, read])
  expect(order).toEqual(['start', 'read'])
})

test('what somebody else answers is not done', async () => {
  const east = await start()
  await east.simulator.setFault('east', { kind: 'status', status: 503 }, 'usm')
  await post(`${east.usm}/v1/deploy/${next}/start`)
  expect(east.simulator.truth()[0]?.deployment).toBeNull()
  expect(writes(east)).toMatchObject([{ status: 503 }])
})

test('without its token a region does nothing', async () => {
  const east = await start({ token: 'secret' })
  expect((await post(`${east.usm}/v1/deploy/${next}/start`)).status).toBe(401)
  expect(east.simulator.truth()[0]?.deployment).toBeNull()
})
