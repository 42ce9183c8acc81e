import type { StateChange } from '../../src/simulator/region/change.ts'
import type { OneRegion } from './oneRegion.ts'
import { rawGet } from './rawHttp.ts'
import type { Api, Exchange } from './recordedWrites.ts'
import { exchangesOf, translated } from './recordedWrites.ts'
import { differencesOf } from './sameAnswer.ts'

/** One recorded life cycle: which exchanges, and when the region takes its own steps. */
export interface LifeCycle {
  readonly api: Api
  /** Whether an exchange belongs to it. */
  readonly includes: (exchange: Exchange) => boolean
  /** What comes before what. */
  readonly order: (a: Exchange, b: Exchange) => number
  /** What happens in the region before an exchange. */
  readonly before: (exchange: Exchange) => readonly StateChange[]
  readonly isExcepted: (exchange: Exchange) => boolean
}

/** How a replay went. */
export interface Replay {
  readonly differences: readonly string[]
  readonly compared: number
}

/**
 * The exchanges of a release in their order. Where its own recording of a write is missing, that of a sibling
 * is sent in its place, and its answer compared with nothing.
 */
export function stepsOf(cycle: LifeCycle, release: string, siblings: readonly string[]): Exchange[] {
  const own = exchangesOf(cycle.api, release).filter(cycle.includes)
  const known = new Set(own.map(({ name }) => name))
  const borrowed: Exchange[] = []
  for (const sibling of siblings) {
    const writes = exchangesOf(cycle.api, sibling).filter(cycle.includes)
    for (const exchange of writes) {
      if (exchange.request.method === 'GET' || known.has(exchange.name)) continue
      known.add(exchange.name)
      borrowed.push(translated(exchange, release))
    }
  }
  return [...own, ...borrowed].sort(cycle.order)
}

/** Sends the exchanges one after another and compares each answer. */
export async function replay(
  cycle: LifeCycle,
  steps: readonly Exchange[],
  region: OneRegion,
): Promise<Replay> {
  const base = cycle.api === 'usm' ? region.usm : region.patching
  const differences: string[] = []
  let compared = 0
  for (const step of steps) {
    for (const change of cycle.before(step)) region.simulator.change('east', change)
    const answer = await rawGet(base + step.request.path, step.request)
    if (!step.answer || cycle.isExcepted(step)) continue
    compared += 1
    differences.push(...differencesOf(step, answer))
  }
  return { differences, compared }
}

export function byName(a: Exchange, b: Exchange): number {
  return a.name < b.name ? -1 : 1
}
