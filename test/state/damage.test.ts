import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openState } from '../../src/state/open-state.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { anyDamage, damageFile } from './damage.ts'
import { createFolder } from './folder.ts'
import { tell, tickingRegions, wasSaid } from './ticking.ts'

const files = ['answers.log', 'lists.log', 'logins.log', 'lock'] as const
const lists = [1, 2, 3].map((count) => ({
  regions: Array.from({ length: count }, (_, i) => createRegion(`region-${i}`)),
  foundAt: count,
}))

test(
  'whatever becomes of any file: the state opens, and all of it is what was kept once',
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), anyDamage, async (name, damage) => {
        const { path, file } = await createFolder()
        const options = { now: () => 10, onNote: () => undefined }
        const before = await openState(path, options)
        for (const tick of [1, 2, 3]) tell(before.answers, tick)
        for (const list of lists) before.lists.keep('one', list)
        for (const count of [1, 2]) await before.logins.keep('k\nfleet\nhash', count, 1)
        await before.close()
        await damageFile(file(name), damage)

        const after = await openState(path, options)
        for (const region of tickingRegions) {
          expect(after.answers.of(region).filter((answer) => !wasSaid(region, answer))).toEqual([])
          expect(['', '1', '2', '3']).toContain(after.answers.hostsOf(region))
        }
        expect([undefined, ...lists]).toContainEqual(after.lists.of('one'))
        for (const refusal of after.logins.refusals()) {
          expect([
            ['k\nfleet\nhash', 1],
            ['k\nfleet\nhash', 2],
          ]).toContainEqual(refusal)
        }
        if (name !== 'answers.log') expect(after.answers.of('region-0').length).toBe(3)
        if (name !== 'lists.log') expect(after.lists.of('one')).toEqual(lists[2])
        if (name !== 'logins.log') expect([...after.logins.refusals()]).toEqual([['k\nfleet\nhash', 2]])
        await after.close()
      }),
      { numRuns: 150 },
    )
  },
)
