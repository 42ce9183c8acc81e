import { releaseStates, type Release, type ReleaseState } from '../model/facts.ts'
import type { Outcomes, RegionFacts } from './region-facts.ts'

/** A release, or a patch, over the fleet. */
export interface FleetRelease {
  readonly id: string
  readonly kind: Release['kind']
  readonly swVersions: ReadonlySet<string>
  readonly regions: number
  readonly states: { readonly [S in ReleaseState]: number }
  /** Regions whose word on it is from a last good answer. */
  readonly stale: number
}

/** What one region says of its releases, as far as it counts here: most regions say what many others say. */
interface Saying {
  readonly releases: readonly Pick<Release, 'id' | 'kind' | 'state' | 'sw_version'>[]
}

/** Characters. What is longer is no healthy region's; and a fleet in which each says its own must not fill our memory. */
const longestSaying = 64 * 1024
const mostSaid = 16 * 1024 * 1024
let said = 0
const sayings = new Map<string, Saying>()
const saidBy = new WeakMap<readonly Release[], Saying>()

/** The releases and patches that these regions know, by id, releases before patches. */
export function knownReleases(fleet: readonly RegionFacts[]): readonly FleetRelease[] {
  const counts = new Map<Saying, { regions: number; stale: number }>()
  const take = (outcome: Outcomes['release']): void => {
    if (outcome === undefined || !('reading' in outcome) || outcome.reading.items.length === 0) return
    const saying = sayingOf(outcome.reading.items)
    let counted = counts.get(saying)
    if (counted === undefined) counts.set(saying, (counted = { regions: 0, stale: 0 }))
    counted.regions++
    if (outcome.status === 'stale') counted.stale++
  }
  for (const { outcomes } of fleet) {
    take(outcomes.release)
    take(outcomes.query)
  }
  const found = new Map<string, Counted>()
  for (const [{ releases }, { regions, stale }] of counts) {
    for (const release of releases) count(found, release, regions, stale)
  }
  return [...found.values()].sort(byIdAndKind)
}

interface Counted extends FleetRelease {
  readonly swVersions: Set<string>
  regions: number
  readonly states: { [S in ReleaseState]: number }
  stale: number
}

function count(
  found: Map<string, Counted>,
  { id, kind, state, sw_version }: Saying['releases'][number],
  regions: number,
  stale: number,
): void {
  const key = `${kind}\n${id}`
  let counted = found.get(key)
  if (counted === undefined) {
    const states = Object.fromEntries(releaseStates.map((each) => [each, 0])) as Counted['states']
    counted = { id, kind, swVersions: new Set(), regions: 0, states, stale: 0 }
    found.set(key, counted)
  }
  counted.regions += regions
  counted.states[state] += regions
  counted.stale += stale
  if (sw_version !== null) counted.swVersions.add(sw_version)
}

function sayingOf(items: readonly Release[]): Saying {
  let saying = saidBy.get(items)
  if (saying !== undefined) return saying
  const releases = items.map(({ id, kind, state, sw_version }) => ({ id, kind, state, sw_version }))
  const text = JSON.stringify(releases)
  saying = sayings.get(text)
  if (saying === undefined) {
    saying = { releases }
    if (text.length <= longestSaying) remember(text, saying)
  }
  saidBy.set(items, saying)
  return saying
}

function remember(text: string, saying: Saying): void {
  if (said + text.length > mostSaid) {
    sayings.clear()
    said = 0
  }
  said += text.length
  sayings.set(text, saying)
}

function byIdAndKind(a: FleetRelease, b: FleetRelease): number {
  if (a.id !== b.id) return a.id < b.id ? -1 : 1
  return Number(a.kind === 'patch') - Number(b.kind === 'patch')
}
