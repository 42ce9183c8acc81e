import { afterEach, expect, test } from 'vitest'
import type { LifeCycle } from './lifeCycle.ts'
import { byName, replay, stepsOf } from './lifeCycle.ts'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import type { Exchange } from './recordedWrites.ts'
import { writesOf } from './recordedWrites.ts'
import { planFor, preparationFor } from './writePlans.ts'

const siblings = ['stx10.0', 'stx11.0', 'stx12.0']
const releases = [...siblings, 'master']
/** Master takes no release in the path. */
const ofPath = /^\/v1\/deploy\/starlingx/

const groups: readonly { title: string; names: RegExp; scenario: string }[] = [
  { title: 'a patch from start to delete, and its removal', names: /^flow-/, scenario: 'simplex-idle' },
  { title: 'an abort after the host', names: /^abort-0/, scenario: 'simplex-host-done' },
  { title: 'an abort after activate', names: /^abort-1/, scenario: 'simplex-activate-done' },
  { title: 'three hosts, one of which fails', names: /^duplex-/, scenario: 'start-done' },
  { title: 'a deployment deleted early', names: /^rr-/, scenario: 'start-done' },
]
const major = { title: 'a major release', names: /^major-/, scenario: 'major-available' }

let region: OneRegion | undefined
afterEach(() => region?.simulator.close())

/** From these on, the region has taken the step that is its own. */
const advanced = ['flow-07', 'flow-18', 'major-04']

function cycleOf(group: (typeof groups)[number]): LifeCycle {
  const taken = new Set<string>()
  return {
    api: 'usm',
    includes: ({ name, scenario }) => group.names.test(name) && scenario === group.scenario,
    // What was recorded after a deletion is called `after`.
    order: group.names.test('rr-') ? (a, b) => byName(b, a) : byName,
    before: (exchange) => {
      const due = advanced.find((name) => group.names.test(name) && exchange.name >= name && !taken.has(name))
      if (due) taken.add(due)
      const mishaps = preparationFor(exchange).flatMap((change) => change.mishaps ?? [])
      // The other controller was silent there, which is no request's doing.
      const silent = exchange.name === 'duplex-10-out-of-sync' ? { in_sync: false } : {}
      return [{ ...silent, mishaps, ...(due ? { deployment: 'advance' as const } : {}) }]
    },
    isExcepted: ({ artifact }) => artifact,
  }
}

test.each(
  groups
    .flatMap((group) => releases.map((release) => ({ release, group })))
    .concat(siblings.map((release) => ({ release, group: major }))),
)('$release: $group.title, as recorded', async ({ release, group }) => {
  const cycle = cycleOf(group)
  const others = siblings.filter((sibling) => sibling !== release)
  const steps = stepsOf(cycle, release, others).filter((step) => isFor(release, step))
  region = await startOneRegion({
    ...planFor({ name: group.title, api: 'usm', release, scenario: group.scenario }),
    name: 'east',
  })
  region.simulator.change('east', { timing: { host_ms: 0 } })
  const { differences, compared } = await replay(cycle, steps, region)
  expect(differences).toEqual([])
  expect(compared).toBeGreaterThan(0)
})

function isFor(release: string, { request }: Exchange): boolean {
  return release !== 'master' || !ofPath.test(request.path)
}

test('each recorded write of a life cycle belongs to one of these', () => {
  const written = releases
    .flatMap((release) => writesOf('usm', release))
    .filter(({ name }) => /^(flow|abort|duplex|major|rr)-/.test(name))
  const cycles = [...groups, major].map(cycleOf)
  const left = written.filter((exchange) => !cycles.some((cycle) => cycle.includes(exchange)))
  expect(left.map(({ release, name }) => `${release} ${name}`)).toEqual([])
  process.stdout.write(`${written.length} writes in life cycles of USM\n`)
})
