import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { planNocFleet, planPlainFleet } from '../../src/simulator/fleetPlan.ts'
import { createRegion } from '../../src/simulator/region/region.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { rawGet } from './rawHttp.ts'

const running: Simulator[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()))
})

async function bodiesOf(seed: number): Promise<unknown[]> {
  const simulator = await createSimulator({ seed, profile: 'noc', fleet: { regions: 12, latency: [0, 0] } })
  running.push(simulator)
  for (const { region_name: name } of simulator.regions()) await simulator.clearFault(name)
  const paths = { usm: ['/v1/release', '/v1/software/query'], patching: ['/v1/query'] }
  const urls = simulator.regions().flatMap(({ endpoints }) => {
    const { usm, patching } = endpoints
    const atUsm = usm === undefined ? [] : paths.usm.map((path) => usm + path)
    return patching === undefined ? atUsm : atUsm.concat(paths.patching.map((path) => patching + path))
  })
  return Promise.all(urls.map(async (url) => (await rawGet(url)).body))
}

test('the same seed gives the same fleet and the same answers, another seed another fleet', async () => {
  const [once, again, other] = [await bodiesOf(7), await bodiesOf(7), await bodiesOf(8)]
  expect(again).toEqual(once)
  expect(other).not.toEqual(once)
  expect(planNocFleet({ regions: 50, seed: 3 })).toEqual(planNocFleet({ regions: 50, seed: 3 }))
})

test('a NOC morning is mixed', () => {
  const plans = planNocFleet({ regions: 200, seed: 1 })
  expect(plans).toHaveLength(200)
  expect(plans[0]).toMatchObject({ name: 'RegionOne', subcloud: 'RegionOne', faults: {} })
  const counts = Map.groupBy(plans, (plan) => plan.release)
  expect(counts.get('10')?.length).toBeGreaterThan(40)
  expect([...counts.keys()].sort()).toEqual(['10', '11', '12', '6', '8', '9', 'master'])
  expect(new Set(plans.map((plan) => plan.name)).size).toBe(200)
  for (const plan of plans.slice(1)) {
    expect(plan.name).toMatch(Number(plan.release) <= 8 ? /^[a-z]+-\d+$/ : /^[0-9a-f]{32}$/)
  }
  const unwell = plans.filter((plan) => Object.keys(plan.faults).length > 0).length
  expect(unwell).toBeGreaterThan(10)
  expect(unwell).toBeLessThan(40)
})

test('every morning can begin', () => {
  for (const seed of [1, 2, 3]) {
    for (const plan of planNocFleet({ regions: 400, seed })) {
      const never = { frontDownMs: 0, frontTimeoutMs: 0, frontWriteTimeoutMs: 0, crashMs: 0 }
      const timing = { transitionMs: null, hostMs: null }
      const options = { ...never, timing, host: '127.0.0.1', seed, now: () => 0 }
      expect(createRegion(plan, options).state().release).toBe(plan.release)
    }
  }
})

test('a taken control port is said, and nothing stays behind', async () => {
  const first = await createSimulator({ fleet: { regions: 1 } })
  running.push(first)
  const controlPort = Number(new URL(first.control).port)
  await expect(createSimulator({ fleet: { regions: 1 }, controlPort })).rejects.toThrow('EADDRINUSE')
  running.push(await createSimulator({ fleet: { regions: 1 } }))
})

test('a plain fleet is as big and as dark as it was ordered', () => {
  const plans = planPlainFleet({
    regions: 1000,
    seed: 1,
    dark: 0.05,
    mix: { 10: 3, 12: 1 },
    size: { hosts: 5 },
  })
  const dark = plans.filter((plan) => plan.faults.usm).length
  expect(dark).toBeGreaterThan(30)
  expect(dark).toBeLessThan(70)
  expect(plans.filter((plan) => plan.release === '10').length).toBeGreaterThan(740)
  expect(plans.every((plan) => plan.size.hosts === 5)).toBe(true)
})

test('a thousand regions cost less than two seconds to start', async () => {
  // Time of this process, not of the clock: other tests run beside it.
  const before = process.cpuUsage()
  running.push(await createSimulator({ fleet: { regions: 1000 } }))
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(2)
})

test('the command says when all listen, and stops when its parent is gone', async () => {
  const main = join(import.meta.dirname, '../../src/simulator/main.ts')
  const child = spawn(process.execPath, [main, '--regions', '3', '--exit-with-parent'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const ready = JSON.parse(line) as { ready: boolean; control: string; regions: number }
  expect(ready).toEqual({
    ready: true,
    control: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    regions: 3,
  })
  expect(await (await fetch(`${ready.control}/regions`)).json()).toHaveLength(3)
  child.stdin.end()
  expect(await once(child, 'exit')).toEqual([0, null])
})
