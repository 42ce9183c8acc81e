import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { StateChange } from '../../src/simulator/region/change.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import type { LifeCycle } from './lifeCycle.ts'
import { replay, stepsOf } from './lifeCycle.ts'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import { rawGet } from './rawHttp.ts'
import type { Exchange } from './recordedWrites.ts'
import { exchangesOf, writesOf } from './recordedWrites.ts'
import { differencesOf } from './sameAnswer.ts'
import { planFor, preparationFor } from './writePlans.ts'

const releases = ['stx6.0', 'stx8.0', 'stx9.0', 'stx10.0']
const exceptions: readonly { why: string; applies: (exchange: Exchange) => boolean }[] = [
  { why: 'the place of the recording made the answer', applies: ({ artifact }) => artifact },
  { why: 'roles are not simulated', applies: ({ answer }) => answer?.status === 403 },
  {
    why: 'XML is not simulated',
    applies: ({ request }) => request.headers?.['Accept'] === 'application/xml',
  },
  {
    why: 'the recorded hosts of stx 6 had nothing to install',
    applies: ({ release, name, request }) =>
      release === 'stx6.0' && request.method === 'GET' && /^query(_hosts)?-(one|all|inst|after)/.test(name),
  },
  { why: 'the connection broke', applies: ({ answer }) => answer === undefined },
]

/** The way of patches 3 and 4 through the repository and onto hosts, in the order of the recordings. */
const way = [
  'delete-ok',
  'delete-ok-old-release',
  'apply-missing-dependency',
  'commit-not-applied',
  'apply-ok',
  'query-after-apply-settled',
  'query_hosts-after-apply',
  'delete-partial',
  'host_install_async-ok-locked',
  'query_hosts-installing',
  'apply-rejected-installing',
  'remove-rejected-installing',
  'host_install_async-while-installing',
  'query-one-host-installed',
  'query_hosts-after-install',
  'host_install_async-unlocked',
  'query_hosts-install-rejected',
  'host_install_async-force',
  'host_install_async-by-ip',
  'host_install_async-c0',
  'query-all-installed',
  'query_hosts-all-installed',
  'apply-second',
  'remove-required-by-applied',
  'remove-multi',
  'query-after-remove',
  'query-after-remove-settled',
  'query_hosts-after-remove',
  'apply-multi',
  'apply-duplicate-ids',
  'remove-back',
  'apply-all-dashdash',
  'apply-all-again',
  'drop_host-ok',
]
/** From these on, that many of the region's own steps are over: hosts have answered, or taken their patches. */
const steps: readonly (readonly [from: string, count: number])[] = [
  ['query-after-apply-settled', 1],
  ['query-one-host-installed', 1],
  // A rejection wears off as well.
  ['query-all-installed', 4],
  ['query-after-remove', 1],
]
/** Committing needs a region of its own, and removing a chain too. */
const commits = [
  'delete-ok',
  'commit_dry_run',
  'commit-ok',
  'query-committed',
  'apply-committed',
  'remove-committed',
]
const chains = ['chain-remove-3-and-4', 'chain-query-after']
const inOrder = new Set([...way, ...commits, ...chains])

let region: OneRegion | undefined
afterEach(() => region?.simulator.close())

test.each(
  releases
    .flatMap((release) => [
      { release, title: 'apply, install and remove', names: way },
      { release, title: 'commit', names: commits },
    ])
    .concat(
      ['stx6.0', 'stx8.0', 'stx9.0'].map((release) => ({ release, title: 'a chain removed', names: chains })),
    ),
)('$release: $title, as recorded', async ({ release, title, names }) => {
  const cycle = cycleOf(names)
  const others = releases.filter((other) => other !== release)
  const scenario = 'steady'
  const plan = planFor({ name: names === chains ? 'chain' : title, api: 'patching', release, scenario })
  region = await startOneRegion({ ...plan, name: 'east' })
  if (names === chains) applyAll(region)
  const { differences, compared } = await replay(cycle, stepsOf(cycle, release, others), region)
  expect(differences).toEqual([])
  expect(compared).toBeGreaterThan(0)
})

function cycleOf(names: readonly string[]): LifeCycle {
  const place = (exchange: { name: string }) => names.indexOf(exchange.name)
  let left = steps.filter(([name]) => names.includes(name))
  return {
    api: 'patching',
    includes: ({ name }) => names.includes(name),
    order: (a, b) => place(a) - place(b),
    before: (exchange) => {
      const due = left.filter(([name]) => place({ name }) <= place(exchange))
      left = left.filter((each) => !due.includes(each))
      return due.flatMap(([, count]) => Array.from({ length: count }, (): StateChange => ({ advance: true })))
    },
    isExcepted: (exchange) => exceptions.some(({ applies }) => applies(exchange)),
  }
}

function applyAll({ simulator }: OneRegion): void {
  for (const patch of simulator.truth()[0]?.patches ?? []) {
    if (/^STX.*_000[34]$/.test(patch.id)) {
      simulator.change('east', { patch: { id: patch.id, repostate: 'Applied' } })
    }
  }
}

const singles = releases
  .flatMap((release) => writesOf('patching', release))
  .filter(({ name }) => !inOrder.has(name))
const compared = singles.filter((exchange) => !exceptions.some(({ applies }) => applies(exchange)))
let simulator: Simulator
beforeAll(async () => {
  simulator = await createSimulator({ plans: compared.map(planFor) })
})
afterAll(() => simulator.close())

test('the simulator answers like every other recorded write to Patching', async () => {
  const addresses = new Map(
    simulator.regions().map((view) => [view.region_name, view.endpoints.patching ?? '']),
  )
  const differences = await Promise.all(
    compared.map(async (exchange) => {
      const { name } = planFor(exchange)
      for (const change of preparationFor(exchange)) simulator.change(name, change)
      const url = (addresses.get(name) ?? '') + exchange.request.path
      return differencesOf(exchange, await rawGet(url, exchange.request))
    }),
  )
  process.stdout.write(`compared ${compared.length} single writes to Patching\n`)
  expect(differences.flat()).toEqual([])
  expect(compared.length).toBeGreaterThan(80)
})

test.each(exceptions)('still needed: $why', ({ applies }) => {
  const all = releases.flatMap((release) => exchangesOf('patching', release))
  expect(all.filter(applies)).not.toEqual([])
})
