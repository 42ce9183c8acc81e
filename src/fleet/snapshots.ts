import { isBackground, serviceOf } from '../model/calls.ts'
import type { Failure, Outcome } from '../model/outcome.ts'
import type { Readings, Resource, Want } from '../model/reading.ts'
import type { Region, Service } from '../model/region.ts'
import type { Ask, AskedOf, FailedAsk } from './ask.ts'
import { isActive, type Backoff } from './backoff.ts'
import { createHeldStore, failed, judge, earliestRetry, judgedAlikeUntil, type Held } from './held.ts'
import { backOffWhole, createLanding, landRestored, overtaken, toFailure } from './landing.ts'
import { settled } from './settled.ts'

export interface ReadOptions {
  /** ms; 0: only an answer that comes after this call is young enough. */
  readonly maxAge: number
  /** The only region that was named: it is asked although it is backed off. */
  readonly sole?: boolean
  /** The refresher's: until it has an answer, a region that failed stays backed off for everyone else. */
  readonly probe?: boolean
}

/** The last good answer of every region to every question, its age, and the last failure. One way to read. */
export interface Snapshots {
  /** At once where what is held is young enough, else a promise. Never rejects, never asks the same twice at once. */
  read<R extends Resource>(
    region: Region,
    want: Want<R>,
    options: ReadOptions,
  ): Outcome<Readings[R]> | Promise<Outcome<Readings[R]>>
  /** What is held, judged by `maxAge`; never asks. Undefined: never asked yet. */
  peek<R extends Resource>(region: Region, want: Want<R>, maxAge: number): Outcome<Readings[R]> | undefined
  /** What to tell an asker who stops waiting: `failure` is why. */
  late<R extends Resource>(region: Region, want: Want<R>, failure: Failure): Outcome<Readings[R]>
  /** When the region's earliest back-off ends, ms since the epoch; undefined where none is running. */
  retryAt(region: Region): number | undefined
  /** The last attempt's failure, whatever is held; undefined after a success. */
  lastFailure(region: Region, want: Want): Failure | undefined
  /** What is held of a service was true before a write or a move: it is not fresh any more, nor what is under way. */
  outdate(region: Region, service: Service): void
  /** A call beside the reads failed: says so to all who come after, where it tells of the whole service. */
  noteFailure(region: Region, service: Service, failed: FailedAsk): void
  /** Until when a crashed service is left alone, and why; undefined where it is not. */
  pauseOf(region: Region, service: Service): { readonly until: number; readonly cause: Failure } | undefined
  /** Grows with whatever comes in of a region. */
  revisionOf(region: Region): number
  /** Until when (ms since the epoch) `peek` says the same of a region, if its revision stays. */
  judgedAlikeUntil(region: Region, maxAge: number): number
  /** Ends every back-off of a region: what it failed for may be gone. What it answered stays. */
  forgive(region: Region): void
  /** Takes a last good answer from before the gateway started: never fresh. False: the region has told more since. */
  restore<R extends Resource>(
    region: Region,
    want: Want<R>,
    reading: Readings[R],
    observedAt: number,
  ): boolean
  /** Drops all of a region that left. */
  forget(regionName: string): void
}

export interface SnapshotOptions {
  readonly ask: Ask
  /** ms since the epoch. */
  readonly now: () => number
  readonly random: () => number
  /** Told of each answer, changed or not: histories are kept elsewhere. */
  readonly onReading?: <R extends Resource>(
    region: Region,
    want: Want<R>,
    reading: Readings[R],
    observedAt: number,
  ) => void
  /** Told of the end of each ask, whatever came of it; `took` in ms. */
  readonly onAsked?: (region: Region, want: Want, asked: AskedOf<Resource>, took: number) => void
}

/** ms after a back-off's end within which the refresher has come, unless something holds it up. */
const refresherComes = 30_000

export function createSnapshots(options: SnapshotOptions): Snapshots {
  const { now, random } = options
  const store = createHeldStore()
  const land = createLanding({ ...options, isCurrent: store.isCurrent })

  /** What keeps this asker from asking. The refresher asks when a back-off ends; callers leave that to it. */
  function backoffOf(region: Region, want: Want, probe: boolean): Backoff | undefined {
    const ofWhole = store.ofRegion(region).services[serviceOf(want.resource)]
    if (isActive(ofWhole, now(), probe ? 0 : refresherComes)) return ofWhole
    const own = store.find(region, want)?.backoff
    return isActive(own, now(), probe || !isBackground(want.resource) ? 0 : refresherComes) ? own : undefined
  }

  function markProbing(region: Region, want: Want, held: Held<Resource>): void {
    const { services } = store.ofRegion(region)
    const service = serviceOf(want.resource)
    const ofWhole = services[service]
    if (ofWhole) services[service] = { ...ofWhole, probing: true }
    if (held.backoff) held.backoff = { ...held.backoff, probing: true }
  }

  async function fly<R extends Resource>(region: Region, want: Want<R>, held: Held<R>): Promise<void> {
    // Taken before the answer: what lands after the region left must not bring it back.
    const ofItsRegion = store.ofRegion(region)
    const writes = ofItsRegion.writes[serviceOf(want.resource)]
    const began = now()
    const asked = await askSafely(region, want, held)
    if (store.isCurrent(region, ofItsRegion)) options.onAsked?.(region, want, asked, now() - began)
    land({ region, want, held, ofItsRegion, asked, writes })
  }

  /** The earliest instant of an answer that is fresh; none is, where the service was written to since. */
  function youngestOf(region: Region, want: Want, held: Held<Resource>, youngest: number): number {
    const { writes } = store.ofRegion(region)
    return held.answer && held.answer.writes !== writes[serviceOf(want.resource)] ? Infinity : youngest
  }

  /** Asking must not throw; where it does, by our own fault, that is this region's failure and nobody else's. */
  async function askSafely<R extends Resource>(
    region: Region,
    want: Want<R>,
    held: Held<R>,
  ): Promise<AskedOf<R>> {
    try {
      return await options.ask(region, want, held.answer?.reading)
    } catch {
      return { status: 'failed', kind: 'broken', message: 'the gateway failed to ask', ofService: false }
    }
  }

  function read<R extends Resource>(
    region: Region,
    want: Want<R>,
    { maxAge, sole = false, probe = false }: ReadOptions,
  ): Outcome<Readings[R]> | Promise<Outcome<Readings[R]>> {
    const known = settled(region, want, now())
    if (known) return known
    const held = store.hold(region, want)
    const youngest = now() - maxAge
    if (maxAge > 0) {
      const young = judge(region, held, youngestOf(region, want, held, youngest), undefined)
      if (young) return young
    }
    const backoff = sole ? undefined : backoffOf(region, want, probe)
    if (backoff)
      return (
        judge(
          region,
          held,
          maxAge > 0 ? youngestOf(region, want, held, youngest) : Infinity,
          backoff.cause,
        ) ?? failed(region, backoff.cause)
      )
    if (probe && held.flight === undefined) markProbing(region, want, held)
    return flightOf(region, want, held).then(() => {
      const failure = held.failure ?? overtaken(region, held, now())
      const bound = maxAge === 0 && held.failure ? Infinity : youngestOf(region, want, held, youngest)
      return judge(region, held, bound, failure) ?? failed(region, failure)
    })
  }

  /** The answer under way, or a new one; one that was asked for before a write is waited out first. */
  function flightOf<R extends Resource>(region: Region, want: Want<R>, held: Held<R>): Promise<void> {
    const writes = store.ofRegion(region).writes[serviceOf(want.resource)]
    const under = held.flight
    if (under && under.writes === writes) return under.landed
    const flown = under ? under.landed.then(() => fly(region, want, held)) : fly(region, want, held)
    const landed = flown
      .catch(() => undefined)
      .finally(() => {
        if (held.flight?.landed === landed) delete held.flight
      })
    held.flight = { landed, writes }
    return landed
  }

  return {
    read,
    peek(region, want, maxAge) {
      const known = settled(region, want, now())
      if (known) return known
      const held = store.find(region, want)
      if (held === undefined) return undefined
      const at = now()
      const cause = held.failure ?? store.ofRegion(region).services[serviceOf(want.resource)]?.cause
      if (cause === undefined && !held.answer && !held.unsupported) return undefined
      const youngest = youngestOf(region, want, held, at - maxAge)
      return judge(region, held, youngest, cause ?? overtaken(region, held, at))
    },
    late(region, want, failure) {
      // The region may have left in the meantime: nothing is to be kept of it.
      const held = store.find(region, want)
      return (held && judge(region, held, Infinity, failure)) ?? failed(region, failure)
    },
    retryAt: (region) => earliestRetry(store.ofRegion(region), now()),
    lastFailure: (region, want) =>
      store.ofRegion(region).services[serviceOf(want.resource)]?.cause ?? store.find(region, want)?.failure,
    outdate(region, service) {
      const held = store.ofRegion(region)
      held.revision++
      held.writes[service]++
    },
    noteFailure(region, service, asked) {
      const cause = toFailure(region, asked, now())
      const held = store.ofRegion(region)
      held.revision++
      backOffWhole(held.services, service, asked, cause, random)
    },
    pauseOf(region, service) {
      const backoff = store.ofRegion(region).services[service]
      return backoff?.restarting && now() < backoff.until ? backoff : undefined
    },
    revisionOf: (region) => store.ofRegion(region).revision,
    judgedAlikeUntil(region, maxAge) {
      const at = now()
      const until = judgedAlikeUntil(store.ofRegion(region), maxAge, at)
      const { maintenanceUntil: end } = region
      return end !== undefined && at < end ? Math.min(until, end) : until
    },
    restore: (region, want, reading, observedAt) =>
      landRestored(store.hold(region, want), store.ofRegion(region), reading, Math.min(observedAt, now())),
    forgive: store.forgive,
    forget: store.forget,
  }
}
