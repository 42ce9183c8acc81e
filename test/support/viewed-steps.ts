import fc from 'fast-check'
import type { BaselineConfig } from '../../src/fleet/baseline.ts'
import { backgroundResources } from '../../src/model/calls.ts'
import { answers, fails, lacks } from './fleet-answers.ts'
import { patchingHost, release } from './fleet-records.ts'
import { createRegion } from './fleet-regions.ts'
import { maxAge, type ViewedFleet } from './viewed-fleet.ts'

const names = ['a', 'b', 'c']
/** Something that happens to a fleet. */
export const step = fc.oneof(
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
    name: fc.constantFrom(...names),
    resource: fc.constantFrom(...backgroundResources.map(({ resource }) => resource)),
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
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never

/** The regions that steps are about. */
export const regionsOfSteps = names.map((name) => createRegion(name))

/** Makes steps happen to a fleet of those regions. */
export function takeStepsIn(fleet: ViewedFleet): (each: Step) => Promise<void> {
  let present = regionsOfSteps
  return async (each) => {
    const region = 'name' in each ? regionsOfSteps.find(({ name }) => name === each.name) : undefined
    if (each.does === 'pass') fleet.clock.pass(each.ms)
    else if (each.does === 'play') fleet.play(each.name, each.resource, each.played)
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
  }
}
