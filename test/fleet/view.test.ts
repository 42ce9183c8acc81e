import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answers, fails, type Played } from '../support/fleet-answers.ts'
import { deployment, patchingHost } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { createViewedFleet, maxAge } from '../support/viewed-fleet.ts'
import { regionsOfSteps, step, takeStepsIn } from '../support/viewed-steps.ts'

test('what is kept from one view to the next is never other than what would be made anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, inSlices) => {
      const fleet = createViewedFleet(regionsOfSteps)
      const take = takeStepsIn(fleet)
      for (const each of steps) {
        await take(each)
        const { regions: kept, baseline } = inSlices ? await fleet.view.inSlices() : fleet.view()
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
  const fleet = createViewedFleet([createRegion('a'), createRegion('b')])
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
  const fleet = createViewedFleet([createRegion('a')])
  const hostOf = async (usm: Played, patching: Played) => {
    fleet.play('a', 'deploy_host', usm)
    fleet.play('a', 'query_hosts', patching)
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
  const fleet = createViewedFleet([createRegion('a', { speaks: ['usm'] })])
  fleet.play('a', 'deploy', answers([deployment('host')]))
  await fleet.refresh()
  expect(fleet.view().regions[0]).toMatchObject({ up: true, patchCurrent: false, swVersion: '24.09.10' })
})
