import { describe, expect, test } from 'vitest'
import type { Scope } from '../../src/fleet/select.ts'
import { backgroundResources } from '../../src/model/calls.ts'
import type { Resource } from '../../src/model/reading.ts'
import { fails, lacks, type Play, type Played } from '../support/fleet-answers.ts'
import { startOfTests } from '../support/fleet-clock.ts'
import { deployment, patchingHost } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { answering, maxAge, scraped } from './scraped.ts'

const second = startOfTests / 1000

describe('a fleet', () => {
  const regions = [
    createRegion('5d5b', { subcloud: 'boston-1', labels: { site: 'boston', 'rack-no': '7' } }),
    createRegion('closed', { maintenanceUntil: Infinity }),
    createRegion('dark', { speaks: ['usm'] }),
    createRegion('old', { speaks: ['patching'] }),
  ]
  const play: Play = ({ name }, { resource }) => {
    if (name === 'dark') return fails('unreachable')
    const hosts = [patchingHost('controller-0'), patchingHost('compute "0"', false, { nodetype: 'worker' })]
    return answering({ query_hosts: { data: name === 'old' ? hosts : [] } })(resource)
  }

  test('looks like this', async () => {
    const { text, refresh } = scraped(regions, play, ['site', 'rack-no'])
    await refresh()

    expect(await text()).toBe(`\
# HELP stx_fleet_regions Regions by what is held of a resource: fresh, stale, failed (or not asked yet), unsupported, skipped. They add up to all regions.
# TYPE stx_fleet_regions gauge
${[
  ['release', 1, 0, 1, 1, 1],
  ['deploy', 1, 0, 1, 1, 1],
  ['deploy_host', 1, 0, 1, 1, 1],
  ['query', 2, 0, 0, 1, 1],
  ['query_hosts', 2, 0, 0, 1, 1],
]
  .flatMap(([resource, ...counts]) =>
    ['fresh', 'stale', 'failed', 'unsupported', 'skipped'].map(
      (status, i) => `stx_fleet_regions{resource="${resource}",status="${status}"} ${counts[i]}\n`,
    ),
  )
  .join('')}\
# HELP stx_fleet_freshness_ratio The share of the regions that could answer of which a fresh answer is held: fresh / (all - unsupported - skipped), 1 where that is none.
# TYPE stx_fleet_freshness_ratio gauge
stx_fleet_freshness_ratio{resource="release"} 0.5
stx_fleet_freshness_ratio{resource="deploy"} 0.5
stx_fleet_freshness_ratio{resource="deploy_host"} 0.5
stx_fleet_freshness_ratio{resource="query"} 1
stx_fleet_freshness_ratio{resource="query_hosts"} 1
# HELP stx_region_info A region of the inventory. api: the dialects of its last good answers; sw_version: what it was last known to run; label_*: labels of the inventory.
# TYPE stx_region_info gauge
stx_region_info{region_name="5d5b",subcloud_name="boston-1",api="usm-stx10,patching-ostree",sw_version="24.09.10",label_site="boston",label_rack_no="7"} 1
stx_region_info{region_name="closed",subcloud_name="closed",api="unknown"} 1
stx_region_info{region_name="dark",subcloud_name="dark",api="unknown"} 1
stx_region_info{region_name="old",subcloud_name="old",api="patching-ostree",sw_version="22.12"} 1
# HELP stx_region_up Whether the last attempt got a usable answer; absent before the first one, and while the region is skipped.
# TYPE stx_region_up gauge
stx_region_up{region_name="5d5b"} 1
stx_region_up{region_name="dark"} 0
stx_region_up{region_name="old"} 1
# HELP stx_region_patch_current Whether every host runs what its region has deployed or applied; absent when unknown or not fresh, which is not current.
# TYPE stx_region_patch_current gauge
stx_region_patch_current{region_name="5d5b"} 1
stx_region_patch_current{region_name="old"} 0
# HELP stx_region_observed_timestamp_seconds When the last good answer was received, seconds since the epoch; its age is time() minus this. Absent before the first one.
# TYPE stx_region_observed_timestamp_seconds gauge
${backgroundResources.map(({ resource }) => `stx_region_observed_timestamp_seconds{region_name="5d5b",resource="${resource}"} ${second}\n`).join('')}\
stx_region_observed_timestamp_seconds{region_name="old",resource="query"} ${second}
stx_region_observed_timestamp_seconds{region_name="old",resource="query_hosts"} ${second}
# HELP stx_region_failure_info Why what is held of a resource is stale, or nothing is held of it; absent while it is fresh.
# TYPE stx_region_failure_info gauge
stx_region_failure_info{region_name="dark",resource="release",kind="unreachable"} 1
stx_region_failure_info{region_name="dark",resource="deploy",kind="unreachable"} 1
stx_region_failure_info{region_name="dark",resource="deploy_host",kind="unreachable"} 1
# HELP stx_region_backoff Whether the region is left alone for a while as it failed.
# TYPE stx_region_backoff gauge
stx_region_backoff{region_name="5d5b"} 0
stx_region_backoff{region_name="closed"} 0
stx_region_backoff{region_name="dark"} 1
stx_region_backoff{region_name="old"} 0
# HELP stx_region_hosts Hosts by what is known of them: current, not_current, failed (to be patched), unknown; absent where no host is known.
# TYPE stx_region_hosts gauge
stx_region_hosts{region_name="old",state="current"} 1
stx_region_hosts{region_name="old",state="not_current"} 1
stx_region_hosts{region_name="old",state="failed"} 0
stx_region_hosts{region_name="old",state="unknown"} 0
# HELP stx_region_releases Releases (USM) and patches (Patching) by state; absent while that is not fresh.
# TYPE stx_region_releases gauge
stx_region_releases{region_name="5d5b",state="committed"} 1
stx_region_releases{region_name="5d5b",state="deployed"} 3
stx_region_releases{region_name="old",state="deployed"} 1
# HELP stx_region_release_info A release or patch that the region knows, and its state there; absent while that is not fresh.
# TYPE stx_region_release_info gauge
stx_region_release_info{region_name="5d5b",release_id="starlingx-24.09.0",state="committed"} 1
stx_region_release_info{region_name="5d5b",release_id="starlingx-24.09.10",state="deployed"} 1
stx_region_release_info{region_name="5d5b",release_id="starlingx-24.09.9",state="deployed"} 1
stx_region_release_info{region_name="5d5b",release_id="P",state="deployed"} 1
stx_region_release_info{region_name="old",release_id="P",state="deployed"} 1
# HELP stx_host_patch_current Whether a host runs what its region has applied; absent when unknown or not fresh.
# TYPE stx_host_patch_current gauge
stx_host_patch_current{region_name="old",hostname="controller-0",node_type="controller"} 1
stx_host_patch_current{region_name="old",hostname="compute \\"0\\"",node_type="worker"} 0
# HELP stx_host_requires_reboot Whether a host must be rebooted to run what is applied; absent when unknown or not fresh.
# TYPE stx_host_requires_reboot gauge
stx_host_requires_reboot{region_name="old",hostname="controller-0",node_type="controller"} 0
stx_host_requires_reboot{region_name="old",hostname="compute \\"0\\"",node_type="worker"} 0
# HELP stx_host_patch_failed Whether the last attempt to patch a host failed; absent when unknown or not fresh.
# TYPE stx_host_patch_failed gauge
stx_host_patch_failed{region_name="old",hostname="controller-0",node_type="controller"} 0
stx_host_patch_failed{region_name="old",hostname="compute \\"0\\"",node_type="worker"} 0
`)
  })

  test('that was never asked has no green, and counts as failed', async () => {
    const { series } = scraped(regions, play)
    expect(await series('stx_region_patch_current')).toEqual([])
    expect(await series('stx_region_up')).toEqual([])
    expect((await series('stx_fleet_regions')).filter((each) => each.includes('"release"'))).toEqual([
      '{resource="release",status="fresh"} 0',
      '{resource="release",status="stale"} 0',
      '{resource="release",status="failed"} 2',
      '{resource="release",status="unsupported"} 1',
      '{resource="release",status="skipped"} 1',
    ])
  })

  test('shows to each only what they may see', async () => {
    const { text, refresh, series } = scraped(regions, play)
    await refresh()
    const scope: Scope = ({ name }) => name === 'old'
    expect(await text(scope)).not.toMatch(/5d5b|boston|closed|dark/)
    expect(
      (await series('stx_fleet_regions', scope)).filter((each) => each.includes('"query_hosts"')),
    ).toEqual([
      '{resource="query_hosts",status="fresh"} 1',
      '{resource="query_hosts",status="stale"} 0',
      '{resource="query_hosts",status="failed"} 0',
      '{resource="query_hosts",status="unsupported"} 0',
      '{resource="query_hosts",status="skipped"} 0',
    ])
  })
})

describe('the counts of regions', () => {
  test('add up to their number, for every resource, whatever became of each', async () => {
    const plays: readonly ((resource: Resource) => Played)[] = [
      answering(),
      () => fails('timeout'),
      () => fails('malformed'),
      () => lacks(),
      (resource) => (resource === 'release' ? fails('broken') : answering()(resource)),
    ]
    const regions = Array.from({ length: 100 }, (_, i) => {
      if (i % 7 === 0) return createRegion(`r${i}`, { maintenanceUntil: Infinity })
      return createRegion(`r${i}`, i % 3 === 0 ? { speaks: ['patching'] } : {})
    })
    let round = 0
    const { series, refresh, clock } = scraped(regions, ({ name }, { resource }) => {
      const which = (Number(name.slice(1)) + round) % plays.length
      return plays[which]?.(resource) ?? lacks()
    })
    for (; round < 3; round++) {
      if (round > 0) await refresh()
      clock.pass(maxAge / 2 + 1)
      const sums = new Map<string, number>()
      for (const line of await series('stx_fleet_regions')) {
        const [, resource = '', count] = /resource="(\w+)".* (\d+)$/.exec(line) ?? []
        sums.set(resource, (sums.get(resource) ?? 0) + Number(count))
      }
      expect([...sums]).toEqual(backgroundResources.map(({ resource }) => [resource, 100]))
    }
  })
})

describe('never a stale green', () => {
  const east = createRegion('east')
  const hosts = { query_hosts: { data: [patchingHost('controller-0')] } }

  test.each<[string, Played | undefined, number]>([
    ['its answers have become too old', undefined, maxAge + 1],
    ['asking it fails', fails('timeout'), maxAge + 1],
    ['its answers are malformed', fails('malformed'), maxAge + 1],
  ])('a region is neither current nor not once %s', async (_, then, wait) => {
    let played: Played | undefined
    const { series, refresh, clock } = scraped(
      [east],
      (_region, { resource }) => played ?? answering(hosts)(resource),
    )
    await refresh()
    expect(await series('stx_region_patch_current')).toEqual(['{region_name="east"} 1'])
    expect(await series('stx_host_patch_current')).toHaveLength(1)

    played = then
    clock.pass(wait)
    if (then) await refresh()

    expect(await series('stx_region_patch_current')).toEqual([])
    expect(await series('stx_host_patch_current')).toEqual([])
    expect((await series('stx_region_observed_timestamp_seconds'))[0]).toBe(
      `{region_name="east",resource="release"} ${second}`,
    )
  })

  test.each(['release', 'deploy', 'query_hosts'] as const)('nor where only %s fails', async (failing) => {
    let failingNow = false
    const { series, refresh, clock } = scraped([east], (_, { resource }) =>
      failingNow && resource === failing ? fails('broken') : answering(hosts)(resource),
    )
    await refresh()
    failingNow = true
    clock.pass(maxAge + 1)
    await refresh()
    expect(await series('stx_region_patch_current')).toEqual([])
    expect(await series('stx_host_patch_current')).toHaveLength(failing === 'query_hosts' ? 0 : 1)
  })

  test('an unknown host has no series, and makes its region unknown', async () => {
    const { series, refresh } = scraped([east], (_, { resource }) =>
      answering({
        query_hosts: { data: [patchingHost('a'), patchingHost('b', true, { secs_since_ack: 1_000 })] },
      })(resource),
    )
    await refresh()
    expect(await series('stx_region_patch_current')).toEqual([])
    expect(await series('stx_host_patch_current')).toEqual([
      '{region_name="east",hostname="a",node_type="controller"} 1',
    ])
  })

  test('a region in maintenance is not shown as it was before', async () => {
    const regions = [east]
    const { series, refresh } = scraped(regions, (_, { resource }) => answering(hosts)(resource))
    await refresh()
    expect(await series('stx_region_patch_current')).toHaveLength(1)
    regions[0] = { ...east, maintenanceUntil: Infinity }
    expect(await series('stx_region_patch_current')).toEqual([])
    expect(await series('stx_host_patch_current')).toEqual([])
  })
})

test('the hosts of a deployment are shown too: deployed is current, the others are not', async () => {
  const { series, refresh } = scraped([createRegion('east', { speaks: ['usm'] })], (_, { resource }) =>
    answering({
      deploy: [deployment('deploy-host')],
      deploy_host: [
        { hostname: 'controller-0', host_state: 'deployed' },
        { hostname: 'controller-1', host_state: 'pending' },
      ],
    })(resource),
  )
  await refresh()
  expect(await series('stx_region_patch_current')).toEqual(['{region_name="east"} 0'])
  expect(await series('stx_host_patch_current')).toEqual([
    '{region_name="east",hostname="controller-0"} 1',
    '{region_name="east",hostname="controller-1"} 0',
  ])
})

test('a region is up while its last attempts got usable answers, whatever is still held', async () => {
  let dark = false
  const { series, refresh, clock } = scraped([createRegion('east')], (_, { resource }) =>
    dark ? fails('timeout') : answering()(resource),
  )
  await refresh()
  dark = true
  clock.pass(1_000)
  await refresh()
  expect(await series('stx_region_up')).toEqual(['{region_name="east"} 0'])
  expect(await series('stx_region_patch_current')).toEqual(['{region_name="east"} 1'])
  dark = false
  clock.pass(40_000)
  await refresh()
  expect(await series('stx_region_up')).toEqual(['{region_name="east"} 1'])
})

test('a label tells exactly what the region is called', async () => {
  const odd = 'a\\b"c\nd{e}=,é'
  const { series } = scraped([createRegion(odd, { labels: { site: '"\\' } })], () => lacks(), ['site'])
  expect(await series('stx_region_info')).toEqual([
    '{region_name="a\\\\b\\"c\\nd{e}=,é",subcloud_name="a\\\\b\\"c\\nd{e}=,é",api="unknown",label_site="\\"\\\\"} 1',
  ])
})
