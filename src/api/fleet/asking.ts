import { atBaseline } from '../../fleet/baseline.ts'
import { gather } from '../../fleet/gather.ts'
import { factsFrom, withoutBytes, type FactsSources, type Outcomes } from '../../fleet/region-facts.ts'
import { statusOf, type Part, type RegionStatus } from '../../fleet/region-status.ts'
import type { Snapshots } from '../../fleet/snapshots.ts'
import type { FleetView, RegionView } from '../../fleet/view.ts'
import type { Selected } from '../../fleet/select.ts'
import type { Region } from '../../model/region.ts'
import type { Judged } from './meta.ts'
import type { Shown, Views } from './views.ts'

export interface AskingContext extends Pick<FactsSources, 'hosts'> {
  readonly snapshots: Snapshots
  readonly view: () => FleetView
  /** ms since the epoch. */
  readonly now: () => number
  /** ms */
  readonly defaultMaxAge: () => number
}

/** ms */
export interface Age {
  readonly maxAge: number | undefined
  readonly deadline: number
}

/** Asks the selected regions whose parts are older than that, then shows the fleet with what came of it. */
export async function askAndShow(
  context: AskingContext,
  views: Pick<Views, 'own'>,
  { regions, sole }: Selected,
  parts: readonly Part[],
  age: Age,
): Promise<Shown> {
  const asked = await askParts(context, regions, parts, { ...age, sole: sole !== undefined })
  const { regions: held, baseline } = context.view()
  const judged = new Map<RegionView, RegionStatus>()
  const all = held.map((each) => {
    const outcomes = asked.get(each.region)
    if (outcomes === undefined) return each
    const { region, status } = judgeBy(context, each, baseline, outcomes, parts, age)
    judged.set(region, status)
    return region
  })
  return views.own({ regions: all, baseline }, judged, parts)
}

/** Asks one region for the parts that are older than that; `held` is what the fleet's view shows of it. */
export async function askOne(
  context: AskingContext,
  held: RegionView,
  baseline: FleetView['baseline'],
  parts: readonly Part[],
  age: Age & { readonly sole: boolean },
): Promise<Judged> {
  const asked = await askParts(context, [held.region], parts, age)
  return judgeBy(context, held, baseline, asked.get(held.region) ?? {}, parts, age)
}

/** What came of each region's parts; asked only where what is held is older. */
async function askParts(
  { snapshots, now, defaultMaxAge }: AskingContext,
  regions: readonly Region[],
  parts: readonly Part[],
  { maxAge = defaultMaxAge(), deadline, sole }: Age & { readonly sole: boolean },
): Promise<ReadonlyMap<Region, Partial<Outcomes>>> {
  const gathered = await Promise.all(
    parts.map(async (resource) => {
      const outcomes: readonly Parameters<typeof withoutBytes>[0][] = await gather(
        snapshots,
        regions,
        { resource },
        { maxAge, deadline, sole, now },
      )
      return outcomes.map(withoutBytes)
    }),
  )
  return new Map(
    regions.map((region, i) => [
      region,
      Object.fromEntries(parts.map((part, k) => [part, gathered[k]?.[i]])) as Partial<Outcomes>,
    ]),
  )
}

/** An age above the default makes a region count as fresh, but no fact certain: unknown stays unknown. */
function judgeBy(
  context: AskingContext,
  held: RegionView,
  baseline: FleetView['baseline'],
  asked: Partial<Outcomes>,
  parts: readonly Part[],
  { maxAge = context.defaultMaxAge() }: Age,
): Judged {
  const believed = maxAge <= context.defaultMaxAge()
  return {
    region: believed ? judgedAnew(held, asked, baseline, context) : held,
    status: statusOf(held, { ...held.outcomes, ...asked }, parts),
  }
}

/** The region as it is by these outcomes; itself where they say the same. */
function judgedAnew(
  held: RegionView,
  asked: Partial<Outcomes>,
  baseline: FleetView['baseline'],
  sources: FactsSources,
): RegionView {
  const same = Object.entries(asked).every(
    ([part, outcome]) => outcome?.status === held.outcomes[part as Part]?.status,
  )
  if (same) return held
  const facts = factsFrom(held.region, { ...held.outcomes, ...asked }, sources)
  return { ...facts, atBaseline: atBaseline(facts, baseline) }
}

/** Whether a question wants regions to be asked: without an age or a deadline it is answered from what is held. */
export function wantsAsking({ maxAge, deadline }: { maxAge?: unknown; deadline?: unknown }): boolean {
  return maxAge !== undefined || deadline !== undefined
}
