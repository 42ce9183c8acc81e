import { atBaseline, baselineOf, type Baseline, type BaselineConfig } from './baseline.ts'
import type { Directory } from './directory.ts'
import type { HostHistory } from './host-history.ts'
import { factsOf, type RegionFacts } from './region-facts.ts'
import { createPauses } from './slices.ts'
import type { Snapshots } from './snapshots.ts'
import type { Region } from '../model/region.ts'

/** One region as a view shows it: the same object in the next view as long as nothing about it changed. */
export interface RegionView extends RegionFacts {
  /** Product: "at_baseline". Null without a baseline, or where unknown. */
  readonly atBaseline: boolean | null
}

/** The whole fleet at one instant, never changed once made: lists, pages and metrics are made from it. */
export interface FleetView {
  /** Grows with each view in which anything changed. */
  readonly number: number
  /** When it was made, ms since the epoch. */
  readonly at: number
  /** Every region of the inventory, by name. */
  readonly regions: readonly RegionView[]
  readonly baseline: Baseline | undefined
}

export interface ViewSources {
  readonly directory: () => Directory
  readonly snapshots: Pick<Snapshots, 'peek' | 'lastFailure' | 'revisionOf' | 'judgedAlikeUntil'>
  readonly hosts: Pick<HostHistory, 'hosts'>
  readonly baseline: () => BaselineConfig | undefined
  /** ms: what is older counts as unknown. */
  readonly maxAge: () => number
  readonly now: () => number
}

/** What a region's facts were made of: they are made anew when any of it is another. */
interface Made {
  readonly facts: RegionFacts
  readonly revision: number
  readonly until: number
  readonly maxAge: number
  view?: { readonly shown: RegionView; readonly baseline: Baseline | undefined }
}

/** Gives the fleet as it is now, from what is held: never asks. Only what changed since the last time is made anew. */
export interface TakeView {
  (): FleetView
  /** The same, where others may go first: thousands of regions that changed hold the loop for long. */
  readonly inSlices: () => Promise<FleetView>
}

export function createView(sources: ViewSources): TakeView {
  const { snapshots, now } = sources
  let made = new Map<Region, Made>()
  let last: FleetView | undefined

  function madeOf(region: Region, maxAge: number, at: number): Made {
    const revision = snapshots.revisionOf(region)
    const before = made.get(region)
    if (before && before.revision === revision && before.maxAge === maxAge && at <= before.until)
      return before
    const facts = factsOf(region, sources, maxAge)
    return { facts, revision, until: snapshots.judgedAlikeUntil(region, maxAge), maxAge }
  }

  async function inSlices(): Promise<FleetView> {
    const pause = createPauses()
    const maxAge = sources.maxAge()
    for (const [i, region] of sources.directory().regions.entries()) {
      // To look at the clock takes longer than a region that did not change.
      if (i % 16 === 0) await pause()
      const each = madeOf(region, maxAge, now())
      made.set(region, each)
      show(each, last?.baseline)
    }
    return take()
  }

  const take = (): FleetView => {
    const at = now()
    const maxAge = sources.maxAge()
    const { regions } = sources.directory()
    const next = new Map<Region, Made>()
    for (const region of regions) next.set(region, madeOf(region, maxAge, at))
    made = next
    const baseline = sameOr(
      last?.baseline,
      baselineOf(sources.baseline(), (name) => {
        const [only, ...others] = sources.directory().named(name)
        return only && others.length === 0 ? next.get(only)?.facts : undefined
      }),
    )
    const shown = [...next.values()].map((each) => show(each, baseline))
    const alike = last?.regions.length === shown.length && shown.every((each, i) => each === last?.regions[i])
    if (last === undefined || !alike || last.baseline !== baseline) {
      last = { number: (last?.number ?? 0) + 1, at, regions: shown, baseline }
    }
    return last
  }
  return Object.assign(take, { inSlices })
}

function show(made: Made, baseline: Baseline | undefined): RegionView {
  if (made.view === undefined || made.view.baseline !== baseline) {
    made.view = { shown: { ...made.facts, atBaseline: atBaseline(made.facts, baseline) }, baseline }
  }
  return made.view.shown
}

/** The one before where both say the same, so that what was made with it stays. */
function sameOr(before: Baseline | undefined, now: Baseline | undefined): Baseline | undefined {
  return JSON.stringify(before) === JSON.stringify(now) ? before : now
}
