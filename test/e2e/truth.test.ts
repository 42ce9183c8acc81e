import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TruthView } from '../../src/simulator/views.ts'
import { startSimulatedFleet, until, type SimulatedFleet } from '../support/simulated-fleet.ts'

// 1,000 regions of all releases, one in twenty dark: what the gateway says is what the simulator knows to be so.

interface Record_ {
  readonly region_name: string
  readonly release_id: string
  readonly hostname: string
  readonly state: string
  readonly patch_current: boolean
}

let fleet: SimulatedFleet
let truth: readonly TruthView[]
const total = 1000
const resources = ['release', 'deploy', 'deploy_host', 'query', 'query_hosts']

beforeAll(async () => {
  fleet = await startSimulatedFleet(
    {
      seed: 7,
      profile: 'plain',
      fleet: {
        regions: total,
        dark: 0.05,
        latency: [0, 2],
        mix: { 6: 1, 8: 2, 9: 1, 10: 2, 11: 2, 12: 2, master: 1 },
        mode: 'mixed',
      },
    },
    // Dark regions fail soon; what is held stays fresh for the length of the test.
    {
      refresh: { interval: '5m' },
      upstream: { connect_timeout: '2s', first_byte_timeout: '4s', read_timeout: '10s' },
    },
  )
  truth = fleet.simulator.truth()
  await until(async () => {
    const metrics = await fleet.metrics()
    const told = resources.map(
      (resource) => of(metrics, resource, 'fresh') + of(metrics, resource, 'unsupported'),
    )
    return told.every((count) => count === total - dark().length)
  })
}, 120_000)
afterAll(() => fleet.close())

test('releases of every region that answers, each under its own name', async () => {
  const { status, regions, complete, body } = await fleet.get('/v1/release')
  expect({ status, complete, total: regions['total'] }).toEqual({ status: 200, complete: false, total })
  const told = (body as Record_[]).map(
    ({ region_name, release_id, state }) => `${region_name} ${release_id} ${state}`,
  )
  const so = lit()
    .filter(hasUsm)
    .flatMap(({ region_name, releases }) =>
      releases.map(({ release_id, state }) => `${region_name} ${release_id} ${state}`),
    )
  expect(told.toSorted()).toEqual(so.toSorted())
  expect(sum(regions)).toBe(total)
  expect(regions['fresh']).toBe(lit().filter(hasUsm).length)
})

test('hosts of every region that has Patching', async () => {
  const { regions, body } = await fleet.get('/v1/query_hosts')
  const told = (body as { data: Record_[] }).data.map(
    ({ region_name, hostname, patch_current }) => `${region_name} ${hostname} ${patch_current}`,
  )
  const so = lit()
    .filter(hasAgents)
    .flatMap(({ region_name, hosts }) =>
      hosts.map(({ hostname, patch_current }) => `${region_name} ${hostname} ${patch_current}`),
    )
  expect(told.toSorted()).toEqual(so.toSorted())
  expect(sum(regions)).toBe(total)
})

test('the metrics say the same, and add up to the whole fleet for every resource', async () => {
  const metrics = await fleet.metrics()
  for (const resource of resources) {
    const counts = ['fresh', 'stale', 'failed', 'unsupported', 'skipped'].map((status) =>
      of(metrics, resource, status),
    )
    expect({ resource, total: counts.reduce((a, b) => a + b) }).toEqual({ resource, total })
  }
  for (const { region_name } of lit()) {
    expect([region_name, metrics.get(`stx_region_up{region_name="${region_name}"}`)]).toEqual([
      region_name,
      1,
    ])
  }
  for (const { region_name } of dark()) {
    expect(metrics.get(`stx_region_patch_current{region_name="${region_name}"}`)).toBeUndefined()
    expect(metrics.get(`stx_region_up{region_name="${region_name}"}`) ?? 0).toBe(0)
  }
  const green = lit().filter(
    ({ region_name }) => metrics.get(`stx_region_patch_current{region_name="${region_name}"}`) === 1,
  )
  const current = lit().filter(
    (region) => region.deployment === null && region.hosts.every(({ patch_current }) => patch_current),
  )
  expect(green.map(({ region_name }) => region_name)).toEqual(current.map(({ region_name }) => region_name))
})

function lit(): TruthView[] {
  return truth.filter(({ faults }) => Object.keys(faults).length === 0)
}
function dark(): TruthView[] {
  return truth.filter(({ faults }) => Object.keys(faults).length > 0)
}
function hasUsm({ release }: TruthView): boolean {
  return !['6', '7', '8'].includes(release)
}
/** stx 10 and 11 may still run Patching, but nothing reports to it. */
function hasAgents({ release }: TruthView): boolean {
  return ['6', '7', '8', '9'].includes(release)
}
function of(metrics: ReadonlyMap<string, number>, resource: string, status: string): number {
  return metrics.get(`stx_fleet_regions{resource="${resource}",status="${status}"}`) ?? 0
}
/** Of the statuses, without the total. */
function sum(regions: Readonly<Record<string, number>>): number {
  return Object.entries(regions).reduce((all, [name, count]) => (name === 'total' ? all : all + count), 0)
}
