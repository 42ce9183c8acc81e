import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FleetView } from '../../src/fleet/view.ts'
import { createFleetMetrics } from '../../src/metrics/fleet.ts'
import { createViewedFleet, type ViewedFleet } from '../support/viewed-fleet.ts'
import { regionsOfSteps, step, takeStepsIn } from '../support/viewed-steps.ts'

/** The exposition of a fleet, scrape after scrape. */
function exposition(fleet: ViewedFleet, view: () => FleetView | Promise<FleetView>): () => Promise<string> {
  const regionLabels: readonly string[] = []
  const metrics = createFleetMetrics({
    view,
    regionLabels: () => regionLabels,
    retryAt: (region) => fleet.snapshots.retryAt(region),
    client: () => undefined,
  })
  return async () => Buffer.concat((await metrics(() => true, 'text')).chunks).toString()
}

test('what is kept from one scrape to the next is never other than what would be made anew', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const fleet = createViewedFleet(regionsOfSteps)
      const take = takeStepsIn(fleet)
      const kept = exposition(fleet, fleet.view.inSlices)
      for (const each of steps) {
        await take(each)
        expect(await kept()).toBe(await exposition(fleet, fleet.anew)())
      }
    }),
    { numRuns: 150 },
  )
})
