import { gather } from '../../fleet/gather.ts'
import { factsFrom, withoutBytes, type FactsSources, type Outcomes } from '../../fleet/region-facts.ts'
import { statusOf, type Part, type RegionStatus } from '../../fleet/region-status.ts'
import type { Snapshots } from '../../fleet/snapshots.ts'
import type { FleetView, RegionView } from '../../fleet/view.ts'
import { atBaseline } from '../../fleet/baseline.ts'
import type { Selected } from '../../fleet/select.ts'
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
  { maxAge = context.defaultMaxAge(), deadline }: Age,
): Promise<Shown> {
  const { snapshots, now } = context
  const options = { maxAge, deadline, sole: sole !== undefined, now }
  const gathered = await Promise.all(
    parts.map(async (resource) => {
      const outcomes: readonly Parameters<typeof withoutBytes>[0][] = await gather(
        snapshots,
        regions,
        { resource },
        options,
      )
      return outcomes.map(withoutBytes)
    }),
  )
  const outcomesOf = new Map(
    regions.map((region, i) => [
      region,
      Object.fromEntries(parts.map((part, k) => [part, gathered[k]?.[i]])) as Partial<Outcomes>,
    ]),
  )
  const view = context.view()
  // An age above the default makes regions count as fresh, but no fact certain: unknown stays unknown.
  const believed = maxAge <= context.defaultMaxAge()
  const judged = new Map<RegionView, RegionStatus>()
  const all = view.regions.map((held) => {
    const asked = outcomesOf.get(held.region)
    if (asked === undefined) return held
    const shown = believed ? judgedAnew(held, asked, view.baseline, context) : held
    judged.set(shown, statusOf(held, { ...held.outcomes, ...asked }, parts))
    return shown
  })
  return views.own({ regions: all, baseline: view.baseline }, judged, parts)
}

/** Asks one region for the parts that are older than that; `held` is what the fleet's view shows of it. */
export async function askOne(
  context: AskingContext,
  held: RegionView,
  baseline: FleetView['baseline'],
  parts: readonly Part[],
  { maxAge = context.defaultMaxAge(), deadline, sole }: Age & { readonly sole: boolean },
): Promise<Judged> {
  const { snapshots, now } = context
  const { region } = held
  const asked: Record<string, unknown> = {}
  await Promise.all(
    parts.map(async (resource) => {
      const [outcome] = await gather(snapshots, [region], { resource }, { maxAge, deadline, sole, now })
      if (outcome) asked[resource] = withoutBytes(outcome as Parameters<typeof withoutBytes>[0])
    }),
  )
  const outcomes = asked as Partial<Outcomes>
  const believed = maxAge <= context.defaultMaxAge()
  return {
    region: believed ? judgedAnew(held, outcomes, baseline, context) : held,
    status: statusOf(held, { ...held.outcomes, ...outcomes }, parts),
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
