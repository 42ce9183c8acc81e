import type { Part } from '../../fleet/region-status.ts'
import type { Scope } from '../../fleet/select.ts'
import type { Region } from '../../model/region.ts'
import { tallyOf, type Tally } from '../tally.ts'
import { metaOf, type Judged, type Meta } from './meta.ts'
import type { Shown } from './views.ts'

/** The regions that an answer is about, how each ended, and what there is to say of them all. */
export interface Chosen {
  readonly regions: readonly Judged[]
  readonly tally: Tally
  /** Without details. */
  readonly meta: Meta
}

export function judgeThese(shown: Shown, regions: readonly Region[], parts: readonly Part[]): Chosen {
  const judged: Judged[] = []
  for (const each of regions) {
    const region = shown.viewOf(each)
    if (region) judged.push({ region, status: shown.statusOf(region, parts) })
  }
  return sumUp(shown, judged)
}

const known = new WeakMap<Shown, WeakMap<Scope, Map<readonly Part[], Chosen>>>()

/** All that a caller may see: judged once for each view and scope, as most questions are about them. */
export function judgeAll(shown: Shown, scope: Scope, parts: readonly Part[]): Chosen {
  let ofShown = known.get(shown)
  if (ofShown === undefined) known.set(shown, (ofShown = new WeakMap()))
  let ofScope = ofShown.get(scope)
  if (ofScope === undefined) ofShown.set(scope, (ofScope = new Map()))
  let chosen = ofScope.get(parts)
  if (chosen === undefined) {
    const judged: Judged[] = []
    for (const region of shown.view.regions) {
      if (scope(region.region)) judged.push({ region, status: shown.statusOf(region, parts) })
    }
    ofScope.set(parts, (chosen = sumUp(shown, judged)))
  }
  return chosen
}

/** What there is to say of these regions, each judged already. */
export function sumUp(shown: Shown, regions: readonly Judged[]): Chosen {
  const ended = regions.map(({ status: { status, observedAt } }) => ({ status, observedAt }))
  const tally = tallyOf(ended, shown.at)
  return { regions, tally, meta: metaOf(shown, regions, tally) }
}

/** What is made of the same regions of the same view is made once, whoever asks. */
export function onceFor<T>(make: (regions: readonly Judged[]) => T): (regions: readonly Judged[]) => T {
  const made = new WeakMap<readonly Judged[], { readonly it: T }>()
  return (regions) => {
    let found = made.get(regions)
    if (found === undefined) made.set(regions, (found = { it: make(regions) }))
    return found.it
  }
}
