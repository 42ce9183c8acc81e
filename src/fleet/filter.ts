import type { Release } from '../model/facts.ts'
import { parseVersion, versionCovers } from '../model/version.ts'

/** `show=` and `release=`, evaluated here: upstream's own filters ignore, mix up and match substrings. */
export interface ReleaseFilter {
  readonly show?: string
  readonly release?: string
}

/** Every state that some release of USM has, and the words that select all (upstream ignores `synced`). */
export const usmShow: ReadonlySet<string> = new Set([
  'all',
  'synced',
  'available',
  'unavailable',
  'deploying',
  'deployed',
  'removing',
  'committed',
  'uploading',
  'upload-failed',
  'deployed-partial',
  'deploy-selected',
  'remove-selected',
])

/** Patching filters on `repostate`; the states that only `patchstate` has are taken from there. */
export const patchingShow: ReadonlySet<string> = new Set([
  'all',
  'synced',
  'available',
  'applied',
  'committed',
  'partial-apply',
  'partial-remove',
  'n/a',
])

const repostates = new Set(['available', 'applied', 'committed'])

/** Both conditions must hold; undefined where there is none, so that nothing need be looked at. */
export function releaseFilter(filter: ReleaseFilter): ((release: Release) => boolean) | undefined {
  const show = filter.show === 'all' || filter.show === 'synced' ? undefined : filter.show
  const { release: wanted } = filter
  if (show === undefined && wanted === undefined) return undefined
  const version = wanted === undefined ? undefined : parseVersion(wanted)
  return (release) => hasState(release, show) && isRelease(release, wanted, version)
}

function hasState(release: Release, show: string | undefined): boolean {
  if (show === undefined) return true
  if (release.kind === 'release') return release.native_state === show
  const state = repostates.has(show) ? release.native_repostate : release.native_state
  return state?.toLowerCase() === show
}

function isRelease(
  release: Release,
  wanted: string | undefined,
  version: readonly number[] | undefined,
): boolean {
  if (wanted === undefined || release.id === wanted) return true
  const own = version && parseVersion(release.sw_version ?? '')
  return version !== undefined && own !== undefined && versionCovers(version, own)
}
