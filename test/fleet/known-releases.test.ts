import fc from 'fast-check'
import { expect, test } from 'vitest'
import { knownReleases } from '../../src/fleet/known-releases.ts'
import { answers } from '../support/fleet-answers.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { patch, release } from '../support/fleet-records.ts'
import { createViewedFleet } from '../support/viewed-fleet.ts'

test('regions that say the same are counted as if each had been looked at', async () => {
  const versions = fc.uniqueArray(fc.constantFrom('24.09.1', '24.09.2', '24.09.10'), { maxLength: 3 })
  const state = fc.constantFrom('deployed', 'available', 'deploying', 'strange')
  const says = fc.record({ versions, state, patchstate: fc.constantFrom('Applied', 'Available', 'n/a') })
  await fc.assert(
    fc.asyncProperty(fc.array(says, { maxLength: 8 }), async (wishes) => {
      const regions = wishes.map((_, i) => createRegion(`r${i}`))
      const fleet = createViewedFleet(regions)
      for (const [i, wish] of wishes.entries()) {
        fleet.play(`r${i}`, 'release', answers(wish.versions.map((version) => release(version, wish.state))))
        fleet.play(`r${i}`, 'query', answers({ pd: { '24.09.1': patch(wish.patchstate) } }))
      }
      await fleet.refresh()
      const view = fleet.view().regions
      const told = knownReleases(view).map(({ id, kind, regions: count, states, swVersions, stale }) => {
        return { id, kind, count, states, swVersions: [...swVersions], stale }
      })
      const all = view.flatMap((region) => region.releases)
      const keys = [...new Set(all.map(({ id, kind }) => `${id} ${kind === 'release' ? 0 : 1}`))].sort()
      expect(told).toEqual(
        keys.map((key) => {
          const own = all.filter(({ id, kind }) => key === `${id} ${kind === 'release' ? 0 : 1}`)
          const [{ id, kind, sw_version } = { id: '', kind: '', sw_version: '' }] = own
          const states = Object.fromEntries(
            Object.keys(told[0]?.states ?? {}).map((each) => [
              each,
              own.filter((it) => it.state === each).length,
            ]),
          )
          return { id, kind, count: own.length, states, swVersions: [sw_version], stale: 0 }
        }),
      )
    }),
    { numRuns: 60 },
  )
})
