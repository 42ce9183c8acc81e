import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BaselineConfig } from '../../src/fleet/baseline.ts'
import { createDirectory } from '../../src/fleet/directory.ts'
import { createHostHistory } from '../../src/fleet/host-history.ts'
import { createSnapshots } from '../../src/fleet/snapshots.ts'
import { createView, type FleetView, type ViewSources } from '../../src/fleet/view.ts'
import { backgroundResources } from '../../src/model/calls.ts'
import type { Host } from '../../src/model/facts.ts'
import type { Resource } from '../../src/model/reading.ts'
import type { Region } from '../../src/model/region.ts'
import { answers, createAsk, fails, lacks, type Played } from '../support/fleet-answers.ts'
import { createClock } from '../support/fleet-clock.ts'
import { deployment, patch, patchingHost, release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'

const maxAge = 60_000

/** A fleet whose regions answer as `plays` says at the time. */
function fleetOf(initial: readonly Region[]) {
  const clock = createClock()
  const hosts = createHostHistory()
  const plays = new Map<string, Played>()
  const snapshots = createSnapshots({
    ask: createAsk(({ name }, { resource }) => plays.get(`${name} ${resource}`) ?? well(resource)),
    now: clock.now,
    random: () => 0,
    onReading(region, want, reading, observedAt) {
      if (want.resource !== 'query_hosts' || !('items' in reading)) return
      hosts.observe(region.name, reading.items as readonly Host[], observedAt)
    },
  })
  let directory = createDirectory(initial)
  let baseline: BaselineConfig | undefined
  const sources: ViewSources = {
    directory: () => directory,
    snapshots,
    hosts,
    baseline: () => baseline,
    maxAge: () => maxAge,
    now: clock.now,
  }
  return {
    clock,
    snapshots,
    plays,
    view: createView(sources),
    /** As it would be without anything kept from views before. */
    anew: (): FleetView => createView(sources)(),
    judgeBy: (config: BaselineConfig | undefined) => void (baseline = config),
    follow: (regions: readonly Region[]) => void (directory = createDirectory(regions)),
    async refresh(names?: readonly string[]) {
      for (const region of directory.regions) {
        if (names && !names.includes(region.name)) continue
        for (const { resource } of backgroundResources)
          await snapshots.read(region, { resource }, { maxAge: 0, sole: true })
      }
    },
  }
}

function well(resource: Resource): Played {
  const bodies: Partial<Record<Resource, unknown>> = {
    release: [release('24.09.9'), release('24.09.10')],
    deploy: [],
    deploy_host: [],
    query: { pd: { P: patch('Applied') } },
    query_hosts: { data: [patchingHost('controller-0')] },
  }
  return answers(bodies[resource])
}

const names = ['a', 'b', 'c']
const step = fc.oneof(
  fc.record({
    does: fc.constant('pass' as const),
    ms: fc.constantFrom(1, 4_000, 30_000, maxAge, maxAge + 1),
  }),
  fc.record({ does: fc.constant('refresh' as const), name: fc.constantFrom(...names) }),
  fc.record({ does: fc.constant('outdate' as const), name: fc.constantFrom(...names) }),
  fc.record({ does: fc.constant('forgive' as const), name: fc.constantFrom(...names) }),
  fc.record({ does: fc.constant('leave' as const), name: fc.constantFrom(...names) }),
  fc.record({ does: fc.constant('come' as const), name: fc.constantFrom(...names) }),
  fc.record({
    does: fc.constant('play' as const),
    key: fc.constantFrom(
      ...names.flatMap((name) => backgroundResources.map(({ resource }) => `${name} ${resource}`)),
    ),
    played: fc.constantFrom(
      fails('unreachable'),
      fails('broken', 'a 500', 500),
      lacks(),
      answers([]),
      answers([release('24.09.1', 'deploying')]),
      answers({ data: [patchingHost('controller-0', false), patchingHost('worker-0', null)] }),
    ),
  }),
  fc.record({
    does: fc.constant('judge by' as const),
    baseline: fc.constantFrom<BaselineConfig | undefined>(
      undefined,
      { region_name: 'a' },
      { release_ids: ['starlingx-24.09.10'] },
      { release_ids: ['P'] },
    ),
  }),
)

test('what is kept from one view to the next is never other than what would be made anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const regions = names.map((name) => createRegion(name))
      const fleet = fleetOf(regions)
      let present = regions
      for (const each of steps) {
        const region = 'name' in each ? regions.find(({ name }) => name === each.name) : undefined
        if (each.does === 'pass') fleet.clock.pass(each.ms)
        else if (each.does === 'play') fleet.plays.set(each.key, each.played)
        else if (each.does === 'judge by') fleet.judgeBy(each.baseline)
        else if (each.does === 'refresh') await fleet.refresh([each.name])
        else if (region && each.does === 'outdate') fleet.snapshots.outdate(region, 'usm')
        else if (region && each.does === 'forgive') fleet.snapshots.forgive(region)
        else if (region && each.does === 'leave') {
          present = present.filter((other) => other !== region)
          fleet.follow(present)
          fleet.snapshots.forget(region.name)
        } else if (region) {
          present = [...present.filter((other) => other !== region), region]
          fleet.follow(present)
        }
        const { regions: kept, baseline } = fleet.view()
        const anew = fleet.anew()
        expect(withoutInstants(kept)).toEqual(withoutInstants(anew.regions))
        expect(baseline).toEqual(anew.baseline)
      }
    }),
    { numRuns: 150 },
  )
})

/** When nothing failed and an answer is only too old, its "failure" is told with the instant of the look. */
function withoutInstants(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, each: unknown) =>
      key === 'at' || key === 'body' || key === 'piece' ? undefined : each,
    ),
  )
}

test('a region about which nothing changed is the same object, and so is a view in which nothing changed', async () => {
  const fleet = fleetOf([createRegion('a'), createRegion('b')])
  await fleet.refresh()
  const first = fleet.view()
  fleet.clock.pass(10_000)
  expect(fleet.view()).toBe(first)

  await fleet.refresh(['b'])
  const second = fleet.view()
  expect(second.number).toBe(first.number + 1)
  expect(second.regions[0]).toBe(first.regions[0])
  expect(second.regions[1]).not.toBe(first.regions[1])

  // a's answers are from before: they are too old first.
  fleet.clock.pass(maxAge - 10_000)
  expect(fleet.view()).toBe(second)
  fleet.clock.pass(1)
  const third = fleet.view()
  expect(third.regions.map(({ patchCurrent }) => patchCurrent)).toEqual([null, true])
  expect(third.regions[1]).toBe(second.regions[1])
})

test('a host of both services counts as current only where both say so, and freshly', async () => {
  const fleet = fleetOf([createRegion('a')])
  const hostOf = async (usm: Played, patching: Played) => {
    fleet.plays.set('a deploy_host', usm).set('a query_hosts', patching)
    await fleet.refresh()
    fleet.clock.pass(6_000)
    await fleet.refresh()
    const [host] = fleet.view().regions[0]?.hosts ?? []
    return host && [host.patch_current, host.stale, host.target_version]
  }
  const deployed = answers([
    {
      hostname: 'controller-0',
      software_release: '24.09.0',
      target_release: '24.09.1',
      host_state: 'deployed',
    },
  ])
  const pending = answers([
    {
      hostname: 'controller-0',
      software_release: '24.09.0',
      target_release: '24.09.1',
      host_state: 'pending',
    },
  ])
  const current = answers({ data: [patchingHost('controller-0')] })
  expect(await hostOf(deployed, current)).toEqual([true, false, '24.09.1'])
  expect(await hostOf(pending, current)).toEqual([false, false, '24.09.1'])
  expect(await hostOf(deployed, answers({ data: [patchingHost('controller-0', null)] }))).toEqual([
    null,
    false,
    '24.09.1',
  ])
  expect(await hostOf(answers([]), current)).toEqual([true, false, null])
  await hostOf(deployed, current)
  fleet.clock.pass(maxAge)
  expect(await hostOf(fails('unreachable'), current)).toEqual([null, true, '24.09.1'])
})

test('a deployment shows as not patch-current, the version is the newest that is deployed', async () => {
  const fleet = fleetOf([createRegion('a', { speaks: ['usm'] })])
  fleet.plays.set('a deploy', answers([deployment('host')]))
  await fleet.refresh()
  expect(fleet.view().regions[0]).toMatchObject({ up: true, patchCurrent: false, swVersion: '24.09.10' })
})
