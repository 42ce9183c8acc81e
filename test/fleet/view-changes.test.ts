import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesBetween } from '../../src/fleet/view-changes.ts'
import type { FleetView } from '../../src/fleet/view.ts'
import { answers, fails } from '../support/fleet-answers.ts'
import { deployment, patchingHost, release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { createViewedFleet, maxAge, type ViewedFleet } from '../support/viewed-fleet.ts'

/** What changed since the last look, each as `region: what`. */
function looker(fleet: ViewedFleet): () => readonly string[] {
  let last: FleetView = fleet.view()
  return () => {
    const now = fleet.view()
    const changes = [...changesBetween(last, now)].map(({ region, change }) => {
      const { type, ...rest } = change
      if (type === 'inventory')
        return `${region.name}: ${'before' in rest ? 'was' : ''} ${'after' in rest ? 'is' : ''}`
      if ('statuses' in rest)
        return `${region.name}: ${rest.statuses.map((each) => `${each.resource} ${each.from}→${each.to}${each.kind ? ` ${each.kind}` : ''}`).join(', ')}`
      return `${region.name}: ${type} ${JSON.stringify(rest)}`
    })
    last = now
    return changes
  }
}

test('a fleet that changes says what changed, and only that', async () => {
  const [a, b] = [createRegion('a', { speaks: ['usm'] }), createRegion('b', { speaks: ['patching'] })]
  const fleet = createViewedFleet([a, b])
  const look = looker(fleet)
  expect(look()).toEqual([])

  await fleet.refresh()
  expect(look()).toEqual([
    'a: release null→fresh, deploy null→fresh, deploy_host null→fresh',
    'a: region_patch_current {"from":null,"to":true}',
    'b: query null→fresh, query_hosts null→fresh',
    'b: region_patch_current {"from":null,"to":true}',
    'b: host_patch_current {"hostname":"controller-0","from":null,"to":true}',
  ])
  await fleet.refresh()
  expect(look()).toEqual([])

  fleet.play('a', 'release', answers([release('24.09.9'), release('24.09.10', 'deploying')]))
  fleet.play('a', 'deploy', answers([deployment('host')]))
  await fleet.refresh()
  expect(look()).toEqual([
    'a: region_patch_current {"from":true,"to":false}',
    'a: release_state {"release_id":"starlingx-24.09.10","from":"deployed","to":"deploying"}',
    'a: deployment_state {"from_release":"24.09.0","to_release":"24.09.1","from":null,"to":"host"}',
  ])

  fleet.play('a', 'release', answers([release('24.09.10'), release('24.09.11', 'available')]))
  fleet.play('a', 'deploy', answers([]))
  fleet.play('b', 'query_hosts', answers({ data: [patchingHost('controller-0', false)] }))
  await fleet.refresh()
  expect(look()).toEqual([
    'a: region_patch_current {"from":false,"to":true}',
    'a: release_state {"release_id":"starlingx-24.09.10","from":"deploying","to":"deployed"}',
    'a: release_state {"release_id":"starlingx-24.09.11","from":null,"to":"available"}',
    'a: release_state {"release_id":"starlingx-24.09.9","from":"deployed","to":null}',
    'a: deployment_state {"from_release":"24.09.0","to_release":"24.09.1","from":"host","to":null}',
    'b: region_patch_current {"from":true,"to":false}',
    'b: host_patch_current {"hostname":"controller-0","from":true,"to":false}',
  ])
})

test('a region that goes dark takes its green back; when it is back, nothing else is told as new', async () => {
  const fleet = createViewedFleet([createRegion('b', { speaks: ['patching'] })])
  await fleet.refresh()
  const look = looker(fleet)
  for (const resource of ['query', 'query_hosts'] as const) fleet.play('b', resource, fails('unreachable'))
  await fleet.refresh()
  expect(look()).toEqual([])
  fleet.clock.pass(maxAge + 1)
  const dark = [
    'b: query fresh→stale unreachable, query_hosts fresh→stale unreachable',
    'b: region_patch_current {"from":true,"to":null}',
    'b: host_patch_current {"hostname":"controller-0","from":true,"to":null}',
  ]
  expect(look()).toEqual(dark)
  fleet.play('b', 'query', answers({ pd: {} }))
  fleet.play('b', 'query_hosts', answers({ data: [patchingHost('controller-0')] }))
  await fleet.refresh()
  expect(look()).toEqual([
    'b: query stale→fresh, query_hosts stale→fresh',
    'b: region_patch_current {"from":null,"to":true}',
    'b: release_state {"release_id":"P","from":"deployed","to":null}',
    'b: host_patch_current {"hostname":"controller-0","from":null,"to":true}',
  ])
})

test('regions come, go and are described anew', () => {
  const [a, b] = [createRegion('a'), createRegion('b')]
  const fleet = createViewedFleet([a])
  const look = looker(fleet)
  fleet.follow([a, b])
  expect(look()).toEqual(['b:  is'])
  fleet.follow([{ ...a }, { ...b, labels: { site: 'boston' } }])
  expect(look()).toEqual(['b: was is'])
  fleet.follow([{ ...a, subcloud: 'boston-1' }])
  expect(look()).toEqual(['a: was is', 'b: was '])
})

test('whoever follows all changes of hosts knows the hosts', async () => {
  const host = fc.record({
    name: fc.constantFrom('h1', 'h2', 'h3'),
    current: fc.constantFrom(true, false, null),
  })
  const step = fc.record({
    region: fc.constantFrom('a', 'b'),
    hosts: fc.option(fc.uniqueArray(host, { selector: ({ name }) => name, maxLength: 3 })),
    ms: fc.constantFrom(1_000, 10_000, maxAge + 1),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const fleet = createViewedFleet([createRegion('a'), createRegion('b')])
      let last = fleet.view()
      const known = new Map<string, boolean | null>()
      for (const { region, hosts, ms } of steps) {
        const data = hosts?.map(({ name, current }) => patchingHost(name, current))
        fleet.play(region, 'query_hosts', data ? answers({ data }) : fails('timeout'))
        await fleet.refresh([region])
        fleet.clock.pass(ms)
        const now = fleet.view()
        for (const { region: of, change } of changesBetween(last, now)) {
          if (change.type === 'host_patch_current') known.set(`${of.name} ${change.hostname}`, change.to)
        }
        last = now
        for (const { region: of, hosts: present } of now.regions) {
          for (const { hostname, patch_current } of present)
            expect(known.get(`${of.name} ${hostname}`) ?? null).toBe(patch_current)
        }
      }
    }),
  )
})
