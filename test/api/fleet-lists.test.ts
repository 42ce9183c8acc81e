import { expect, test } from 'vitest'
import { createRegion } from '../support/fleet-regions.ts'
import { deployment, patchingHost, release } from '../support/fleet-records.ts'
import { createFilledGateway, playOf } from './fleet-setup.ts'

const regions = [
  createRegion('austin', { labels: { site: 'south' } }),
  createRegion('boston', { labels: { site: 'east', group: 'coast' } }),
  createRegion('chicago', { labels: { site: 'north' } }),
]
const play = playOf({
  austin: {
    query_hosts: { data: [patchingHost('controller-1', false), patchingHost('controller-0')] },
  },
  boston: {
    release: [release('24.09.1')],
    deploy: [deployment('deploy-host')],
    deploy_host: [
      {
        hostname: 'worker-9',
        software_release: '24.09.1',
        target_release: '24.09.10',
        host_state: 'pending',
      },
    ],
  },
  chicago: 'dark',
})

test('every region is there, whatever became of it', async () => {
  const gateway = await createFilledGateway(regions, play)
  const { items, total, meta } = await gateway.list(
    'regions?fields=region_name,status,failure_kind,hosts_total',
  )
  expect(items).toEqual([
    { region_name: 'austin', status: 'fresh', failure_kind: null, hosts_total: 2 },
    { region_name: 'boston', status: 'fresh', failure_kind: null, hosts_total: 1 },
    { region_name: 'chicago', status: 'failed', failure_kind: 'timeout', hosts_total: null },
  ])
  expect(total).toBe(3)
  expect(meta).toMatchObject({
    complete: false,
    regions: { total: 3, fresh: 2, stale: 0, failed: 1, unsupported: 0, skipped: 0 },
    reasons: { timeout: 1 },
    freshness: { p50_s: 1, p99_s: 1 },
  })
})

test('hosts of both services in the same words', async () => {
  const gateway = await createFilledGateway(regions, play)
  const { items, meta } = await gateway.list('hosts?details=true')
  expect(
    items.map(({ region_name, hostname, patch_current }) => [region_name, hostname, patch_current]),
  ).toEqual([
    ['austin', 'controller-0', true],
    ['austin', 'controller-1', false],
    ['boston', 'worker-9', false],
  ])
  expect(items[2]).toMatchObject({ target_version: '24.09.10', derived_from: 'usm-deploy-host', age_s: 1 })
  expect(meta.details).toMatchObject({
    chicago: { status: 'failed', kind: 'timeout', message: 'chicago: no connection within 3 s' },
  })
})

test('nothing is asked for it', async () => {
  const gateway = await createFilledGateway(regions, play)
  const before = gateway.asked.length
  gateway.clock.pass(3_600_000)
  const { meta } = await gateway.list('hosts')
  expect(gateway.asked.length).toBe(before)
  expect(meta.regions).toMatchObject({ fresh: 0, stale: 2, failed: 1 })
})

test.each([
  ['patch_current=false', ['controller-1', 'worker-9']],
  ['patch_current=unknown', []],
  ['patch_current.ne=false', ['controller-0']],
  ['hostname.prefix=controller-', ['controller-0', 'controller-1']],
  ['hostname=controller-0,worker-9', ['controller-0', 'worker-9']],
  ['sw_version.ge=24', ['worker-9']],
  ['target_version.lt=24.09.9', []],
  ['target_version.gt=24.09.9', ['worker-9']],
  ['target_version=24.09', ['worker-9']],
  ['target_version=null&sort=-hostname', ['controller-1', 'controller-0']],
  ['selector=site=south', ['controller-0', 'controller-1']],
  ['group=coast', ['worker-9']],
  ['region_name=b*', ['worker-9']],
  ['region_name=boston,austin&hostname.prefix=worker', ['worker-9']],
  ['region_name.prefix=b', ['worker-9']],
  ['age_s.lt=10', ['controller-0', 'controller-1', 'worker-9']],
  ['age_s.gt=1m', []],
])('hosts?%s', async (query, hostnames) => {
  const gateway = await createFilledGateway(regions, play)
  const { items, total } = await gateway.list(`hosts?${query}`)
  expect(items.map(({ hostname }) => hostname)).toEqual(hostnames)
  expect(total).toBe(hostnames.length)
})
