import type { Outcome, OutcomeStatus } from '../model/outcome.ts'
import { currentTrace } from '../model/trace.ts'

/** How many of the selected regions ended how, and how old the oldest part is. */
export interface Tally {
  readonly counts: { readonly [S in OutcomeStatus]: number }
  readonly total: number
  /** Every region that could answer gave a fresh answer. */
  readonly complete: boolean
  /** fresh ÷ (total − unsupported − skipped); 1 where that is 0. */
  readonly completeness: number
  /** Age of the oldest part that is served, whole seconds. */
  readonly age: number
}

/** How one region ended; `observedAt` (ms since the epoch) where something of it is served. */
export interface Ended {
  readonly status: OutcomeStatus
  readonly observedAt?: number | undefined
}

export function tally(outcomes: readonly Outcome<unknown>[], now: number): Tally {
  return tallyOf(
    outcomes.map((outcome) => ({
      status: outcome.status,
      observedAt: 'provenance' in outcome ? outcome.provenance.observedAt : undefined,
    })),
    now,
  )
}

/** `now` in ms since the epoch. */
export function tallyOf(regions: readonly Ended[], now: number): Tally {
  const counts = { fresh: 0, stale: 0, failed: 0, unsupported: 0, skipped: 0 }
  let oldest = now
  for (const { status, observedAt = now } of regions) {
    counts[status]++
    oldest = Math.min(oldest, observedAt)
  }
  const total = regions.length
  const expected = total - counts.unsupported - counts.skipped
  return {
    counts,
    total,
    complete: counts.stale + counts.failed === 0,
    completeness: expected === 0 ? 1 : counts.fresh / expected,
    age: Math.max(0, Math.floor((now - oldest) / 1000)),
  }
}

/** The headers that make even a bare array honest (RFC 9651 syntax). */
export function tallyHeaders({ counts, total, complete, age }: Tally): Record<string, string> {
  const { fresh, stale, failed, unsupported, skipped } = counts
  return {
    'fleet-complete': complete ? '?1' : '?0',
    'fleet-regions': `total=${total}, fresh=${fresh}, stale=${stale}, failed=${failed}, unsupported=${unsupported}, skipped=${skipped}`,
    age: String(age),
    vary: 'Authorization, X-Auth-Token, OIDC-Token, Accept, Accept-Encoding',
    'cache-control': complete ? 'private, no-cache' : 'no-store',
  }
}

/** To the collector, of the request that the running code works for. */
export function tellTally({ counts, total }: Tally): void {
  currentTrace()?.telling?.add({
    'fleet.regions.total': total,
    'fleet.regions.fresh': counts.fresh,
    'fleet.regions.stale': counts.stale,
    'fleet.regions.failed': counts.failed,
    'fleet.regions.unsupported': counts.unsupported,
    'fleet.regions.skipped': counts.skipped,
  })
}
