import { backgroundResources } from '../model/calls.ts'
import type { Intent } from '../model/intent.ts'
import type { Failure } from '../model/outcome.ts'
import type { WriteTimeouts } from '../model/region-call.ts'
import type { Region } from '../model/region.ts'
import { currentTrace } from '../model/trace.ts'
import type { FailedAsk } from './ask.ts'
import type { Snapshots } from './snapshots.ts'
import { stateNow } from './state-now.ts'
import { createWriteTurns, NoTurn } from './write-turn.ts'

/** How one call reaches one region, now. `upstream/relaying.ts` gives it; a test gives a lambda. Never rejects. */
export type Relay = (region: Region, intent: Intent) => Promise<RelayOutcome>
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

/**
 * One call of one region. `signal` ends only the waiting for a write's turn, and `begins` is called when it has come.
 * Never rejects.
 */
export type Act = (
  region: Region,
  intent: Intent,
  signal?: AbortSignal,
  begins?: () => void,
) => Promise<Acted>

export interface ActOptions {
  readonly relay: Relay
  readonly snapshots: Snapshots
  /** As long as it may take, a write waits for its turn. */
  readonly writeTimeouts: () => WriteTimeouts
  /** ms to wait for what a region says after an answer was lost. */
  readonly lookAgain: number
}

/** What makes a lost answer's effect uncertain: the rest says plainly that nothing was done. */
const uncertain = new Set(['timeout', 'unreachable', 'broken', 'malformed', 'too_large', 'tls'])

/**
 * A write voids what is held of its region, and is never sent again by us. Writes of one region take turns: the next
 * begins when all is known of the one before, that it crashed the service among it.
 */
export function createAct({ relay, snapshots, writeTimeouts, lookAgain }: ActOptions): Act {
  const turns = createWriteTurns()

  function pauseOf(region: Region, { call }: Intent): Acted | undefined {
    const pause = snapshots.pauseOf(region, call.service)
    return pause && { status: 'paused', ...pause }
  }

  /** What a crashed service has now, the refresher finds out when its pause is over. */
  function readAgain(region: Region, intent: Intent): void {
    if (pauseOf(region, intent)) return
    for (const { service, resource } of backgroundResources) {
      if (service !== intent.call.service) continue
      // Never rejects, and nobody waits for it.
      void snapshots.read(region, { resource }, { maxAge: 0, sole: true })
    }
  }

  async function send(region: Region, intent: Intent): Promise<RelayOutcome> {
    const { service } = intent.call
    const outcome = await relay(region, intent)
    if (outcome.status === 'failed') snapshots.noteFailure(region, service, outcome)
    // Patching's daemon exits after a 500.
    if (outcome.status === 'answered' && outcome.http === 500) {
      const failed = { status: 'failed', kind: 'broken', ofService: false, http: 500 } as const
      snapshots.noteFailure(region, service, { ...failed, message: outcome.error })
    }
    return outcome
  }

  async function write(region: Region, intent: Intent): Promise<Acted> {
    const pause = pauseOf(region, intent)
    if (pause) return pause
    const outcome = await send(region, intent)
    if (outcome.status === 'refused' || (outcome.status === 'failed' && !outcome.sent)) return outcome
    snapshots.outdate(region, intent.call.service)
    if (outcome.status === 'failed' && uncertain.has(outcome.kind)) {
      const now = await stateNow(snapshots, region, intent, lookAgain)
      readAgain(region, intent)
      return { status: 'unknown', cause: outcome, now }
    }
    readAgain(region, intent)
    return outcome
  }

  return async (region, intent, signal, begins) => {
    const pause = pauseOf(region, intent)
    if (pause) return pause
    if (intent.call.kind === 'read') return send(region, intent)
    const about = { 'fleet.region_name': region.name, 'fleet.call': intent.call.name }
    const waiting = currentTrace()?.telling?.begin('wait for the turn to write', 'own', about)
    try {
      const limit = writeTimeouts()[intent.call.limit]
      return await turns.take(region.name, limit, signal, () => {
        begins?.()
        waiting?.end()
        return write(region, intent)
      })
    } catch (error) {
      if (!(error instanceof NoTurn)) throw error
      waiting?.end('backed_off')
      return { status: 'failed', kind: 'backed_off', message: error.message, ofService: false, sent: false }
    }
  }
}
