import fc from 'fast-check'
import { expect, test } from 'vitest'
import { problemsOf, type Ended } from '../../src/fleet/problems.ts'
import { allParts, statusOf } from '../../src/fleet/region-status.ts'
import type { FleetView } from '../../src/fleet/view.ts'
import type { Region } from '../../src/model/region.ts'
import { fails } from '../support/fleet-answers.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { createViewedFleet, type ViewedFleet } from '../support/viewed-fleet.ts'

function at(site: string, count: number, labels: Readonly<Record<string, string>> = {}): Region[] {
  return Array.from({ length: count }, (_, i) =>
    createRegion(`${site}-${i}`, { speaks: ['usm'], labels: { site, ...labels } }),
  )
}

function breakAll(fleet: ViewedFleet, regions: readonly Region[], message: (region: Region) => string): void {
  for (const region of regions) {
    for (const part of allParts) fleet.play(region.name, part, fails('timeout', message(region)))
  }
}

function endedIn({ regions }: FleetView): readonly Ended[] {
  return regions.map((region) => ({ region, status: statusOf(region, region.outcomes, allParts) }))
}

function told(fleet: ViewedFleet): unknown {
  return problemsOf(endedIn(fleet.view())).map(({ kind, reason, regions, of, labels }) => {
    return { kind, reason, regions: regions.length, of, labels }
  })
}

test('300 dark regions behind one link are one problem', async () => {
  const dark = at('dallas', 300, { group: 'south' })
  const fleet = createViewedFleet([...dark, ...at('boston', 200, { group: 'east' })])
  breakAll(fleet, dark, ({ name }) => `GET /v1/release: no answer of 10.7.${name.slice(7)}.2:5498 within 3 s`)
  await fleet.refresh()
  expect(told(fleet)).toEqual([
    {
      kind: 'timeout',
      reason: 'no answer of … within n s',
      regions: 300,
      of: 300,
      labels: { site: 'dallas', group: 'south' },
    },
  ])
})

test('what else fails in the same way is a problem of its own', async () => {
  const dark = at('dallas', 10, { group: 'south' })
  const austin = at('austin', 10, { group: 'south' })
  const boston = at('boston', 10, { group: 'east' })
  const fleet = createViewedFleet([...dark, ...austin, ...boston])
  breakAll(fleet, [...dark, ...austin.slice(0, 1), ...boston.slice(0, 1)], () => 'no connection within 3 s')
  await fleet.refresh()
  const problem = { kind: 'timeout', reason: 'no connection within n s' }
  expect(told(fleet)).toEqual([
    { ...problem, regions: 10, of: 10, labels: { site: 'dallas' } },
    { ...problem, regions: 2, of: 20, labels: {} },
  ])
})

test('a fleet that is dark altogether is one problem, not one for each site', async () => {
  const regions = [...at('dallas', 5), ...at('boston', 5)]
  const fleet = createViewedFleet(regions)
  breakAll(fleet, regions, () => 'name not found (ENOTFOUND)')
  await fleet.refresh()
  expect(told(fleet)).toEqual([
    { kind: 'timeout', reason: 'name not found (ENOTFOUND)', regions: 10, of: 10, labels: {} },
  ])
})

test.each([
  ['GET /v1/query: HTTP 503', 'HTTP 503'],
  ['GET /v1: HTTP 401: wrong password', 'HTTP 401: wrong password'],
  ['Keystone: POST /v3/auth/tokens: HTTP 500', 'Keystone: HTTP 500'],
  ['no answer within 10 s', 'no answer within n s'],
  [
    'TLS: Host: boston-0. is not in the cert of 10.0.0.1 (ERR_TLS)',
    'TLS: Host: …. is not in the cert of … (ERR_TLS)',
  ],
  ['connection to [fd00::1:2]:5498 lost', 'connection to … lost'],
  ['https://boston-0.example:5001/v3 refused', '… refused'],
])('%s: %s', async (message, reason) => {
  const [region] = at('boston', 1)
  const fleet = createViewedFleet(region ? [region] : [])
  breakAll(fleet, region ? [region] : [], () => message)
  await fleet.refresh()
  expect(problemsOf(endedIn(fleet.view())).map((problem) => problem.reason)).toEqual([reason])
})

test('every region that is stale or failed is in some problem, and no other', async () => {
  const sites = ['dallas', 'boston', 'miami']
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ site: fc.constantFrom(...sites), parts: fc.subarray([...allParts]), old: fc.boolean() }),
        {
          maxLength: 12,
        },
      ),
      async (wishes) => {
        const regions = wishes.map(({ site }, i) => createRegion(`r${i}`, { labels: { site } }))
        const fleet = createViewedFleet(regions)
        await fleet.refresh(regions.filter((_, i) => wishes[i]?.old).map(({ name }) => name))
        fleet.clock.pass(61_000)
        for (const [i, { parts }] of wishes.entries()) {
          for (const part of parts) fleet.play(`r${i}`, part, fails('broken', `r${i}: HTTP 500`))
        }
        await fleet.refresh()
        const view = fleet.view()
        const missing = view.regions.filter((region) => statusOf(region, region.outcomes, allParts).cause)
        const named = problemsOf(endedIn(view)).flatMap((problem) => problem.regions.map(({ name }) => name))
        expect([...new Set(named)].toSorted()).toEqual(missing.map(({ region }) => region.name).toSorted())
      },
    ),
    { numRuns: 60 },
  )
})
