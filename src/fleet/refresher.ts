import { backgroundResources } from '../model/calls.ts'
import { mayHave, reachedAlike, type Region } from '../model/region.ts'
import type { Snapshots } from './snapshots.ts'

export interface Refresher {
  /** True once every region was asked once, answered or not. */
  askedAll(): boolean
  /** Who exists now: regions that came, moved or are back online are asked soon, ones that left no more. */
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
    const note = (): void => void (present.has(name) && asked.add(name))
    const patient = setTimeout(note, patience)
    await askEverything(name)
    clearTimeout(patient)
    const region = present.get(name)
    if (stopped || region === undefined) return
    note()
    schedule(name, untilNext(region))
  }
  /** A region that failed is tried again as soon as its back-off ends, so that no caller has to. */
  function untilNext(region: Region): number {
    const regular = interval() * (0.9 + 0.2 * random()) * (region.offline ? offlineFactor : 1)
    const retryAt = region.offline ? undefined : snapshots.retryAt(region)
    return retryAt === undefined ? regular : Math.max(0, Math.min(regular, retryAt - now()))
  }
  function schedule(name: string, delay: number): void {
    // A region that left and came back while it was asked has a moment already.
    clearTimeout(timers.get(name))
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
    const added = all.filter((region) => isNews(before.get(region.name), region))
    askWithinRound(added.map(({ name }) => name))
  }
  function askWithinRound(names: readonly string[]): void {
    const round = Math.min(interval(), names.length * firstRoundPerRegion)
    for (const [i, name] of names.entries()) schedule(name, (i / names.length) * round)
  }
  follow(regions)

  return {
    askedAll: () => asked.size >= present.size,
    follow,
    // One that is being asked now schedules itself when it is done.
    askSoon: () => askWithinRound([...present.keys()].filter((name) => timers.has(name))),
    stop() {
      stopped = true
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}

/** It came, moved, or is back online: what is held of it, and when it would be asked, is no measure. */
function isNews(before: Region | undefined, now: Region): boolean {
  return before === undefined || !reachedAlike(before, now) || (before.offline === true && !now.offline)
}
