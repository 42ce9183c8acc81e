import { backgroundResources } from '../model/calls.ts'
import { mayHave, type Region } from '../model/region.ts'
import type { Snapshots } from './snapshots.ts'

export interface Refresher {
  /** True once every region was asked once, answered or not. */
  askedAll(): boolean
  /** Who exists now: regions that came are asked soon, ones that left no more. */
  follow(regions: readonly Region[]): void
  /** Everyone is asked within a round: what kept regions from answering may have been ours, and is gone. */
  askSoon(): void
  stop(): void
}

export interface RefresherOptions {
  readonly regions: readonly Region[]
  readonly snapshots: Snapshots
  /** ms between two asks of the same thing. */
  readonly interval: () => number
  /** ms since the epoch. */
  readonly now: () => number
  /** Gives 0 ≤ x < 1. */
  readonly random: () => number
}

/** A region that has not answered for so long (ms) counts as asked: being ready must not depend on dark regions. */
const patience = 1_000
/** The first round is spread too: handshakes cost most when they come together. */
const firstRoundPerRegion = 3
/** How much less often a region is asked that its system controller holds for offline. */
const offlineFactor = 5

/**
 * Keeps the background resources of every region young: each region has its own moment within the interval,
 * moved a little each time, so that neither regions nor gateway see waves.
 */
export function startRefresher({ regions, snapshots, interval, now, random }: RefresherOptions): Refresher {
  const timers = new Map<string, NodeJS.Timeout>()
  const asked = new Set<string>()
  let present = new Map<string, Region>()
  let stopped = false

  async function askEverything(name: string): Promise<void> {
    for (const { service, resource } of backgroundResources) {
      const region = present.get(name)
      if (stopped || region === undefined) return
      if (!mayHave(region, service)) continue
      // What a caller had asked for in the meantime is young enough for this round.
      await snapshots.read(region, { resource }, { maxAge: interval() / 2, probe: true })
    }
  }
  async function refresh(name: string): Promise<void> {
    const patient = setTimeout(() => asked.add(name), patience)
    await askEverything(name)
    clearTimeout(patient)
    const region = present.get(name)
    if (stopped || region === undefined) return
    asked.add(name)
    schedule(name, untilNext(region))
  }
  /** A region that failed is tried again as soon as its back-off ends, so that no caller has to. */
  function untilNext(region: Region): number {
    const regular = interval() * (0.9 + 0.2 * random()) * (region.offline ? offlineFactor : 1)
    const retryAt = region.offline ? undefined : snapshots.retryAt(region)
    return retryAt === undefined ? regular : Math.max(0, Math.min(regular, retryAt - now()))
  }
  function schedule(name: string, delay: number): void {
    const timer = setTimeout(() => {
      timers.delete(name)
      void refresh(name)
    }, delay)
    timer.unref()
    timers.set(name, timer)
  }
  function follow(all: readonly Region[]): void {
    const before = present
    present = new Map(all.map((region) => [region.name, region]))
    for (const name of before.keys()) {
      if (present.has(name)) continue
      clearTimeout(timers.get(name))
      timers.delete(name)
      asked.delete(name)
    }
    const added = all.filter(({ name }) => !before.has(name))
    const firstRound = Math.min(interval(), added.length * firstRoundPerRegion)
    for (const [i, { name }] of added.entries()) schedule(name, (i / added.length) * firstRound)
  }
  follow(regions)

  return {
    askedAll: () => asked.size >= present.size,
    follow,
    askSoon() {
      const all = [...present.keys()]
      const round = Math.min(interval(), all.length * firstRoundPerRegion)
      for (const [i, name] of all.entries()) {
        // One that is being asked now schedules itself when it is done.
        if (!timers.has(name)) continue
        clearTimeout(timers.get(name))
        schedule(name, (i / all.length) * round)
      }
    },
    stop() {
      stopped = true
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}
