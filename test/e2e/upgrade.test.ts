import { expect, onTestFinished, test } from 'vitest'
import type { StxRelease } from '../../src/simulator/region/release.ts'
import { planOf } from '../simulator/oneRegion.ts'
import {
  startSimulatedFleet,
  until,
  type FleetAnswer,
  type SimulatedFleet,
} from '../support/simulated-fleet.ts'

// A region is upgraded while it is being read: on the way it may fail or be stale, but nothing wrong is said of it.

const upstream = { connect_timeout: '1s', first_byte_timeout: '2s', read_timeout: '4s' }

async function fleetOf(release: StxRelease): Promise<SimulatedFleet> {
  const fleet = await startSimulatedFleet(
    { seed: 3, plans: [planOf({ release, name: 'traveller', mode: 'direct' })], upgradeDownMs: 700 },
    { refresh: { interval: '300ms', min_age: '0s' }, upstream },
  )
  onTestFinished(() => fleet.close())
  return fleet
}

test('from stx 11 to master', { timeout: 60_000 }, async () => {
  const fleet = await fleetOf('11')
  const { before, after, between } = await watch(fleet, '/v1/release?region_name=traveller', 'master')
  expect(keysOf(before)).not.toContain('metapackages')
  expect(keysOf(after)).toContain('metapackages')
  for (const answer of between) {
    // Either the old list or the new one, whole; or a 503 that says why.
    if (answer.status === 200)
      expect([releaseIds(before), releaseIds(after)]).toContainEqual(releaseIds(answer))
    else expect(answer).toMatchObject({ status: 503, regions: { total: 1, failed: 1 } })
  }
  expect(after).toMatchObject({ status: 200, complete: true, regions: { fresh: 1 } })
})

test('from Patching alone to USM without Patching', { timeout: 60_000 }, async () => {
  const fleet = await fleetOf('8')
  await until(async () => (await fleet.get('/v1/release')).regions['unsupported'] === 1)
  const { before, after, between } = await watch(fleet, '/v1/query_hosts', '12')
  expect(before).toMatchObject({ status: 200, regions: { fresh: 1 } })
  expect((before.body as { data: unknown[] }).data.length).toBeGreaterThan(0)
  for (const answer of between) {
    const { fresh, stale, failed, unsupported } = answer.regions
    expect((fresh ?? 0) + (stale ?? 0) + (failed ?? 0) + (unsupported ?? 0)).toBe(1)
    // A region that is not asked any more has no hosts in the answer; one that is, has those that it had.
    if (unsupported === 1) expect(answer.body).toEqual({ data: [] })
    if (stale === 1)
      expect((answer.body as { data: unknown[] }).data).toHaveLength(
        (before.body as { data: unknown[] }).data.length,
      )
  }
  expect(after.regions).toMatchObject({ unsupported: 1 })
  await until(async () => (await fleet.get('/v1/release')).regions['fresh'] === 1)
  const releases = await fleet.get('/v1/release?region_name=traveller')
  expect(releaseIds(releases)).toEqual(
    fleet.simulator.truth()[0]?.releases.map(({ release_id }) => release_id),
  )
})

/** Reads all the while, and until the answer is the new release's. */
async function watch(
  fleet: SimulatedFleet,
  target: string,
  release: StxRelease,
): Promise<{ before: FleetAnswer; between: FleetAnswer[]; after: FleetAnswer }> {
  await until(async () => (await fleet.get(target)).regions['fresh'] === 1)
  const before = await fleet.get(target)
  const between: FleetAnswer[] = []
  let upgraded = false
  const upgrade = fleet.simulator.upgrade('traveller', release).then(() => (upgraded = true))
  await until(async () => {
    const answer = await fleet.get(target)
    between.push(answer)
    const settled =
      answer.regions['unsupported'] === 1 || (answer.regions['fresh'] === 1 && answer.status === 200)
    return upgraded && settled && JSON.stringify(answer.body) !== JSON.stringify(before.body)
  })
  await upgrade
  return { before, between, after: await fleet.get(target) }
}

function releaseIds({ body }: FleetAnswer): string[] {
  return (body as { release_id: string }[]).map(({ release_id }) => release_id)
}
function keysOf({ body }: FleetAnswer): string[] {
  return Object.keys((body as object[])[0] ?? {})
}
