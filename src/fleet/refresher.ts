import { backgroundResources } from '../model/calls.ts'
import { mayHave, type Region } from '../model/region.ts'
import type { Snapshots } from './snapshots.ts'

export interface Refresher {
  /** True once every region was asked once, answered or not. */
  askedAll(): boolean
  stop(): void
}

export interface RefresherOptions {
  readonly regions: () => readonly Region[]
  readonly snapshots: Snapshots
  /** ms between two asks of the same thing. */
  readonly interval: number
  /** ms since the epoch. */
  readonly now: () => number
  /** Gives 0 ≤ x < 1. */
  readonly random: () => number
}

/** A region that has not answered for so long (ms) counts as asked: being ready must not depend on dark regions. */
const patience = 1_000

/** The first round is spread too: handshakes cost most when they come together. */
const firstRoundPerRegion = 3

/**
 * Keeps the background resources of every region young: each region has its own moment within the interval,
 * moved a little each time, so that neither regions nor gateway see waves.
 */
export function startRefresher({ regions, snapshots, interval, now, random }: RefresherOptions): Refresher {
  const timers = new Map<string, NodeJS.Timeout>()
  const asked = new Set<string>()
  let stopped = false

  async function askEverything(region: Region): Promise<void> {
    for (const { service, resource } of backgroundResources) {
      if (stopped) return
      if (!mayHave(region, service)) continue
      // What a caller had asked for in the meantime is young enough for this round.
      await snapshots.read(region, { resource }, { maxAge: interval / 2, probe: true })
    }
  }
  async function refresh(region: Region): Promise<void> {
    const patient = setTimeout(() => asked.add(region.name), patience)
    await askEverything(region)
    clearTimeout(patient)
    asked.add(region.name)
    if (!stopped) schedule(region, untilNext(region))
  }
  /** A region that failed is tried again as soon as its back-off ends, so that no caller has to. */
  function untilNext(region: Region): number {
    const regular = interval * (0.9 + 0.2 * random())
    const retryAt = snapshots.retryAt(region)
    return retryAt === undefined ? regular : Math.max(0, Math.min(regular, retryAt - now()))
  }
  function schedule(region: Region, delay: number): void {
    const timer = setTimeout(() => void refresh(region), delay)
    timer.unref()
    timers.set(region.name, timer)
  }

  const all = regions()
  const firstRound = Math.min(interval, all.length * firstRoundPerRegion)
  for (const [i, region] of all.entries()) schedule(region, (i / all.length) * firstRound)

  return {
    askedAll: () => asked.size >= all.length,
    stop() {
      stopped = true
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}
