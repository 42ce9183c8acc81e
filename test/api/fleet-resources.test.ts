import { expect, test } from 'vitest'
import { answers, fails, type Played } from '../support/fleet-answers.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { deployment, patch, patchingHost, release } from '../support/fleet-records.ts'
import { createFilledGateway, playOf } from './fleet-setup.ts'

const east = createRegion('east', { subcloud: 'boston', labels: { site: 'boston' } })
const west = createRegion('west')
const deployHost = (hostname: string, host_state: string | null) => ({
  hostname,
  software_release: '24.09.0',
  target_release: '24.09.1',
  reboot_required: true,
  host_state,
})
const moving = {
  release: [release('24.09.0'), release('24.09.1', 'deploying')],
  deploy: [deployment('host')],
  deploy_host: [
    deployHost('controller-0', 'deployed'),
    deployHost('controller-1', 'failed'),
    deployHost('worker-0', null),
  ],
}
const patched = {
  query: { pd: { P1: patch('Applied'), P2: patch('Partial-Apply'), P3: patch('n/a') } },
  query_hosts: { data: [patchingHost('controller-0')] },
}

test('releases and patches, counted by state', async () => {
  const gateway = await createFilledGateway(
    [east, west],
    playOf({ east: moving, west: { ...patched, release: [release('24.09.1')] } }),
  )
  const { items } = await gateway.list(
    'releases?fields=release_id,kind,sw_version,regions,states,deployed,deploying',
  )
  expect(items).toEqual([
    {
      release_id: 'P1',
      kind: 'patch',
      sw_version: '22.12',
      regions: 1,
      states: ['deployed'],
      deployed: 1,
      deploying: 0,
    },
    {
      release_id: 'P2',
      kind: 'patch',
      sw_version: '22.12',
      regions: 1,
      states: ['deploying'],
      deployed: 0,
      deploying: 1,
    },
    {
      release_id: 'P3',
      kind: 'patch',
      sw_version: '22.12',
      regions: 1,
      states: ['unknown'],
      deployed: 0,
      deploying: 0,
    },
    {
      release_id: 'starlingx-24.09.0',
      kind: 'release',
      sw_version: '24.09.0',
      regions: 1,
      states: ['deployed'],
      deployed: 1,
      deploying: 0,
    },
    {
      release_id: 'starlingx-24.09.1',
      kind: 'release',
      sw_version: '24.09.1',
      regions: 2,
      states: ['deploying', 'deployed'],
      deployed: 1,
      deploying: 1,
    },
  ])
  const one = await gateway.list('releases/starlingx-24.09.1?fields=region_name,subcloud_name,state,age_s')
  expect(one.items).toEqual([
    { region_name: 'east', subcloud_name: 'boston', state: 'deploying', age_s: 1 },
    { region_name: 'west', subcloud_name: 'west', state: 'deployed', age_s: 1 },
  ])
  expect((await gateway.list('releases?states=deploying&kind=release')).total).toBe(1)
  expect((await gateway.list('releases/nobody-has-it')).total).toBe(0)
})

test('deployments, with their hosts', async () => {
  const gateway = await createFilledGateway([east, west], playOf({ east: moving, west: patched }))
  const { items } = await gateway.list('deployments')
  expect(items).toEqual([
    {
      region_name: 'east',
      subcloud_name: 'boston',
      from_release: '24.09.0',
      to_release: '24.09.1',
      state: 'deploying',
      native_state: 'host',
      reboot_required: false,
      hosts_total: 3,
      hosts_deployed: 1,
      hosts_failed: 1,
      age_s: 1,
      stale: false,
    },
  ])
  const hosts = await gateway.list('hosts?region_name=east&fields=hostname,state,patch_current')
  expect(hosts.items).toEqual([
    { hostname: 'controller-0', patch_current: true, state: 'deployed' },
    { hostname: 'controller-1', patch_current: false, state: 'failed' },
    { hostname: 'worker-0', patch_current: false, state: 'pending' },
  ])
})

test('a host of both services is current only where both say so, and shows what it is doing', async () => {
  const both = {
    ...moving,
    query_hosts: { data: [patchingHost('controller-0'), patchingHost('controller-1')] },
  }
  const gateway = await createFilledGateway([east], playOf({ east: both }))
  const { items } = await gateway.list('hosts?hostname.prefix=controller-')
  expect(items).toMatchObject([
    {
      hostname: 'controller-0',
      node_type: 'controller',
      patch_current: true,
      state: 'deployed',
      target_version: '24.09.1',
    },
    { hostname: 'controller-1', patch_current: false, state: 'failed', derived_from: 'usm-deploy-host' },
  ])
})

test('a host that vanished is unknown, as old as its last word', async () => {
  let hosts = [patchingHost('controller-0'), patchingHost('worker-0')]
  const gateway = await createFilledGateway([west], (region, want) =>
    playOf({ west: { query_hosts: { data: hosts } } })(region, want),
  )
  gateway.clock.pass(29_000)
  hosts = hosts.slice(0, 1)
  await gateway.refresh()
  const { items } = await gateway.list(
    'hosts?fields=hostname,patch_current,state,vanished,stale,age_s,last_seen_s',
  )
  expect(items).toEqual([
    {
      hostname: 'controller-0',
      patch_current: true,
      state: 'idle',
      last_seen_s: 13,
      age_s: 1,
      vanished: false,
      stale: false,
    },
    {
      hostname: 'worker-0',
      patch_current: null,
      state: 'unknown',
      last_seen_s: 43,
      age_s: 31,
      vanished: true,
      stale: true,
    },
  ])
})

test("one region's page: what is held, how old it is, and what went wrong lately", async () => {
  let played: Played | undefined = fails('broken', 'GET /v1/query: HTTP 500')
  const gateway = await createFilledGateway([east], (region, want) =>
    want.resource === 'query' && played ? played : playOf({ east: { ...moving, ...patched } })(region, want),
  )
  const page = async (): Promise<Readonly<Record<string, unknown>>> => {
    const { item } = (await gateway.read('/fleet/v1/regions/boston')) as { item: Record<string, unknown> }
    return item
  }
  expect(await page()).toMatchObject({
    region_name: 'east',
    status: 'stale',
    failure_kind: 'broken',
    resources: {
      release: { status: 'fresh', age_s: 1, records: 2, took_ms: 0, asked: 'answered' },
      query: {
        status: 'failed',
        kind: 'broken',
        message: 'boston: GET /v1/query: HTTP 500',
        asked: 'failed',
      },
    },
    failures: [{ resource: 'query', kind: 'broken', times: 1, first_at: '2026-01-15T06:00:00.000Z' }],
    retry_at: expect.any(String) as string,
    services: { usm: { possible: true, dialect: null }, patching: { possible: true } },
  })
  played = answers(patched.query)
  await gateway.refresh()
  expect(await page()).toMatchObject({
    status: 'fresh',
    failure_kind: null,
    retry_at: null,
    failures: [{ resource: 'query', kind: 'broken' }],
    releases: expect.arrayContaining([
      expect.objectContaining({ id: 'P2', native_repostate: 'Applied' }),
    ]) as unknown,
    hosts: expect.arrayContaining([expect.objectContaining({ hostname: 'worker-0', age_s: 1 })]) as unknown,
  })
})

test('the first screen', async () => {
  const dark = ['x', 'y', 'z'].map((name) => createRegion(name, { labels: { site: 'dallas' } }))
  const gateway = await createFilledGateway([east, west, ...dark], playOf({ east: moving, west: patched }))
  expect(await gateway.read('/fleet/v1/summary')).toMatchObject({
    item: {
      patch_current: { regions: { true: 0, false: 1, unknown: 4 }, hosts: { true: 2, false: 2, unknown: 0 } },
      at_baseline: { true: 0, false: 0, unknown: 5 },
      sw_versions: { unknown: 3, '24.09': 1, '22.12': 1 },
      deployments: { total: 1, states: { deploying: 1 } },
      problems: [{ kind: 'timeout', regions: 3, of: 3, labels: { site: 'dallas' } }],
      problems_total: 1,
      oldest: { region_name: 'east', age_s: 1 },
    },
    meta: { regions: { total: 5, fresh: 2, failed: 3 } },
  })
})

test('a region that left is in no new answer, and in the pages of an old one', async () => {
  const gateway = await createFilledGateway([east, west], playOf({ east: moving, west: patched }))
  const first = await gateway.list('regions?page_size=1')
  gateway.follow([east])
  gateway.clock.pass(1_000)
  expect((await gateway.list('regions')).total).toBe(1)
  const second = await gateway.list(`regions?page_size=1&page_token=${first.next_page_token}`)
  expect(second.items).toMatchObject([{ region_name: 'west' }])
})
