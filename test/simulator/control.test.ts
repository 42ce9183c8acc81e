import { afterEach, expect, test } from 'vitest'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import { rawGet } from './rawHttp.ts'

let region: OneRegion
afterEach(() => region.simulator.close())

const get = async (path: string) => (await fetch(region.simulator.control + path)).json()
const post = async (path: string, body: unknown) => {
  const response = await fetch(region.simulator.control + path, {
    method: 'POST',
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}
const ask = async (url: string) => JSON.parse((await rawGet(url)).body) as unknown

test('regions, truth and requests', async () => {
  region = await startOneRegion()
  expect(await get('/regions')).toEqual([
    {
      region_name: 'east',
      subcloud_name: 'boston-1',
      labels: { group: 'east' },
      mode: 'direct',
      release: '9',
      endpoints: { usm: region.usm, patching: region.patching },
    },
  ])
  expect(await get('/truth')).toMatchObject([
    {
      region_name: 'east',
      sw_version: '23.09',
      deployment: null,
      faults: {},
      hosts: [{ patch_current: true }, {}],
    },
  ])
  await rawGet(`${region.patching}/v1/query?show=applied`, { headers: { Accept: 'application/json' } })
  expect(await get('/requests')).toMatchObject([
    { patching: { total: 1, by_path: { 'GET /v1/query': 1 }, last_headers: { accept: 'application/json' } } },
  ])
})

test('faults are set and cleared', async () => {
  region = await startOneRegion()
  expect(await post('/regions/boston-1/fault', { service: 'usm', kind: 'html' })).toMatchObject({
    status: 200,
  })
  expect(region.simulator.truth()[0]?.faults).toEqual({ usm: { kind: 'html' } })
  await post('/regions/east/fault', { clear: true })
  expect(region.simulator.truth()[0]?.faults).toEqual({})
})

test('mistakes are 400 or 404 with a reason', async () => {
  region = await startOneRegion()
  expect(await post('/regions/west/fault', { kind: 'html' })).toEqual({
    status: 400,
    body: { error: 'Error: no region west' },
  })
  expect(await post('/regions/east/fault', { kind: 'hmtl' })).toMatchObject({ status: 400 })
  expect(await post('/regions/east/state', { deployment: 'advance' })).toEqual({
    status: 400,
    body: { error: 'Error: no deployment in progress' },
  })
  expect(await post('/regions/east/nothing', {})).toMatchObject({ status: 404 })
})

test('a deployment goes its way', async () => {
  region = await startOneRegion({ release: '12' })
  const step = (deployment: string) => post('/regions/east/state', { deployment })
  await step('start')
  expect(await ask(`${region.usm}/v1/release?show=deploying`)).toMatchObject([
    { release_id: 'starlingx-26.03.2' },
  ])
  const states: unknown[] = []
  for (let i = 0; i < 8; i++) {
    const [deployment] = (await ask(`${region.usm}/v1/deploy`)) as { state: string }[]
    const hosts = (await ask(`${region.usm}/v1/deploy_host`)) as { host_state: string | null }[]
    states.push([deployment?.state, ...hosts.map((host) => host.host_state)])
    if (deployment?.state !== 'completed') await step('advance')
  }
  expect(states).toEqual([
    ['start', null, null],
    ['start-done', 'pending', 'pending'],
    ['host', 'deploying', 'pending'],
    ['host', 'deployed', 'deploying'],
    ['host-done', 'deployed', 'deployed'],
    ['activate', 'deployed', 'deployed'],
    ['activate-done', 'deployed', 'deployed'],
    ['completed', 'deployed', 'deployed'],
  ])
  await step('delete')
  expect(await ask(`${region.usm}/v1/deploy`)).toEqual([])
  expect(await ask(`${region.usm}/v1/release/starlingx-26.03.2/is_deployed`)).toBe(true)
})

test('an aborted deployment goes back, from and to swapped', async () => {
  region = await startOneRegion({ release: '12', changes: [{ deployment: { state: 'host' } }] })
  await post('/regions/east/state', { deployment: 'fail' })
  await post('/regions/east/state', { deployment: 'abort' })
  expect(await ask(`${region.usm}/v1/deploy`)).toMatchObject([
    { from_release: '26.03.2', to_release: '26.03.1', state: 'host-rollback', apply_operation: false },
  ])
})

test('a host falls behind, a patch is applied', async () => {
  region = await startOneRegion({ release: '8' })
  await post('/regions/east/state', { host: { hostname: 'controller-1', patch_current: false } })
  await post('/regions/east/state', {
    patch: { id: 'STX_22.12_PATCH_0003', repostate: 'Applied', settled: false },
  })
  expect(await ask(`${region.patching}/v1/query_hosts`)).toMatchObject({
    data: [
      { hostname: 'controller-0', patch_current: true },
      { hostname: 'controller-1', patch_current: false },
    ],
  })
  expect(await ask(`${region.patching}/v1/query?show=applied`)).toMatchObject({
    pd: { 'STX_22.12_PATCH_0003': { repostate: 'Applied', patchstate: 'Partial-Apply' } },
  })
})

test('an upgrade: down for a while, then another dialect on the same address', async () => {
  region = await startOneRegion({ release: '8' }, { upgradeDownMs: 150 })
  const { patching, simulator } = region
  const usm = patching.replace('5491', '5497')
  const done = post('/regions/east/upgrade', { release: 'stx12' })
  await expect
    .poll(() => rawGet(`${patching}/v1/query`).catch((error: { code: string }) => error.code))
    .toBe('ECONNREFUSED')
  expect(await done).toMatchObject({ status: 200 })
  expect(simulator.regions()).toMatchObject([{ region_name: 'east', release: '12', endpoints: { usm } }])
  expect(simulator.regions()[0]?.endpoints).not.toHaveProperty('patching')
  await expect(rawGet(`${patching}/v1/query`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(await ask(`${usm}/v1/release`)).toMatchObject([{ sw_version: '26.03.0' }, {}, {}])
})

test('an upgrade behind a front: its 503, then records of the new release', async () => {
  region = await startOneRegion({ release: '11', mode: 'front' }, { upgradeDownMs: 1_000, frontDownMs: 0 })
  const { usm, simulator } = region
  const done = simulator.upgrade('east', 'master')
  await expect.poll(async () => (await rawGet(`${usm}/v1/release`)).status).toBe(503)
  await done
  expect(await ask(`${usm}/v1/release/starlingx-26.10.0`)).toMatchObject({
    metapackages: { 'base_26.10.0': { state: 'deployed' } },
  })
})

test('a region can want a token', async () => {
  region = await startOneRegion({ release: '12', token: 'secret' })
  expect((await rawGet(`${region.usm}/v1`)).status).toBe(401)
  expect((await rawGet(`${region.usm}/v1`, { headers: { 'X-Auth-Token': 'secret' } })).status).toBe(200)
})
