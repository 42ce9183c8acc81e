import { isBackground, serviceOf } from '../model/calls.ts'
import type { Failure, Outcome } from '../model/outcome.ts'
import type { Readings, Resource, Want } from '../model/reading.ts'
import { mayHave, type Region } from '../model/region.ts'
import type { Ask, AskedOf } from './ask.ts'
import { isActive, nextBackoff, type Backoff } from './backoff.ts'
import { createHeldStore, judge, type Held } from './held.ts'

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
  /** Drops all of a region that left, or whose address changed. */
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
}

/** After a 500 Patching's daemon exits and is started again (docs/quirks.md, "A 500 ends the daemon"). */
const patchingRestart = 60_000
/** ms after a back-off's end within which the refresher has come, unless something holds it up. */
const refresherComes = 30_000

let lastVersion = 0

export function createSnapshots(options: SnapshotOptions): Snapshots {
  const { now, random } = options
  const store = createHeldStore()

  /** What holds without asking, whatever is held. */
  function settled(region: Region, want: Want): Outcome<never> | undefined {
    if (region.maintenanceUntil !== undefined && now() < region.maintenanceUntil) {
      return { status: 'skipped', region: region.name, reason: 'maintenance' }
    }
    const service = serviceOf(want.resource)
    if (!mayHave(region, service)) {
      return { status: 'unsupported', region: region.name, reason: `no ${service} endpoint` }
    }
    return undefined
  }

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
    const { services: ofWhole } = ofItsRegion
    const service = serviceOf(want.resource)
    const asked = await askSafely(region, want, held)
    const at = now()
    if (asked.status === 'failed') {
      const cause: Failure = { kind: asked.kind, message: `${region.subcloud}: ${asked.message}`, at }
      held.failure = cause
      const restarting = service === 'patching' && asked.http === 500
      if (restarting || asked.ofService) {
        // Else what was probing would stay backed off for ever: only this flight could have ended it.
        delete held.backoff
        ofWhole[service] = nextBackoff(ofWhole[service], cause, random, restarting ? patchingRestart : 0)
      } else {
        held.backoff = nextBackoff(held.backoff, cause, random)
        // A timeout that is not the service's is our own queue's: the region said nothing.
        if (asked.kind !== 'timeout') delete ofWhole[service]
      }
      return
    }
    delete held.failure
    delete held.backoff
    delete ofWhole[service]
    if (asked.status === 'unsupported') {
      held.unsupported = { reason: asked.reason, at }
      delete held.answer
      return
    }
    delete held.unsupported
    const { reading } = asked
    const version = held.answer?.reading === reading ? held.answer.version : ++lastVersion
    held.answer = { reading, observedAt: at, version }
    if (store.isCurrent(region, ofItsRegion)) options.onReading?.(region, want, reading, at)
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
    const known = settled(region, want)
    if (known) return known
    const held = store.hold(region, want)
    const youngest = now() - maxAge
    if (maxAge > 0) {
      const young = judge(region, held, youngest, undefined)
      if (young) return young
    }
    const backoff = sole ? undefined : backoffOf(region, want, probe)
    if (backoff)
      return (
        judge(region, held, maxAge > 0 ? youngest : Infinity, backoff.cause) ?? failed(region, backoff.cause)
      )
    if (probe && held.flight === undefined) markProbing(region, want, held)
    held.flight ??= fly(region, want, held)
      .catch(() => undefined)
      .finally(() => delete held.flight)
    return held.flight.then(() => {
      const failure = held.failure ?? overtaken(region, now())
      const bound = maxAge === 0 && held.failure ? Infinity : youngest
      return judge(region, held, bound, failure) ?? failed(region, failure)
    })
  }

  return {
    read,
    peek(region, want, maxAge) {
      const known = settled(region, want)
      if (known) return known
      const held = store.find(region, want)
      if (held === undefined) return undefined
      const at = now()
      const cause = held.failure ?? store.ofRegion(region).services[serviceOf(want.resource)]?.cause
      if (cause === undefined && !held.answer && !held.unsupported) return undefined
      return judge(region, held, at - maxAge, cause ?? overtaken(region, at))
    },
    late(region, want, failure) {
      const held = store.hold(region, want)
      return judge(region, held, Infinity, failure) ?? failed(region, failure)
    },
    retryAt(region) {
      const { services, fixed } = store.ofRegion(region)
      const all = [services.usm, services.patching, ...[...fixed.values()].map(({ backoff }) => backoff)]
      const running = all.filter((backoff) => isActive(backoff, now())).map(({ until }) => until)
      return running.length === 0 ? undefined : Math.min(...running)
    },
    lastFailure(region, want) {
      return (
        store.ofRegion(region).services[serviceOf(want.resource)]?.cause ?? store.find(region, want)?.failure
      )
    },
    forget: (regionName) => store.forget(regionName),
  }
}

function failed(region: Region, failure: Failure): { status: 'failed'; region: string; failure: Failure } {
  return { status: 'failed', region: region.name, failure }
}

/** Nothing failed, and yet what is held is too old: it was not asked for lately. */
function overtaken(region: Region, at: number): Failure {
  return { kind: 'timeout', message: `${region.subcloud}: not asked recently enough`, at }
}
