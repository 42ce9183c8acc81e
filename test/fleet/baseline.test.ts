import { describe, expect, test } from 'vitest'
import { atBaseline, baselineOf, type BaselineConfig } from '../../src/fleet/baseline.ts'
import { factsOf, type RegionFacts } from '../../src/fleet/region-facts.ts'
import { createHostHistory } from '../../src/fleet/host-history.ts'
import { createSnapshots } from '../../src/fleet/snapshots.ts'
import { backgroundResources } from '../../src/model/calls.ts'
import { answers, createAsk, fails, type Played } from '../support/fleet-answers.ts'
import { createClock } from '../support/fleet-clock.ts'
import { patch, patchingHost, release, type JsonRecord } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'

/** The facts of a region that speaks one API and answers so. */
async function factsOfRegion(
  api: 'usm' | 'patching',
  bodies: Readonly<Record<string, Played>>,
): Promise<RegionFacts> {
  const region = createRegion('r', { speaks: [api] })
  const snapshots = createSnapshots({
    ask: createAsk((_, { resource }) => bodies[resource] ?? answers([])),
    now: createClock().now,
    random: () => 0,
  })
  for (const { resource } of backgroundResources)
    await snapshots.read(region, { resource }, { maxAge: 60_000 })
  return factsOf(region, { snapshots, hosts: createHostHistory() }, 60_000)
}

const usm = (...releases: readonly JsonRecord[]) => factsOfRegion('usm', { release: answers(releases) })
const patching = (patches: JsonRecord, ...hostVersions: readonly string[]) =>
  factsOfRegion('patching', {
    query: answers({ pd: patches }),
    query_hosts: answers({
      data: hostVersions.map((sw_version, i) => patchingHost(`host-${i}`, true, { sw_version })),
    }),
  })
const unknown = (api: 'usm' | 'patching') =>
  factsOfRegion(api, {
    release: fails('unreachable'),
    query: fails('unreachable'),
    query_hosts: fails('unreachable'),
  })

async function judge(
  facts: Promise<RegionFacts>,
  by: Promise<RegionFacts> | readonly string[],
): Promise<boolean | null> {
  const reference = by instanceof Promise ? await by : undefined
  const config: BaselineConfig = by instanceof Promise ? { region_name: 'reference' } : { release_ids: by }
  return atBaseline(
    await facts,
    baselineOf(config, (name) => (name === 'reference' ? reference : undefined)),
  )
}

describe('against a region of USM', () => {
  const reference = usm(
    release('24.09.9', 'committed'),
    release('24.09.10'),
    release('24.09.11', 'available'),
  )

  test('the highest deployed release counts, as numbers', async () => {
    expect(await judge(usm(release('24.09.10')), reference)).toBe(true)
    expect(await judge(usm(release('25.09.0'), release('24.09.1')), reference)).toBe(true)
    expect(await judge(usm(release('24.09.9')), reference)).toBe(false)
    expect(await judge(usm(release('24.09.9'), release('24.09.10', 'deploying')), reference)).toBe(false)
  })
  test('unknown is neither', async () => {
    expect(await judge(unknown('usm'), reference)).toBeNull()
    expect(await judge(usm(release('24.09.10', 'available')), reference)).toBeNull()
    expect(await judge(usm(release('24.09.10')), unknown('usm'))).toBeNull()
  })
  test('of a region of Patching only major and minor are compared, and equal is not known', async () => {
    expect(await judge(patching({ P: patch('Applied') }, '22.12'), reference)).toBe(false)
    expect(await judge(patching({ P: patch('Applied') }, '24.09'), reference)).toBeNull()
    expect(await judge(patching({ P: patch('Applied') }, '25.03'), reference)).toBe(true)
  })
})

describe('against a region of Patching', () => {
  const reference = patching(
    { A: patch('Applied'), B: patch('Committed'), C: patch('Available') },
    '22.12',
    '22.12',
  )

  test('the same release needs every patch that is in there', async () => {
    expect(await judge(patching({ A: patch('Committed'), B: patch('Applied') }, '22.12'), reference)).toBe(
      true,
    )
    expect(await judge(patching({ A: patch('Applied') }, '22.12'), reference)).toBe(false)
    expect(
      await judge(patching({ A: patch('Applied'), B: patch('Partial-Apply') }, '22.12'), reference),
    ).toBe(false)
    expect(await judge(patching({ A: patch('Applied'), B: patch('n/a') }, '22.12'), reference)).toBe(false)
  })
  test('a newer release needs none, an older one is behind; the oldest host counts', async () => {
    expect(await judge(patching({}, '24.09'), reference)).toBe(true)
    expect(await judge(patching({ A: patch('Applied'), B: patch('Applied') }, '21.12'), reference)).toBe(
      false,
    )
    expect(
      await judge(patching({ A: patch('Applied'), B: patch('Applied') }, '22.12', '21.12'), reference),
    ).toBe(false)
  })
  test('unknown is neither: no hosts, a host of no version, no answer', async () => {
    expect(await judge(patching({ A: patch('Applied'), B: patch('Applied') }), reference)).toBeNull()
    expect(await judge(patching({}, '24.09', 'n/a'), reference)).toBeNull()
    expect(await judge(unknown('patching'), reference)).toBeNull()
  })
  test('of a region of USM only major and minor are compared, and equal is not known', async () => {
    expect(await judge(usm(release('24.09.0')), reference)).toBe(true)
    expect(await judge(usm(release('22.12.4')), reference)).toBeNull()
    expect(await judge(usm(release('21.12.0')), reference)).toBe(false)
  })
})

test('a declared list: ids that end in a version are releases, others patches', async () => {
  const ids = ['starlingx-24.09.2', 'starlingx-24.09.10', 'WRCP_22.12_PATCH_0001']
  expect(await judge(usm(release('24.09.10')), ids)).toBe(true)
  expect(await judge(usm(release('24.09.9')), ids)).toBe(false)
  expect(await judge(patching({ 'WRCP_22.12_PATCH_0001': patch('Applied') }, '22.12'), ids)).toBe(false)
  expect(await judge(patching({ 'WRCP_22.12_PATCH_0001': patch('Applied') }, '24.09'), ids)).toBe(true)
  expect(
    await judge(patching({ 'WRCP_22.12_PATCH_0001': patch('Applied') }, '22.12'), ['WRCP_22.12_PATCH_0001']),
  ).toBe(true)
  expect(await judge(patching({}, '22.12'), ['WRCP_22.12_PATCH_0001'])).toBe(false)
  expect(await judge(usm(release('24.09.10')), ['WRCP_22.12_PATCH_0001'])).toBeNull()
})

test('without a baseline, or by a region that is not there, nothing is known', async () => {
  const facts = await usm(release('24.09.10'))
  expect(
    atBaseline(
      facts,
      baselineOf(undefined, () => facts),
    ),
  ).toBeNull()
  expect(
    atBaseline(
      facts,
      baselineOf({ region_name: 'gone' }, () => undefined),
    ),
  ).toBeNull()
})

test('a region with a list beyond measure is none: each answer would repeat it for each region', async () => {
  const releases = Array.from({ length: 2_000 }, (_, i) => release(`24.09.${i}`))
  expect(await judge(usm(release('24.09.1')), usm(...releases))).toBeNull()
  const patches = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, i) => [`PATCH_${i}`, patch('Applied')]),
  )
  expect(await judge(patching({}, '22.12'), patching(patches, '22.12'))).toBeNull()
})
