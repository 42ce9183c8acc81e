import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { rawGet } from './rawHttp.ts'
import type { Exchange } from './recordedWrites.ts'
import { versionOf, writesOf } from './recordedWrites.ts'
import { differencesOf } from './sameAnswer.ts'
import { planFor, preparationFor } from './writePlans.ts'

/** Single writes; those of a life cycle are replayed in order in writes-usm-flows.test.ts. */
const lifeCycle = /^(flow|abort|duplex|major|rr)-/
/** What isn't compared, and why; each rule must still meet a recording. */
const exceptions: readonly { why: string; applies: (exchange: Exchange) => boolean }[] = [
  { why: 'the place of the recording made the answer', applies: ({ artifact }) => artifact },
  {
    why: 'roles are not simulated',
    applies: ({ answer, name, api, release }) =>
      answer?.status === 403 || `${api} ${release} ${name}` === 'usm stx9.0 auth-reader-post',
  },
  {
    why: 'the uploaded patch brought a precheck of its own',
    applies: ({ name }) => name === 'upload-patch-precheck',
  },
]

const all = ['stx9.0', 'stx10.0', 'stx11.0', 'stx12.0', 'master']
  .flatMap((release) => writesOf('usm', release))
  .filter(({ name }) => !lifeCycle.test(name))
const compared = all.filter((exchange) => !exceptions.some(({ applies }) => applies(exchange)))

let simulator: Simulator
let addresses: Map<string, string>
beforeAll(async () => {
  const plans = compared.map((exchange) => {
    const plan = planFor(exchange)
    const wantsToken = exchange.answer?.status === 401
    return { ...plan, ...(wantsToken ? { token: 'the right one' } : {}) }
  })
  simulator = await createSimulator({ plans, frontTimeoutMs: 100 })
  addresses = new Map(simulator.regions().map((view) => [view.region_name, view.endpoints.usm ?? '']))
})
afterAll(() => simulator.close())

test('the simulator answers like every recorded single write to USM', async () => {
  const differences = await Promise.all(compared.map(replay))
  process.stdout.write(
    `compared ${compared.length} single writes, ${all.length - compared.length} excepted\n`,
  )
  expect(differences.flat()).toEqual([])
  expect(compared.length).toBeGreaterThan(150)
})

test.each(exceptions)('still needed: $why', ({ applies }) => {
  expect(all.filter(applies)).not.toEqual([])
})

async function replay(exchange: Exchange): Promise<string[]> {
  const { name, request } = exchange
  const region = planFor(exchange).name
  const base = addresses.get(region) ?? ''
  for (const change of preparationFor(exchange)) simulator.change(region, change)
  if (name.startsWith('haproxy-504')) await simulator.setFault(region, { kind: 'slow', ms: 1000 })
  for (const path of deletedBefore(exchange)) await rawGet(base + path, { method: 'DELETE' })
  return differencesOf(exchange, await rawGet(base + request.path, request))
}

function deletedBefore(exchange: Exchange): string[] {
  return exchange.name === 'delete-available-again' ? [`/v1/release/starlingx-${versionOf(exchange)}.2`] : []
}
