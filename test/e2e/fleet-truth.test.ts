import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Fault } from '../../src/simulator/faults.ts'
import type { TruthView } from '../../src/simulator/views.ts'
import { startSimulatedFleet, until, type SimulatedFleet } from '../support/simulated-fleet.ts'

// Random fleets of all releases on a bad morning: what the fleet's own API says of a region is what the simulator knows
// to be so, or it is told as stale, failed, unsupported or unknown. The other doors and the metrics say the same.

type Record_ = Readonly<Record<string, unknown>>
interface Part {
  readonly status: string
}
interface Page {
  readonly region_name: string
  readonly status: string
  readonly patch_current: boolean | null
  readonly resources: Readonly<Record<string, Part>>
  readonly releases: readonly Record_[]
  readonly deployments: readonly Record_[]
  readonly hosts: readonly Record_[]
}
interface Listed {
  readonly items: readonly Record_[]
  readonly total: number
  readonly meta: { readonly regions: Readonly<Record<string, number>> }
}

const count = 24
const faults: readonly Fault[] = [
  { kind: 'refuse' },
  { kind: 'down' },
  { kind: 'black-hole' },
  { kind: 'cut' },
  { kind: 'html' },
  { kind: 'bad-json' },
  { kind: 'empty-204' },
  { kind: 'error-200' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 404 },
]

test('what is told is so, or told as old, missing or unknown', { timeout: 240_000 }, async () => {
  const fault = fc.record({
    at: fc.nat(count - 1),
    fault: fc.constantFrom(...faults),
    service: fc.constantFrom('usm', 'patching'),
  })
  await fc.assert(
    fc.asyncProperty(fc.nat(100_000), fc.array(fault, { maxLength: 8 }), async (seed, later) => {
      const fleet = await startSimulatedFleet(
        {
          seed,
          profile: 'noc',
          fleet: { regions: count, latency: [0, 2] },
          transitionMs: null,
          hostMs: null,
        },
        {
          refresh: { interval: '5m', min_age: '0s' },
          upstream: {
            connect_timeout: '1s',
            first_byte_timeout: '2s',
            idle_timeout: '1s',
            read_timeout: '4s',
          },
        },
      )
      try {
        await until(async () => (await fetch(`${fleet.gateway.adminUrl}/readyz`)).status === 200)
        const names = fleet.simulator.regions().map(({ region_name }) => region_name)
        for (const each of later) {
          await fleet.simulator
            .setFault(names[each.at] ?? '', each.fault, each.service as 'usm')
            // A region without that service has nothing to break.
            .catch(() => undefined)
        }
        await list(fleet, 'regions?max_age=0&deadline=20s')
        await checkPages(fleet)
        await checkLists(fleet)
        await checkOtherDoors(fleet, new Set(later.map(({ at }) => names[at])))
      } finally {
        await fleet.close()
      }
    }),
    // Other fleets: another seed.
    { numRuns: 4, endOnFailure: true, seed: 20_260_101 },
  )
})

async function list(fleet: SimulatedFleet, path: string): Promise<Listed> {
  const { status, body } = await fleet.get(`/fleet/v1/${path}`)
  expect([path, status]).toEqual([path, 200])
  return body as Listed
}

async function pageOf(fleet: SimulatedFleet, name: string): Promise<Page> {
  const { body } = await fleet.get(`/fleet/v1/regions/${name}`)
  return (body as { item: Page }).item
}

async function checkPages(fleet: SimulatedFleet): Promise<void> {
  for (const truth of fleet.simulator.truth()) checkPage(await pageOf(fleet, truth.region_name), truth)
}

function checkPage(page: Page, truth: TruthView): void {
  const isFresh = (part: string): boolean => page.resources[part]?.status === 'fresh'
  const told = (records: readonly Record_[], ...keys: readonly string[]): string[] =>
    records
      .map((record) => [truth.subcloud_name, ...keys.map((key) => String(record[key]))].join(' '))
      .toSorted()

  const releases = page.releases.filter(({ kind }) => kind === 'release')
  if (isFresh('release')) {
    expect(told(releases, 'id', 'native_state')).toEqual(told(truth.releases, 'release_id', 'state'))
  }
  if (isFresh('deploy')) {
    const so = truth.deployment === null ? [] : [truth.deployment]
    expect(told(page.deployments, 'from_release', 'to_release', 'native_state')).toEqual(
      told(so, 'from_release', 'to_release', 'state'),
    )
  }
  const patches = page.releases.filter(({ kind }) => kind === 'patch')
  if (isFresh('query'))
    expect(told(patches, 'id').length).toBe(hasAgents(truth) ? truth.patches.length : patches.length)
  if (isFresh('query') && hasAgents(truth)) {
    expect(told(patches, 'id', 'native_state')).toEqual(told(truth.patches, 'id', 'patchstate'))
  }
  for (const host of page.hosts) {
    const so = truth.hosts.find(({ hostname }) => hostname === host['hostname'])
    const deploys = truth.deploy_hosts.find(({ hostname }) => hostname === host['hostname'])
    expect([page.region_name, so ?? deploys]).not.toEqual([page.region_name, undefined])
    // Green is never told of a host that is not.
    const green = (so?.patch_current ?? true) && (deploys === undefined || deploys.host_state === 'deployed')
    if (host['patch_current'] === true) expect([host, green]).toEqual([host, true])
    if (host['stale'] === true) expect(host['patch_current']).not.toBe(true)
  }
  if (isFresh('query_hosts') && hasAgents(truth)) {
    const names = page.hosts.map(({ hostname }) => hostname)
    for (const { hostname } of truth.hosts) expect(names).toContain(hostname)
  }
  const current = truth.deployment === null || truth.deployment.state === 'completed'
  if (page.patch_current === true) {
    expect([
      page.region_name,
      current,
      truth.hosts.filter((host) => hasAgents(truth) && !host.patch_current),
    ]).toEqual([page.region_name, true, []])
  }
  if (Object.values(page.resources).some(({ status }) => status === 'failed' || status === 'stale')) {
    expect(['stale', 'failed']).toContain(page.status)
  }
}

/** Lists and aggregates are the pages, laid together. */
async function checkLists(fleet: SimulatedFleet): Promise<void> {
  const regions = await list(fleet, 'regions?page_size=1000')
  const { total, ...statuses } = regions.meta.regions
  expect([regions.total, total]).toEqual([count, count])
  expect(Object.values(statuses).reduce((a, b) => a + b)).toBe(count)
  const pages = await Promise.all(regions.items.map(({ region_name }) => pageOf(fleet, String(region_name))))

  const hosts = await fleet.get('/fleet/v1/hosts?page_size=1000')
  const key = (of: Record_): string =>
    JSON.stringify([of['region_name'], of['hostname'], of['patch_current']])
  expect((hosts.body as Listed).items.map(key)).toEqual(
    pages.flatMap((page) =>
      page.hosts.map((host) => key({ ...host, region_name: page.region_name })).toSorted(),
    ),
  )
  const { body } = await fleet.get('/fleet/v1/summary')
  const { patch_current: summary } = (
    body as { item: { patch_current: Record<string, Record<string, number>> } }
  ).item
  const threefold = (verdicts: readonly unknown[]): Record<string, number> => ({
    true: verdicts.filter((each) => each === true).length,
    false: verdicts.filter((each) => each === false).length,
    unknown: verdicts.filter((each) => each === null).length,
  })
  expect(summary).toEqual({
    regions: threefold(pages.map((page) => page.patch_current)),
    hosts: threefold(pages.flatMap((page) => page.hosts.map((host) => host['patch_current']))),
  })
  const { items: releases } = await list(fleet, 'releases?page_size=1000')
  const known = pages.flatMap((page) =>
    page.releases.map(({ id, kind, state }) => `${String(kind)} ${String(id)} ${String(state)}`),
  )
  for (const release of releases) {
    const of = `${String(release['kind'])} ${String(release['release_id'])}`
    expect([of, release['deployed']]).toEqual([of, known.filter((each) => each === `${of} deployed`).length])
    expect([of, release['regions']]).toEqual([of, known.filter((each) => each.startsWith(`${of} `)).length])
  }
  const unwell = regions.items.filter(({ status }) => status === 'stale' || status === 'failed')
  const problems = await list(fleet, 'problems?page_size=1000')
  const named = problems.items.flatMap(({ region_names }) => region_names as string[])
  expect([...new Set(named)].toSorted()).toEqual(unwell.map(({ region_name }) => region_name))
}

/** `broken`: these fail when they are asked now, though what is held of them may be young. */
async function checkOtherDoors(
  fleet: SimulatedFleet,
  broken: ReadonlySet<string | undefined>,
): Promise<void> {
  const { items: regions } = await list(fleet, 'regions?page_size=1000')
  const metrics = await fleet.metrics()
  for (const { region_name: name, patch_current: current } of regions) {
    const value = metrics.get(`stx_region_patch_current{region_name="${String(name)}"}`)
    expect([name, value]).toEqual([name, current === null ? undefined : Number(current)])
  }
  const merged = await fleet.get('/v1/release')
  const told = (merged.status === 200 ? (merged.body as Record_[]) : [])
    .map(
      (record) =>
        `${String(record['region_name'])} ${String(record['release_id'])} ${String(record['state'])}`,
    )
    .toSorted()
  const own: string[] = []
  for (const { region_name: name } of regions) {
    const page = await pageOf(fleet, String(name))
    for (const { kind, id, native_state } of page.releases) {
      if (kind === 'release') own.push(`${page.region_name} ${String(id)} ${String(native_state)}`)
    }
  }
  expect(own.toSorted()).toEqual(told)
  const well = regions.find(
    ({ region_name, status, dialects }) =>
      status === 'fresh' && String(dialects).includes('usm') && !broken.has(String(region_name)),
  )
  if (well === undefined) return
  const one = await fleet.get(`/regions/${String(well['region_name'])}/v1/release`)
  const ofOne = (one.body as Record_[]).map(
    ({ release_id, state }) => `${String(well['region_name'])} ${String(release_id)} ${String(state)}`,
  )
  expect(ofOne.toSorted()).toEqual(told.filter((each) => each.startsWith(`${String(well['region_name'])} `)))
}

/** stx 10 and 11 may still run Patching, but nothing reports to it. */
function hasAgents({ release }: TruthView): boolean {
  return ['6', '7', '8', '9'].includes(release)
}
