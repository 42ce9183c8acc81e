import type { Region } from '../../model/region.ts'
import type { CommonQuery } from '../parameters.ts'
import { printable, Problem } from '../problem.ts'
import type { Chosen } from './chosen.ts'
import { detailsOf } from './meta.ts'
import type { Shown } from './views.ts'

/** What an answer must keep to. */
export interface Contract extends Pick<CommonQuery, 'minCompleteness'> {
  /** It tells of regions that gave nothing, too. */
  readonly ofInventory: boolean
}

/** Throws a 503 with the same `meta` where the answer misses what was asked of it, or holds nothing at all. */
export function refuseUnmet(
  { minCompleteness, ofInventory }: Contract,
  required: ReadonlyMap<Region, string>,
  shown: Shown,
  { regions: judged, tally: { counts, completeness }, meta }: Chosen,
  headers: Readonly<Record<string, string>>,
): void {
  const refuse = (slug: 'incomplete' | 'no-data', detail: string): never => {
    throw new Problem(503, slug, detail, {
      headers: { ...headers, 'retry-after': '5' },
      extra: { meta: { ...meta, ...detailsOf(shown, judged) } },
    })
  }
  if (!ofInventory && counts.fresh + counts.stale === 0 && counts.failed > 0) {
    const first = judged.find(({ status }) => status.status === 'failed')?.status.cause
    refuse(
      'no-data',
      counts.failed === 1 && first ? first.message : `none of ${counts.failed} regions answered`,
    )
  }
  if (completeness < minCompleteness) {
    refuse(
      'incomplete',
      `only ${percent(completeness)} of the regions are fresh; ${percent(minCompleteness)} asked for`,
    )
  }
  for (const { region, status } of judged) {
    const name = required.get(region.region)
    if (name === undefined || status.status === 'fresh') continue
    refuse('incomplete', `region "${printable(name)}" is required, and not fresh`)
  }
}

function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`
}
