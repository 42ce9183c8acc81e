import {
  appliedPatches,
  compare,
  deployedIds,
  deployedRelease,
  majorMinor,
  patchingVersion,
  type Baseline,
} from './baseline.ts'
import type { RegionFacts } from './region-facts.ts'

/** How a region compares with the baseline; `differs`: neither is newer, but each or one lacks something. */
export const driftStatuses = ['in_sync', 'behind', 'ahead', 'differs', 'unknown'] as const
export type DriftStatus = (typeof driftStatuses)[number]

export interface Drift {
  readonly status: DriftStatus
  /** What was compared: the highest deployed release, or Patching's version. */
  readonly version: string | undefined
  /** Releases or patches of the baseline that the region lacks. */
  readonly missing: readonly string[]
  /** Those that the region has and the baseline lacks. */
  readonly extra: readonly string[]
  /** Why it is unknown. */
  readonly reason?: string
}

/** Compared by numbers, never as text: 24.09.10 is newer than 24.09.9. What is not known and fresh is `unknown`. */
export function driftOf(facts: RegionFacts, baseline: Baseline | undefined): Drift {
  if (baseline === undefined) return unknown('there is no baseline, or it is not known now')
  return facts.outcomes.release?.status === 'unsupported'
    ? ofPatching(facts, baseline)
    : ofUsm(facts, baseline)
}

function ofUsm(facts: RegionFacts, baseline: Baseline): Drift {
  const { release: outcome } = facts.outcomes
  const here = deployedIds(facts)
  if (here === undefined) return unknown(`its releases are ${outcome?.status ?? 'not known yet'}`)
  const version = deployedRelease(facts)
  if (version === undefined) return unknown('it has no release deployed')
  const { release, releases = [], declared } = baseline
  if (release === undefined) return byVersion(majorMinor(version), baseline, 'the baseline is one of patches')
  const missing = without(releases, here)
  const difference = compare(version, release)
  // A list names what there should be at least: what is older came before it.
  const extra = declared && difference <= 0 ? [] : without(here, releases)
  if (difference !== 0) return { status: difference < 0 ? 'behind' : 'ahead', version, missing, extra }
  return { status: missing.length + extra.length === 0 ? 'in_sync' : 'differs', version, missing, extra }
}

function ofPatching(facts: RegionFacts, baseline: Baseline): Drift {
  const here = appliedPatches(facts)
  if (here === undefined) return unknown(`its patches are ${facts.outcomes.query?.status ?? 'not known yet'}`)
  const version = patchingVersion(facts)
  if (version === undefined)
    return unknown('its hosts do not tell, or not all of them, which version they run')
  const sameVersion = baseline.swVersion === undefined || compare(version, baseline.swVersion) === 0
  if (!sameVersion || baseline.patches === undefined) {
    return byVersion(version, baseline, 'the baseline is one of releases')
  }
  const missing = without(baseline.patches, here)
  const extra = without(here, baseline.patches)
  const status =
    missing.length > 0 ? (extra.length > 0 ? 'differs' : 'behind') : extra.length > 0 ? 'ahead' : 'in_sync'
  return { status, version, missing, extra }
}

/** Of the other API only major and minor version can be compared: equal ones say nothing. */
function byVersion(version: string, { swVersion }: Baseline, otherwise: string): Drift {
  const difference = swVersion === undefined ? 0 : compare(version, swVersion)
  if (difference === 0) return unknown(otherwise)
  return { status: difference < 0 ? 'behind' : 'ahead', version, missing: [], extra: [] }
}

function without(ids: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others)
  return ids.filter((id) => !known.has(id))
}

function unknown(reason: string): Drift {
  return { status: 'unknown', version: undefined, missing: [], extra: [], reason }
}
