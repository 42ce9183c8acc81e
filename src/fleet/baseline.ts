import type { RegionFacts } from './region-facts.ts'
import type { Release } from '../model/facts.ts'
import { compareVersions, newestOf, parseVersion } from '../model/version.ts'

/** What every region should run at least: what another region has, or a list of releases and patches. */
export type BaselineConfig = { readonly region_name: string } | { readonly release_ids: readonly string[] }

/** A baseline as it is now. Which of its parts counts depends on the API that a region speaks. */
export interface Baseline {
  /** The highest release that is deployed there, dotted; undefined where it is none of USM's. */
  readonly release: string | undefined
  /** What Patching calls `sw_version` (major.minor), for regions of the older API. */
  readonly swVersion: string | undefined
  /** Patches that are Applied or Committed there; undefined where the baseline says nothing of patches. */
  readonly patches: readonly string[] | undefined
  /** Releases that USM has deployed there; undefined where it says nothing of releases. */
  readonly releases: readonly string[] | undefined
  /** It is a list of what there should be at least, not all that another region has. */
  readonly declared: boolean
}

/** The baseline as it is now; undefined without one, or while its region's state is not known. */
export function baselineOf(
  config: BaselineConfig | undefined,
  regionNamed: (name: string) => RegionFacts | undefined,
): Baseline | undefined {
  if (config === undefined) return undefined
  if ('release_ids' in config) return declared(config.release_ids)
  const facts = regionNamed(config.region_name)
  if (facts === undefined) return undefined
  const release = deployedRelease(facts)
  if (release !== undefined) {
    const releases = deployedIds(facts)
    if (!isShort(releases)) return undefined
    return { release, swVersion: majorMinor(release), patches: undefined, releases, declared: false }
  }
  const patches = appliedPatches(facts)
  const swVersion = patchingVersion(facts)
  return patches && swVersion !== undefined && isShort(patches)
    ? { release: undefined, swVersion, patches, releases: undefined, declared: false }
    : undefined
}

/** Characters: each region is told what it lacks of it, so an answer is as many times as long. Real ones have 1,000. */
const longest = 16 * 1024

function isShort(ids: readonly string[] = []): boolean {
  return ids.reduce((length, id) => length + id.length, 0) <= longest
}

/** An id that ends in a version is a release of USM, any other a patch. */
function declared(ids: readonly string[]): Baseline {
  const versions = ids.map((id) => /(?:^|-)(\d+(?:\.\d+)+)$/.exec(id)?.[1])
  const release = newestOf(versions.map((version) => version ?? null))
  const patches = ids.filter((_, i) => versions[i] === undefined)
  return {
    release,
    swVersion: release && majorMinor(release),
    patches: patches.length > 0 ? patches : undefined,
    releases: release === undefined ? undefined : ids.filter((_, i) => versions[i] !== undefined),
    declared: true,
  }
}

/** Whether a region is not behind; null where that is not known (product: "at_baseline"). */
export function atBaseline(facts: RegionFacts, baseline: Baseline | undefined): boolean | null {
  if (baseline === undefined) return null
  const { release } = facts.outcomes
  if (release?.status !== 'unsupported') {
    const deployed = deployedRelease(facts)
    if (deployed === undefined) return null
    if (baseline.release !== undefined) return compare(deployed, baseline.release) >= 0
    const difference =
      baseline.swVersion === undefined ? 0 : compare(majorMinor(deployed), baseline.swVersion)
    return difference === 0 ? null : difference > 0
  }
  const applied = appliedPatches(facts)
  const swVersion = patchingVersion(facts)
  if (applied === undefined || swVersion === undefined) return null
  if (baseline.swVersion !== undefined) {
    const difference = compare(swVersion, baseline.swVersion)
    if (difference !== 0) return difference > 0
  }
  if (baseline.patches === undefined) return null
  const here = new Set(applied)
  return baseline.patches.every((id) => here.has(id))
}

/** Releases that are deployed or committed; undefined unless that is known and fresh. */
export function deployedIds({ outcomes: { release } }: RegionFacts): readonly string[] | undefined {
  return release?.status === 'fresh' ? release.reading.items.filter(isIn).map(({ id }) => id) : undefined
}

/** The highest release that USM has deployed; undefined unless that is known and fresh. */
export function deployedRelease({ outcomes: { release } }: RegionFacts): string | undefined {
  if (release?.status !== 'fresh') return undefined
  return newestOf(release.reading.items.filter(isIn).map(({ sw_version }) => sw_version))
}

/** Patches that are Applied or Committed; undefined unless that is known and fresh. */
export function appliedPatches({ outcomes: { query } }: RegionFacts): readonly string[] | undefined {
  if (query?.status !== 'fresh') return undefined
  return query.reading.items.filter(isIn).map(({ id }) => id)
}

function isIn({ state }: Release): boolean {
  return state === 'deployed' || state === 'committed'
}

/** The oldest that a host runs: a region is not newer than its last host. Undefined unless known and fresh. */
export function patchingVersion({ outcomes: { query_hosts } }: RegionFacts): string | undefined {
  if (query_hosts?.status !== 'fresh') return undefined
  const versions = query_hosts.reading.items.map(({ sw_version }) => sw_version)
  const known = versions.filter((version): version is string => parseVersion(version ?? '') !== undefined)
  return known.length === 0 || known.length < versions.length
    ? undefined
    : known.map(majorMinor).reduce(older)
}

function older(a: string, b: string): string {
  return compare(a, b) <= 0 ? a : b
}

/** Below 0 where `a` is older. Both are versions: what is none was left out before. */
export function compare(a: string, b: string): number {
  return compareVersions(parseVersion(a) ?? [], parseVersion(b) ?? [])
}

/** 24.09 of 24.09.3. */
export function majorMinor(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}
