import { afterEach, expect, test } from 'vitest'
import type { RegionPlan } from '../../src/simulator/fleetPlan.ts'
import type { StxRelease } from '../../src/simulator/region/release.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { planOf } from './oneRegion.ts'
import { headerOf, rawGet } from './rawHttp.ts'

let simulator: Simulator
afterEach(() => simulator.close())

const subcloud = (name: string, plan: Partial<RegionPlan> = {}) =>
  planOf({ name: `region-of-${name}`, subcloud: name, release: '12', mode: 'front', labels: {}, ...plan })

async function start(plans: readonly RegionPlan[], release: StxRelease = '12', project = 'services') {
  const keystone = { user: 'fleet', password: 'secret', project }
  const central = planOf({ name: 'RegionOne', subcloud: 'RegionOne', release, mode: 'front' })
  simulator = await createSimulator({
    plans: [central, ...plans],
    keystone,
    dcmanager: true,
    frontDownMs: 0,
    upgradeDownMs: 0,
  })
  return logIn()
}

async function logIn(): Promise<string> {
  const { keystone, project } = simulator.cloud.view()
  const domain = { name: 'Default' }
  const user = { name: 'fleet', domain, password: 'secret' }
  const identity = { methods: ['password'], password: { user } }
  const body = JSON.stringify({ auth: { identity, scope: { project: { name: project, domain } } } })
  return headerOf(await rawGet(`${keystone}/auth/tokens`, { method: 'POST', body }), 'x-subject-token') ?? ''
}

type Row = Readonly<Record<string, unknown>>

const ask = (path: string, token: string) =>
  rawGet(simulator.cloud.view().dcmanager + path, {
    headers: { Accept: 'application/json', 'X-Auth-Token': token },
  })

async function list(token: string): Promise<Row[]> {
  return (JSON.parse((await ask('/subclouds', token)).body) as { subclouds: Row[] }).subclouds
}

const post = (path: string, body: unknown) =>
  fetch(simulator.control + path, { method: 'POST', body: JSON.stringify(body) })

test('a subcloud has the keys that dcmanager gives it, in their order', async () => {
  const token = await start([subcloud('boston-1', { labels: { site: 'boston', group: 'east' } })])
  const [row = {}] = await list(token)
  expect(Object.keys(row).join(' ')).toBe(
    'id name description location software-version management-state availability-status deploy-status ' +
      'backup-status backup-datetime error-description region-name management-subnet management-start-ip ' +
      'management-end-ip management-gateway-ip openstack-installed prestage-status prestage-versions ' +
      'systemcontroller-gateway-ip data_install data_upgrade created-at updated-at group_id peer_group_id ' +
      'rehome_data sync_status endpoint_sync_status',
  )
  const { usm } = simulator.regions()[1]?.endpoints ?? {}
  expect(row).toMatchObject({
    id: 1,
    name: 'boston-1',
    location: 'boston',
    'region-name': 'region-of-boston-1',
    'software-version': '26.03',
    'management-state': 'managed',
    'availability-status': 'online',
    'deploy-status': 'complete',
    'management-start-ip': new URL(usm ?? '').hostname,
    group_id: 2,
    sync_status: 'in-sync',
  })
  expect(row['created-at']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/)
  expect((row['endpoint_sync_status'] as Row[]).map((each) => each['endpoint_type'])).toEqual([
    'platform',
    'identity',
    'dc-cert',
    'firmware',
    'kubernetes',
    'kube-rootca',
    'software',
  ])
  expect(simulator.cloud.secrets().filter((secret) => JSON.stringify(row).includes(secret))).toHaveLength(2)
})

test('groups, and the subclouds of one', async () => {
  const token = await start([subcloud('a', { labels: { group: 'east' } }), subcloud('b')])
  const groups = JSON.parse((await ask('/subcloud-groups', token)).body) as { subcloud_groups: Row[] }
  expect(groups.subcloud_groups.map(({ id, name, subcloud_count: count }) => [id, name, count])).toEqual([
    [1, 'Default', 1],
    [2, 'east', 1],
  ])
  expect(Object.keys(groups.subcloud_groups[0] ?? {}).join(' ')).toBe(
    'id name description update_apply_type max_parallel_subclouds created-at updated-at subcloud_count',
  )
  const east = JSON.parse((await ask('/subcloud-groups/2/subclouds', token)).body) as { subclouds: Row[] }
  expect(east.subclouds).toMatchObject([{ name: 'a', group_id: 2 }])
  expect(east.subclouds[0]).not.toHaveProperty('sync_status')
  expect((await ask('/subcloud-groups/9/subclouds', token)).status).toBe(404)
})

test('without a good token: 401, which may repeat it, also while Keystone is down', async () => {
  const token = await start([subcloud('a')])
  expect((await rawGet(`${simulator.cloud.view().dcmanager}/subclouds`)).status).toBe(401)
  const refused = await ask('/subclouds', 'gAAAAwrong')
  expect([refused.status, refused.body]).toEqual([
    401,
    '{"code": 401, "title": "Unauthorized", "description": ' +
      '"Failed to validate access token: Auth token is invalid: gAAAAwrong"}',
  ])
  await simulator.setFault('RegionOne', { kind: 'down' }, 'keystone')
  expect((await ask('/subclouds', token)).status).toBe(401)
  await simulator.clearFault('RegionOne', 'keystone')
  expect((await ask('/subclouds', token)).status).toBe(200)
})

test('a project of somebody else sees nothing', async () => {
  const token = await start([subcloud('a')], '12', 'demo')
  expect((await ask('/subclouds', token)).status).toBe(403)
})

test('subclouds are renamed, regrouped, unmanaged, offline, removed and listed again', async () => {
  const token = await start([subcloud('a'), subcloud('b')])
  const facts = async () =>
    (await list(token)).map((row) =>
      ['name', 'region-name', 'management-state', 'availability-status', 'group_id'].map((key) => row[key]),
    )
  await post('/subclouds/a', { rename: 'x', group: 'west', managed: false })
  await post('/subclouds/b', { online: false })
  expect(await facts()).toEqual([
    ['x', 'region-of-a', 'unmanaged', 'online', 2],
    ['b', 'region-of-b', 'managed', 'offline', 1],
  ])
  expect(simulator.regions()[1]?.subcloud_name).toBe('x')
  await fetch(`${simulator.control}/subclouds/x`, { method: 'DELETE' })
  expect(await facts()).toHaveLength(1)
  await post('/subclouds', { name: 'x' })
  expect(await facts()).toEqual([
    ['b', 'region-of-b', 'managed', 'offline', 1],
    ['x', 'region-of-a', 'managed', 'online', 1],
  ])
  expect((await post('/subclouds/nobody', { managed: true })).status).toBe(400)
})

test('a subcloud moves: it answers at its new address and no more at the old one', async () => {
  const token = await start([subcloud('a')])
  const before = simulator.regions()[1]?.endpoints
  await post('/subclouds/a', { move: true })
  const after = simulator.regions()[1]?.endpoints
  const [row = {}] = await list(token)
  expect(row['management-start-ip']).toBe(new URL(after?.usm ?? '').hostname)
  expect(after?.usm).not.toBe(before?.usm)
  expect((await rawGet(`${after?.usm}/v1`)).status).toBe(401)
  expect((await rawGet(after?.keystone ?? '')).status).toBe(200)
  for (const gone of [before?.usm, before?.keystone]) {
    await expect(rawGet(gone ?? '')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  }
})

test('a new subcloud is a new region, and an upgraded one tells its version', async () => {
  const token = await start([subcloud('a')])
  await post('/subclouds', { name: 'new-1', release: '8', labels: { group: 'north' } })
  await simulator.upgrade('a', 'master')
  expect(
    (await list(token)).map((row) => [row['name'], row['region-name'], row['software-version']]),
  ).toEqual([
    ['a', 'region-of-a', '26.10'],
    ['new-1', 'new-1', '22.12'],
  ])
  const added = simulator.regions()[2]
  expect(added?.endpoints.patching).toBe(`http://${new URL(added?.endpoints.keystone ?? '').hostname}:5491`)
  expect((await rawGet(added?.endpoints.patching ?? '')).status).toBe(401)
})

test('lists that are not what they should be', async () => {
  const token = await start([subcloud('a'), subcloud('b'), subcloud('c')])
  const names = async () =>
    (await list(token)).map((row) => `${String(row['name'])} ${String(row['region-name'])}`)
  await post('/dcmanager', { list: 'half' })
  expect(await names()).toEqual(['a region-of-a'])
  await post('/dcmanager', { list: 'duplicates' })
  expect((await names()).at(-1)).toBe('a-clone region-of-a')
  await post('/dcmanager', { list: 'empty' })
  expect(await names()).toEqual([])
  await post('/dcmanager', { list: 'whole' })
  expect(await names()).toHaveLength(3)

  const fault = (body: object) => post('/regions/RegionOne/fault', { service: 'dcmanager', ...body })
  await fault({ kind: 'bad-json' })
  await expect(list(token)).rejects.toThrow(SyntaxError)
  await fault({ kind: 'cut' })
  await expect(list(token)).rejects.toThrow()
  await fault({ kind: 'status', status: 500 })
  expect((await ask('/subclouds', token)).status).toBe(500)
  await fault({ kind: 'down' })
  expect((await ask('/subclouds', token)).status).toBe(503)
  await fault({ kind: 'refuse' })
  await expect(list(token)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await fault({ clear: true })
  expect(await names()).toHaveLength(3)
})

test('many ask at once: dcmanager and Keystone are not one-at-a-time', async () => {
  const token = await start([subcloud('a')])
  await simulator.setFault('RegionOne', { kind: 'slow', ms: 50 }, 'dcmanager')
  await Promise.all(Array.from({ length: 5 }, () => list(token)))
  const [{ dcmanager, keystone } = {}] = simulator.requests()
  expect(dcmanager).toMatchObject({ total: 5, max_in_flight: 5 })
  // A login is no write that is kept: it holds the password.
  expect(keystone).toMatchObject({ total: 1, writes: [] })
})

test('what was not started cannot be changed, and nothing is there by default', async () => {
  simulator = await createSimulator({ plans: [subcloud('a')] })
  expect(Object.keys(simulator.regions()[0]?.endpoints ?? {})).toEqual(['usm'])
  expect(simulator.cloud.view()).toEqual({
    keystone: null,
    dcmanager: null,
    ca_file: null,
    user: null,
    project: null,
  })
  const answers = await Promise.all([
    post('/keystone', { revoke: true }),
    post('/dcmanager', { list: 'half' }),
    post('/ca', {}),
  ])
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400])
})
