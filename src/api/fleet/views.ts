import { randomBytes } from 'node:crypto'
import { createDirectory, type Directory } from '../../fleet/directory.ts'
import { statusOf, type Part, type RegionStatus } from '../../fleet/region-status.ts'
import type { FleetView, RegionView } from '../../fleet/view.ts'
import type { Region } from '../../model/region.ts'

/** The fleet as one answer and its further pages show it. */
export interface Shown {
  /** Its name in answers and page tokens. */
  readonly snapshot: string
  /** ms since the epoch: ages are told as of then. */
  readonly at: number
  readonly view: Pick<FleetView, 'regions' | 'baseline'>
  /** Who existed, to select from. */
  readonly directory: () => Directory
  readonly viewOf: (region: Region) => RegionView | undefined
  /** How a region ended, judged by what was asked for. */
  readonly statusOf: (region: RegionView, parts: readonly Part[]) => RegionStatus
}

/** Views that answers are made from, and those that page tokens are bound to. */
export interface Views {
  /** The fleet as it was less than a second ago. */
  current(): Shown
  /** A view that was made for one caller. */
  own(view: Shown['view'], judged: ReadonlyMap<RegionView, RegionStatus>, parts: readonly Part[]): Shown
  /** Keeps a view for further pages. `owner`: whom it was made for; the current one is everybody's. */
  keep(shown: Shown, owner?: string): void
  /** Undefined where it is kept no more. */
  kept(snapshot: string): Shown | undefined
}

/** ms: so long one view serves all who ask. What is made of it once serves them all, too. */
const sharedFor = 1_000
/** ms: so long a page token holds. */
const keptFor = 2 * 60_000
/** Of kept views: everybody's are at most one per second; those made for one caller could be any number. */
const mostOfOne = 16
const mostOfAll = 512

export function createViews(view: () => FleetView, now: () => number): Views {
  const process = randomBytes(6).toString('base64url')
  let count = 0
  let last: Shown | undefined
  const kept = new Map<string, { readonly shown: Shown; readonly owner: string | undefined }>()

  function show(of: Shown['view'], judge: Shown['statusOf']): Shown {
    return { snapshot: `${process}.${++count}`, at: now(), view: of, statusOf: judge, ...lookups(of) }
  }
  function drop(): void {
    for (const [snapshot, { shown }] of kept) {
      if (kept.size <= mostOfAll && now() - shown.at <= keptFor) return
      kept.delete(snapshot)
    }
  }

  return {
    current() {
      const at = now()
      if (last === undefined || at - last.at >= sharedFor || at < last.at)
        last = show(view(), judgedByDefault)
      return last
    },
    own: (of, judged, parts) =>
      show(of, (region, asked) => {
        const own = asked === parts ? judged.get(region) : undefined
        return own ?? judgedByDefault(region, asked)
      }),
    keep(shown, owner) {
      if (kept.has(shown.snapshot)) return
      kept.set(shown.snapshot, { shown, owner })
      const own = owner === undefined ? [] : [...kept].filter(([, each]) => each.owner === owner)
      for (const [snapshot] of own.slice(0, Math.max(0, own.length - mostOfOne))) kept.delete(snapshot)
      drop()
    },
    kept(snapshot) {
      drop()
      const shown = kept.get(snapshot)?.shown
      return shown && now() - shown.at <= keptFor ? shown : undefined
    },
  }
}

const judged = new WeakMap<RegionView, Map<readonly Part[], RegionStatus>>()

/** A region's facts never change, so neither does what they amount to. */
function judgedByDefault(region: RegionView, parts: readonly Part[]): RegionStatus {
  let known = judged.get(region)
  if (known === undefined) judged.set(region, (known = new Map<readonly Part[], RegionStatus>()))
  let status = known.get(parts)
  if (status === undefined) known.set(parts, (status = statusOf(region, region.outcomes, parts)))
  return status
}

/** Made when first wanted: most answers are about all regions. */
function lookups({ regions }: Shown['view']): Pick<Shown, 'directory' | 'viewOf'> {
  let directory: Directory | undefined
  let views: ReadonlyMap<Region, RegionView> | undefined
  return {
    directory: () => (directory ??= createDirectory(regions.map(({ region }) => region))),
    viewOf: (region) => (views ??= new Map(regions.map((each) => [each.region, each]))).get(region),
  }
}
