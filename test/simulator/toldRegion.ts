import type { StateChange } from '../../src/simulator/region/change.ts'
import type { StxRelease } from '../../src/simulator/region/release.ts'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import { rawGet } from './rawHttp.ts'

/** A region to be told things, in which nothing happens by itself, except that hosts answer at once. */
export interface ToldRegion extends OneRegion {
  readonly ask: (path: string, body?: unknown, method?: string) => Promise<{ status: number; body: Said }>
  readonly read: (path: string) => Promise<unknown>
  readonly change: (what: StateChange) => void
  /** What the region is about to do by itself happens now. */
  readonly advance: () => void
  readonly states: () => string[]
}

export interface Said {
  readonly info: string
  readonly error: string
}

export async function startTold(
  release: StxRelease,
  hosts: number,
  changes: StateChange[] = [],
): Promise<ToldRegion> {
  const size = { releases: 4, packages: 1, hosts }
  const times = { transitionMs: null, hostMs: 0, crashMs: 300 }
  const region = await startOneRegion({ release, size, changes }, times)
  const { simulator } = region
  const ask = async (path: string, body?: unknown, method = 'POST') => {
    const service = /^\/v1\/(software|release|deploy|system)/.test(path) ? region.usm : region.patching
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await rawGet(service + path, { method, headers, ...sent })
    const text = Buffer.from(answer.body, 'latin1').toString()
    return { status: answer.status, body: (text.startsWith('A server') ? {} : JSON.parse(text)) as Said }
  }
  return {
    ...region,
    ask,
    read: async (path) => (await ask(path, undefined, 'GET')).body,
    change: (what) => simulator.change('east', what),
    advance: () => simulator.change('east', { advance: true }),
    states: () => simulator.truth()[0]?.releases.map((release) => release.state) ?? [],
  }
}
