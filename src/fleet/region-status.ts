import type { Outcomes, RegionFacts } from './region-facts.ts'
import type { FailureKind, Outcome, OutcomeStatus, SkipReason } from '../model/outcome.ts'

/** One of what the refresher keeps young. */
export type Part = keyof Outcomes

/** All that is kept young of a region. */
export const allParts: readonly Part[] = ['release', 'deploy', 'deploy_host', 'query', 'query_hosts']

/** How one region ended in an answer that is made of several of its parts: each region counts once. */
export interface RegionStatus {
  readonly status: OutcomeStatus
  /** Why it is stale or failed. */
  readonly cause?: Cause
  /** Why it is unsupported or skipped. */
  readonly reason?: string
  /** When its oldest part that is served was answered, ms since the epoch. */
  readonly observedAt?: number
}

export interface Cause {
  readonly part: Part
  readonly kind: FailureKind
  readonly message: string
  /** ms since the epoch; undefined where it was never asked. */
  readonly at?: number
}

/**
 * Skipped and unsupported where all parts are; else, of the parts that its release has: `fresh` where all are,
 * `failed` where none is served, `stale` otherwise: some of it is old or missing.
 */
export function statusOf(
  { region }: Pick<RegionFacts, 'region'>,
  outcomes: Outcomes,
  parts: readonly Part[],
): RegionStatus {
  let skipped: SkipReason | undefined
  let unsupported: string | undefined
  let cause: Cause | undefined
  let observedAt: number | undefined
  for (const part of parts) {
    const outcome: Outcome<unknown> | undefined = outcomes[part]
    if (outcome?.status === 'skipped') skipped ??= outcome.reason
    else if (outcome?.status === 'unsupported') unsupported ??= outcome.reason
    else if (outcome === undefined) {
      cause ??= { part, kind: 'timeout', message: `${region.subcloud}: not asked yet` }
    } else {
      if ('provenance' in outcome) {
        observedAt = Math.min(observedAt ?? Infinity, outcome.provenance.observedAt)
      }
      if ('failure' in outcome) cause ??= { part, ...outcome.failure }
    }
  }
  const served = observedAt !== undefined && { observedAt }
  if (cause !== undefined) return { status: served ? 'stale' : 'failed', cause, ...served }
  if (served) return { status: 'fresh', ...served }
  if (skipped !== undefined) return { status: 'skipped', reason: skipped }
  return { status: 'unsupported', reason: unsupported ?? '' }
}
