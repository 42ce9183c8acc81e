import { LRUCache } from 'lru-cache'
import type { Failure, Outcome } from '../model/outcome.ts'
import type { Readings, Resource, Want } from '../model/reading.ts'
import type { Region, Service } from '../model/region.ts'
import { isActive, type Backoff } from './backoff.ts'

/** All that is held of one region's answer to one question. */
export interface Held<R extends Resource> {
  answer?: {
    readonly reading: Readings[R]
    readonly observedAt: number
    readonly version: number
    /** How many writes the service had seen when it was asked: an answer from before a write is not fresh. */
    readonly writes: number
  }
  unsupported?: { readonly reason: string; readonly at: number }
  failure?: Failure
  backoff?: Backoff
  flight?: { readonly landed: Promise<void>; readonly writes: number }
}

/** All that is held of one region. `Held` is invariant in R, so the map's type can't follow its keys. */
export interface RegionHeld {
  /** Grows with whatever is kept or dropped here: what was made of it may have to be made anew. */
  revision: number
  readonly fixed: Map<string, Held<Resource>>
  readonly services: { [S in Service]?: Backoff }
  /** Writes that began or ended at each service. */
  readonly writes: { [S in Service]: number }
}

/** Of an answer from before the gateway started: whatever happened since, nobody has seen it. */
export const beforeStart = -1

/** Where everything held is kept: fixed questions for as long as the region stays, patches while there is room. */
export interface HeldStore {
  ofRegion(region: Region): RegionHeld
  find<R extends Resource>(region: Region, want: Want<R>): Held<R> | undefined
  hold<R extends Resource>(region: Region, want: Want<R>): Held<R>
  /** Whether the region's part is still this one: it may have left, or come back anew. */
  readonly isCurrent: (region: Region, held: RegionHeld) => boolean
  /** Ends all back-offs of a region. */
  readonly forgive: (region: Region) => void
  readonly forget: (regionName: string) => void
}

/** Snapshots of single patches that callers asked for. */
const maxOnDemand = 20_000

export function createHeldStore(): HeldStore {
  const regions = new Map<string, RegionHeld>()
  const onDemand = new LRUCache<string, Held<Resource>>({ max: maxOnDemand })

  function ofRegion(region: Region): RegionHeld {
    let held = regions.get(region.name)
    if (held === undefined) {
      held = { revision: 0, fixed: new Map(), services: {}, writes: { usm: 0, patching: 0 } }
      regions.set(region.name, held)
    }
    return held
  }
  function find<R extends Resource>(region: Region, want: Want<R>): Held<R> | undefined {
    return (
      want.id === undefined
        ? regions.get(region.name)?.fixed.get(want.resource)
        : onDemand.get(onDemandKey(region, want))
    ) as Held<R> | undefined
  }
  function hold<R extends Resource>(region: Region, want: Want<R>): Held<R> {
    const existing = find(region, want)
    if (existing) return existing
    const held: Held<R> = {}
    if (want.id === undefined) ofRegion(region).fixed.set(want.resource, held)
    else onDemand.set(onDemandKey(region, want), held)
    return held
  }

  return {
    ofRegion,
    find,
    hold,
    isCurrent: (region, held) => regions.get(region.name) === held,
    forgive(region) {
      const held = regions.get(region.name)
      if (held === undefined) return
      held.revision++
      delete held.services.usm
      delete held.services.patching
      for (const one of held.fixed.values()) delete one.backoff
    },
    forget(regionName) {
      regions.delete(regionName)
      for (const key of onDemand.keys()) if (key.startsWith(`${regionName}\n`)) onDemand.delete(key)
    },
  }
}

/** When the earliest back-off of a region ends, ms since the epoch; undefined where none is running. */
export function earliestRetry({ services, fixed }: RegionHeld, now: number): number | undefined {
  let earliest = Infinity
  const look = (backoff: Backoff | undefined): void => {
    if (isActive(backoff, now)) earliest = Math.min(earliest, backoff.until)
  }
  look(services.usm)
  look(services.patching)
  for (const { backoff } of fixed.values()) look(backoff)
  return earliest === Infinity ? undefined : earliest
}

/** Until when (ms since the epoch) what is held of a region is judged as it is `now`, if nothing else comes in. */
export function judgedAlikeUntil({ fixed }: RegionHeld, maxAge: number, now: number): number {
  let until = Infinity
  for (const { answer, unsupported } of fixed.values()) {
    for (const at of [answer?.observedAt, unsupported?.at]) {
      if (at !== undefined && at + maxAge >= now) until = Math.min(until, at + maxAge)
    }
  }
  return until
}

/** Judges what is held: `youngest` is the earliest instant of an answer that is fresh to this asker. */
export function judge<R extends Resource>(
  region: Region,
  held: Held<R>,
  youngest: number,
  failure: Failure | undefined,
): Outcome<Readings[R]> | undefined {
  if (held.unsupported && held.unsupported.at >= youngest) {
    return { status: 'unsupported', region: region.name, reason: held.unsupported.reason }
  }
  if (held.answer === undefined) return failure && failed(region, failure)
  const { reading, observedAt, version } = held.answer
  const provenance = { dialect: reading.dialect, observedAt, version }
  if (observedAt >= youngest) return { status: 'fresh', region: region.name, reading, provenance }
  return failure && { status: 'stale', region: region.name, reading, provenance, failure }
}

/** Nothing to serve, and why. */
export function failed(region: Region, failure: Failure): Outcome<never> {
  return { status: 'failed', region: region.name, failure }
}

function onDemandKey(region: Region, want: Want): string {
  return `${region.name}\n${want.resource}\n${want.id}`
}
