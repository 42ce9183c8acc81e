import { backgroundResources } from '../model/calls.ts'
import { outcomeStatuses, type OutcomeStatus } from '../model/outcome.ts'
import { headOf, sample, type Family, type Format } from './exposition.ts'
import type { Block } from './blocks.ts'

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

/** Counted for each scrape: what a caller may not see is in no count. */
export function fleetText(blocks: readonly Block[], format: Format): string {
  const counts = new Map<string, { [S in OutcomeStatus]: number }>()
  const overflow = new Map<string, number>()
  for (const { resource } of backgroundResources) {
    const all = { fresh: 0, stale: 0, failed: 0, unsupported: 0, skipped: 0 }
    for (const block of blocks) {
      const ofBlock = block.counts.get(resource)
      for (const status of outcomeStatuses) all[status] += ofBlock?.[status] ?? 0
    }
    counts.set(resource, all)
  }
  for (const { regions } of blocks) {
    for (const { leftOut } of regions) {
      for (const [metric, more] of leftOut) overflow.set(metric, (overflow.get(metric) ?? 0) + more)
    }
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

function freshness({ fresh, stale, failed }: { readonly [S in OutcomeStatus]: number }): number {
  const expected = fresh + stale + failed
  return expected === 0 ? 1 : fresh / expected
}
