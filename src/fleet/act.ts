import { backgroundResources } from '../model/calls.ts'
import type { Intent } from '../model/intent.ts'
import type { Failure } from '../model/outcome.ts'
import type { Region } from '../model/region.ts'
import type { FailedAsk } from './ask.ts'
import type { Snapshots } from './snapshots.ts'
import { stateNow } from './state-now.ts'

/** How one call reaches one region, now. `upstream/relaying.ts` gives it; a test gives a lambda. Never rejects. */
export type Relay = (region: Region, intent: Intent, signal?: AbortSignal) => Promise<RelayOutcome>
export type RelayOutcome =
  | {
      readonly status: 'answered'
      readonly http: number
      readonly value: unknown
      /** Whether it was done, judged as the call needs it; a read that was answered is. */
      readonly succeeded: boolean
      readonly error: string
    }
  /** The region's release can't do it; nothing was sent. */
  | { readonly status: 'refused'; readonly reason: string }
  | (FailedAsk & {
      /** Some of it may have reached the region. */
      readonly sent: boolean
    })

export type Acted =
  | RelayOutcome
  /** Sent, and its answer lost: `now` is what the region says since. */
  | { readonly status: 'unknown'; readonly cause: FailedAsk; readonly now: string }
  /** The service has crashed and comes back by itself; nothing was sent. */
  | { readonly status: 'paused'; readonly until: number; readonly cause: Failure }

/** One call of one region. `signal` ends only the waiting for a write's turn. Never rejects. */
export type Act = (region: Region, intent: Intent, signal?: AbortSignal) => Promise<Acted>

export interface ActOptions {
  readonly relay: Relay
  readonly snapshots: Snapshots
  /** ms to wait for what a region says after an answer was lost. */
  readonly lookAgain: number
}

/** What makes a lost answer's effect uncertain: the rest says plainly that nothing was done. */
const uncertain = new Set(['timeout', 'unreachable', 'broken', 'malformed', 'too_large', 'tls'])

/** A write voids what is held of its region, and is never sent again by us. */
export function createAct({ relay, snapshots, lookAgain }: ActOptions): Act {
  /** What a crashed service has now, the refresher finds out when its pause is over. */
  function readAgain(region: Region, { call }: Intent): void {
    if (snapshots.pauseOf(region, call.service)) return
    for (const { service, resource } of backgroundResources) {
      if (service !== call.service) continue
      // Never rejects, and nobody waits for it.
      void snapshots.read(region, { resource }, { maxAge: 0, sole: true })
    }
  }

  return async (region, intent, signal) => {
    const { service, kind } = intent.call
    const pause = snapshots.pauseOf(region, service)
    if (pause) return { status: 'paused', ...pause }
    const outcome = await relay(region, intent, signal)
    if (outcome.status === 'failed') snapshots.noteFailure(region, service, outcome)
    // Patching's daemon exits after a 500; one that came with JSON is no crash.
    if (outcome.status === 'answered' && outcome.http === 500) {
      const failed = { status: 'failed', kind: 'broken', ofService: false, http: 500 } as const
      snapshots.noteFailure(region, service, { ...failed, message: outcome.error })
    }
    if (kind === 'read' || outcome.status === 'refused') return outcome
    if (outcome.status === 'failed' && !outcome.sent) return outcome
    snapshots.outdate(region, service)
    if (outcome.status === 'failed' && uncertain.has(outcome.kind)) {
      const now = await stateNow(snapshots, region, intent, lookAgain)
      readAgain(region, intent)
      return { status: 'unknown', cause: outcome, now }
    }
    readAgain(region, intent)
    return outcome
  }
}
