import type { RegionStatus } from '../../fleet/region-status.ts'
import type { RegionView } from '../../fleet/view.ts'
import type { OutcomeStatus } from '../../model/outcome.ts'
import { tallyHeaders, type Tally } from '../tally.ts'
import { ageAt } from './fields.ts'
import type { Shown } from './views.ts'

/** One selected region, and how it ended. */
export interface Judged {
  readonly region: RegionView
  readonly status: RegionStatus
}

/** What every answer says of the regions it is made from. */
export interface Meta {
  readonly snapshot: string
  readonly generated_at: string
  readonly complete: boolean
  readonly regions: { readonly total: number } & { readonly [S in OutcomeStatus]: number }
  /** Of the regions that are served: how old the oldest part of each is. */
  readonly freshness: {
    readonly oldest: string | null
    readonly p50_s: number | null
    readonly p99_s: number | null
  }
  /** How many regions are not fresh for which kind of failure, or skipped why. */
  readonly reasons: Readonly<Record<string, number>>
  /** Every region that is not fresh, by name. */
  readonly details?: Readonly<Record<string, unknown>>
  /** How many more there are. */
  readonly details_left_off?: number
}

/** Of regions told one by one. */
const mostDetails = 1_000

/** Without details. */
export function metaOf(shown: Shown, regions: readonly Judged[], { counts, total, complete }: Tally): Meta {
  const served = regions.flatMap(({ status: { observedAt } }) =>
    observedAt === undefined ? [] : [observedAt],
  )
  // Numbers in an array of numbers are sorted many times faster.
  const observed = Float64Array.from(served).sort()
  const agedBy = (share: number): number | null => {
    const at =
      observed[observed.length - 1 - Math.min(observed.length - 1, Math.floor(observed.length * share))]
    return at === undefined ? null : ageAt(shown.at, at)
  }
  const [oldest] = observed
  const reasons: Record<string, number> = {}
  for (const { status } of regions) {
    const why = status.cause?.kind ?? (status.status === 'skipped' ? status.reason : undefined)
    if (why !== undefined) reasons[why] = (reasons[why] ?? 0) + 1
  }
  return {
    snapshot: shown.snapshot,
    generated_at: new Date(shown.at).toISOString(),
    complete,
    regions: { total, ...counts },
    freshness: {
      oldest: oldest === undefined ? null : new Date(oldest).toISOString(),
      p50_s: agedBy(0.5),
      p99_s: agedBy(0.99),
    },
    reasons,
  }
}

/** Ages are told inside, so that no answer serves twice. */
export function metaHeaders(tally: Tally): Record<string, string> {
  return { ...tallyHeaders(tally), 'cache-control': 'no-store' }
}

/** Every region that is not fresh. */
export function detailsOf(
  shown: Shown,
  regions: readonly Judged[],
): Pick<Meta, 'details' | 'details_left_off'> {
  const missing = regions.filter(({ status: { status } }) => status !== 'fresh')
  const told = missing.slice(0, mostDetails)
  return {
    details: Object.fromEntries(
      told.map(({ region, status }) => [region.region.name, detailOf(shown, status)]),
    ),
    ...(missing.length > told.length && { details_left_off: missing.length - told.length }),
  }
}

function detailOf(shown: Shown, { status, cause, reason, observedAt }: RegionStatus): unknown {
  return {
    status,
    ...(cause && {
      resource: cause.part,
      kind: cause.kind,
      message: cause.message,
      ...(cause.at !== undefined && { failed_at: new Date(cause.at).toISOString() }),
    }),
    ...(cause === undefined && reason !== undefined && { reason }),
    ...(observedAt !== undefined && { age_s: ageAt(shown.at, observedAt) }),
  }
}
