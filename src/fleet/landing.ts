import { serviceOf } from '../model/calls.ts'
import type { Failure } from '../model/outcome.ts'
import type { Readings, Resource, Want } from '../model/reading.ts'
import type { Region, Service } from '../model/region.ts'
import type { AskedOf, FailedAsk } from './ask.ts'
import { nextBackoff } from './backoff.ts'
import { beforeStart, type Held, type RegionHeld } from './held.ts'

/** What came of asking, and where it is to be kept. */
export interface Landed<R extends Resource> {
  readonly region: Region
  readonly want: Want<R>
  readonly held: Held<R>
  readonly ofItsRegion: RegionHeld
  readonly asked: AskedOf<R>
  /** Writes that the service had seen when it was asked. */
  readonly writes: number
}

export interface LandingOptions {
  readonly now: () => number
  readonly random: () => number
  /** Told of each answer, changed or not: histories are kept elsewhere. */
  readonly onReading?: <R extends Resource>(
    region: Region,
    want: Want<R>,
    reading: Readings[R],
    observedAt: number,
  ) => void
  readonly isCurrent: (region: Region, held: RegionHeld) => boolean
}

/** After a 500 Patching's daemon exits and is started again (docs/quirks.md, "A 500 ends the daemon"). */
const patchingRestart = 60_000

let lastVersion = 0

/** Keeps what came of asking: an answer, or a failure beside the last good answer. */
export function createLanding({
  now,
  random,
  onReading,
  isCurrent,
}: LandingOptions): <R extends Resource>(landed: Landed<R>) => void {
  return ({ region, want, held, ofItsRegion, asked, writes }) => {
    const at = now()
    const service = serviceOf(want.resource)
    const { services } = ofItsRegion
    ofItsRegion.revision++
    if (asked.status === 'failed') {
      const cause = toFailure(region, asked, at)
      held.failure = cause
      // Else what was probing would stay backed off for ever: only this flight could have ended it.
      if (backOffWhole(services, service, asked, cause, random)) return void delete held.backoff
      held.backoff = nextBackoff(held.backoff, cause, random)
      // A timeout that is not the service's is our own queue's: the region said nothing.
      if (asked.kind !== 'timeout') delete services[service]
      return
    }
    delete held.failure
    delete held.backoff
    delete services[service]
    if (asked.status === 'unsupported') {
      held.unsupported = { reason: asked.reason, at }
      delete held.answer
      return
    }
    delete held.unsupported
    const { reading } = asked
    const version = held.answer?.reading === reading ? held.answer.version : ++lastVersion
    held.answer = { reading, observedAt: at, version, writes }
    if (isCurrent(region, ofItsRegion)) onReading?.(region, want, reading, at)
  }
}

/** Takes an answer from before the gateway started, unless the region has told more since. False: it has. */
export function landRestored<R extends Resource>(
  held: Held<R>,
  ofItsRegion: RegionHeld,
  reading: Readings[R],
  observedAt: number,
): boolean {
  if (held.answer || held.unsupported) return false
  ofItsRegion.revision++
  held.answer = { reading, observedAt, version: ++lastVersion, writes: beforeStart }
  return true
}

/** Nothing failed, and yet what is held is too old: it was not asked for lately. */
export function overtaken(region: Region, held: Held<Resource>, at: number): Failure {
  const since = held.answer?.writes === beforeStart ? 'since the gateway started' : 'recently enough'
  return { kind: 'timeout', message: `${region.subcloud}: not asked ${since}`, at }
}

/** True where the failure is the whole service's: it is left alone, longer where its daemon restarts. */
export function backOffWhole(
  services: RegionHeld['services'],
  service: Service,
  asked: FailedAsk,
  cause: Failure,
  random: () => number,
): boolean {
  const restarting = service === 'patching' && asked.http === 500
  if (!restarting && !asked.ofService) return false
  const before = services[service]
  // What fails while its daemon restarts must not cut the pause short.
  const rest = before?.restarting ? Math.max(0, before.until - cause.at) : 0
  services[service] = nextBackoff(before, cause, random, restarting ? patchingRestart : rest)
  return true
}

/** Failures are told with the name that operators call the region by. */
export function toFailure(region: Region, { kind, message }: FailedAsk, at: number): Failure {
  return { kind, message: `${region.subcloud}: ${message}`, at }
}
