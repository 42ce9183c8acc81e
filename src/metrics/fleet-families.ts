import { backgroundResources } from '../model/calls.ts'
import { outcomeStatuses, type OutcomeStatus } from '../model/outcome.ts'
import { headOf, sample, type Family, type Format } from './exposition.ts'
import type { RegionText } from './region-text.ts'

type Counts = { [S in OutcomeStatus]: number }

/** Series about all regions of a scrape together. */
export const fleetFamilies: readonly (Family & { readonly labels: readonly string[] })[] = [
  {
    name: 'stx_fleet_regions',
    type: 'gauge',
    help: 'Regions by what is held of a resource: fresh, stale, failed (or not asked yet), unsupported, skipped. They add up to all regions.',
    labels: ['resource', 'status'],
  },
  {
    name: 'stx_fleet_freshness_ratio',
    type: 'gauge',
    help: 'The share of the regions that could answer of which a fresh answer is held: fresh / (all - unsupported - skipped), 1 where that is none.',
    labels: ['resource'],
  },
  {
    name: 'stx_metrics_overflow',
    type: 'gauge',
    help: "Samples that this scrape leaves out, as a region has too many of them or words that are too long, by the metric that they'd be of; absent where it leaves out none.",
    labels: ['metric'],
  },
]

/** Counted anew for each scrape: what a caller may not see is in no count. */
export function fleetText(regions: readonly RegionText[], format: Format): string {
  const counts = new Map<string, Counts>()
  for (const { resource } of backgroundResources) {
    counts.set(resource, { fresh: 0, stale: 0, failed: 0, unsupported: 0, skipped: 0 })
  }
  const overflow = new Map<string, number>()
  for (const { told, leftOut } of regions) {
    const { outcomes } = told.view
    for (const [resource, count] of counts) {
      count[outcomes[resource as keyof typeof outcomes]?.status ?? 'failed']++
    }
    for (const [metric, more] of leftOut) overflow.set(metric, (overflow.get(metric) ?? 0) + more)
  }
  const samples = [
    [...counts].flatMap(([resource, count]) =>
      outcomeStatuses.map((status) => sample('stx_fleet_regions', { resource, status }, count[status])),
    ),
    [...counts].map(([resource, count]) =>
      sample('stx_fleet_freshness_ratio', { resource }, freshness(count)),
    ),
    [...overflow].map(([metric, more]) => sample('stx_metrics_overflow', { metric }, more)),
  ]
  return fleetFamilies
    .map((family, i) => {
      const lines = samples[i] ?? []
      return lines.length === 0 ? '' : headOf(family, format) + lines.join('')
    })
    .join('')
}

function freshness({ fresh, stale, failed }: Counts): number {
  const expected = fresh + stale + failed
  return expected === 0 ? 1 : fresh / expected
}
