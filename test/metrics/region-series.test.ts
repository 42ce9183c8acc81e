import { describe, expect, test } from 'vitest'
import { answers, fails } from '../support/fleet-answers.ts'
import { deployment, patchingHost, release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { answering, maxAge, scraped } from './scraped.ts'

const east = createRegion('east')

describe('a deployment', () => {
  const deploying = answering({
    deploy: [deployment('deploy-host')],
    release: [release('24.09.0'), release('24.09.1', 'deploying')],
  })

  test('is told with the state that the region gives it', async () => {
    const { series, refresh } = scraped([east], (_, { resource }) => deploying(resource))
    await refresh()
    expect(await series('stx_region_deployment_info')).toEqual([
      '{region_name="east",from_release="24.09.0",to_release="24.09.1",state="deploy-host"} 1',
    ])
    expect(await series('stx_region_releases')).toEqual([
      '{region_name="east",state="deployed"} 2',
      '{region_name="east",state="deploying"} 1',
    ])
  })

  test('is not told, nor any release, once that is not fresh', async () => {
    const { series, refresh, clock } = scraped([east], (_, { resource }) => deploying(resource))
    await refresh()
    clock.pass(maxAge + 1)
    for (const name of ['deployment_info', 'releases', 'release_info'])
      expect(await series(`stx_region_${name}`)).toEqual([])
    expect(await series('stx_region_observed_timestamp_seconds')).toHaveLength(5)
  })
})

test('hosts are counted each once, and what is unknown is counted as that', async () => {
  const hosts = [
    patchingHost('a'),
    patchingHost('b', false, { requires_reboot: true }),
    patchingHost('c', false, { patch_failed: true }),
    patchingHost('d', true, { stale_details: true }),
  ]
  const { series, refresh, clock } = scraped([east], (_, { resource }) =>
    answering({ query_hosts: { data: hosts } })(resource),
  )
  await refresh()
  expect(await series('stx_region_hosts')).toEqual([
    '{region_name="east",state="current"} 1',
    '{region_name="east",state="not_current"} 1',
    '{region_name="east",state="failed"} 1',
    '{region_name="east",state="unknown"} 1',
  ])
  expect(await series('stx_host_requires_reboot')).toEqual([
    '{region_name="east",hostname="a",node_type="controller"} 0',
    '{region_name="east",hostname="b",node_type="controller"} 1',
    '{region_name="east",hostname="c",node_type="controller"} 0',
  ])
  expect(await series('stx_host_patch_failed')).toEqual([
    '{region_name="east",hostname="a",node_type="controller"} 0',
    '{region_name="east",hostname="b",node_type="controller"} 0',
    '{region_name="east",hostname="c",node_type="controller"} 1',
  ])
  clock.pass(maxAge + 1)
  expect((await series('stx_region_hosts')).at(-1)).toBe('{region_name="east",state="unknown"} 4')
  expect(await series('stx_host_patch_failed')).toEqual([])
})

test('a region is at the baseline, behind it, or unknown', async () => {
  const regions = [east, createRegion('north'), createRegion('west')]
  const { series, refresh } = scraped(
    regions,
    ({ name }, { resource }) => {
      if (name === 'west') return fails('timeout')
      return answering({ release: [release(name === 'east' ? '24.09.10' : '24.09.9')] })(resource)
    },
    [],
    { baseline: { release_ids: ['starlingx-24.09.10'] } },
  )
  await refresh()
  expect(await series('stx_region_at_baseline')).toEqual([
    '{region_name="east"} 1',
    '{region_name="north"} 0',
  ])
})

test('what ends at a region is told as the instant, and only where it is known', async () => {
  const client = { certificateEndsAt: () => 1_900_000_000_500, passwordExpiresAt: () => undefined }
  const { series } = scraped([east], () => fails('timeout'), [], { client })
  expect(await series('stx_tls_not_after_timestamp_seconds')).toEqual(['{region_name="east"} 1900000000.5'])
  expect(await series('stx_keystone_password_expiry_timestamp_seconds')).toEqual([])
})

test('a region that failed is backed off until it is asked again', async () => {
  let dark = true
  const { series, refresh, clock } = scraped([east], (_, { resource }) =>
    dark ? fails('unreachable') : answering()(resource),
  )
  await refresh()
  expect(await series('stx_region_backoff')).toEqual(['{region_name="east"} 1'])
  dark = false
  clock.pass(60_000)
  await refresh()
  expect(await series('stx_region_backoff')).toEqual(['{region_name="east"} 0'])
})

test('a region that leaves takes all its series along', async () => {
  const regions = [east, createRegion('west')]
  const { text, refresh } = scraped(regions, (_, { resource }) =>
    answering({ query_hosts: { data: [patchingHost('controller-0')] } })(resource),
  )
  await refresh()
  expect(await text()).toContain('region_name="west"')
  regions.pop()
  const left = await text()
  expect(left).not.toContain('west')
  expect(left).toContain('stx_fleet_regions{resource="release",status="fresh"} 1\n')
})

describe("a region's own words", () => {
  const labelsOf = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.replace(/ \S+$/, ''))

  test('are bounded in number, and what is left out is counted', async () => {
    const many = Array.from({ length: 1_200 }, (_, i) => patchingHost(`compute-${i}`))
    const { series, refresh, text } = scraped([east], (_, { resource }) =>
      answering({ query_hosts: { data: many } })(resource),
    )
    await refresh()
    expect(await series('stx_host_patch_current')).toHaveLength(1_000)
    expect(await series('stx_region_hosts')).toContain('{region_name="east",state="current"} 1200')
    expect(await series('stx_metrics_overflow')).toEqual([
      '{metric="stx_host_patch_current"} 200',
      '{metric="stx_host_requires_reboot"} 200',
      '{metric="stx_host_patch_failed"} 200',
    ])
    expect(await text(({ name }) => name !== 'east')).not.toContain('stx_metrics_overflow')
  })

  test('are bounded in length', async () => {
    const long = deployment('start', { to_release: 'x'.repeat(2_000) })
    const { series, refresh } = scraped([east], (_, { resource }) =>
      answering({ deploy: [deployment('start'), long] })(resource),
    )
    await refresh()
    expect(await series('stx_region_deployment_info')).toEqual([
      '{region_name="east",from_release="24.09.0",to_release="24.09.1",state="start"} 1',
    ])
    expect(await series('stx_metrics_overflow')).toEqual(['{metric="stx_region_deployment_info"} 1'])
  })

  test('never make a series stand twice: Prometheus would refuse the whole scrape', async () => {
    const odd = ['\\ud800', '\\ud801', '\\ufffd', 'a\\"b', 'a\\\\', 'a\\n'].map(
      (id) => `{"release_id":"${id}","state":"deployed","sw_version":"24.09.1","reboot_required":false}`,
    )
    const twice = deployment('start')
    const { series, refresh } = scraped([east], (_, { resource }) =>
      resource === 'release'
        ? { json: `[${odd.join(',')}]` }
        : resource === 'deploy'
          ? answers([twice, twice])
          : answering({ query: { pd: {} } })(resource),
    )
    await refresh()
    expect(await series('stx_region_deployment_info')).toHaveLength(1)
    const labels = labelsOf(await series('stx_region_release_info'))
    expect(labels).toHaveLength(6)
    expect(new Set(labels).size).toBe(6)
  })
})

test('labels of the inventory that come to the same name are one', async () => {
  const region = createRegion('east', { labels: { 'rack-no': '7', rack_no: '8' } })
  const { series } = scraped([region], () => fails('timeout'), ['rack-no', 'rack_no'])
  expect(await series('stx_region_info')).toEqual([
    '{region_name="east",subcloud_name="east",api="unknown",label_rack_no="8"} 1',
  ])
})
