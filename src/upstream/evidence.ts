import { compareVersions, newestOf, parseVersion } from '../model/version.ts'
import { field, isObject } from './json.ts'

/** What a region's answers tell of the release that it runs. */

/** `GET /v1` of a USM; only stx 9 has no `release` link (recordings usm/stx9.0/v1, usm/stx10.0/v1). */
export function usmOfVersionDocument(value: unknown): 'usm-stx9' | 'usm-stx10' | undefined {
  if (!isObject(value) || field(value, 'id') !== 'v1') return undefined
  return field(value, 'release') === undefined ? 'usm-stx9' : 'usm-stx10'
}

/** Master's records have `metapackages`, those since stx 11 `preinstalled_patches`. An empty list tells nothing. */
export function usmOfReleases(value: unknown): 'usm-stx10' | 'usm-stx11' | 'usm-master' | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const some = (key: string): boolean => value.some((record) => isObject(record) && key in record)
  if (some('metapackages')) return 'usm-master'
  return some('preinstalled_patches') ? 'usm-stx11' : 'usm-stx10'
}

const stx7 = [22, 6]

/** RPM until stx 6, ostree since 7: told by keys that only one era's hosts have. */
export function patchingOfHosts(value: unknown): 'patching-rpm' | 'patching-ostree' | undefined {
  const hosts = isObject(value) ? field(value, 'data') : undefined
  if (!Array.isArray(hosts)) return undefined
  if (hosts.some((host) => isObject(host) && 'latest_sysroot_commit' in host)) return 'patching-ostree'
  if (hosts.some((host) => isObject(host) && 'installed' in host)) return 'patching-rpm'
  return undefined
}

/** The same, told by the version served. */
export function patchingOfVersion(version: readonly number[]): 'patching-rpm' | 'patching-ostree' {
  return compareVersions(version, stx7) >= 0 ? 'patching-ostree' : 'patching-rpm'
}

/** The newest version that some item carries: of hosts and patches, the one that the region runs. */
export function newestVersion(
  items: readonly { readonly sw_version: string | null }[],
): readonly number[] | undefined {
  const newest = newestOf(items.map(({ sw_version }) => sw_version))
  return newest === undefined ? undefined : parseVersion(newest)
}

/** What each USM dialect was told by; `link`: by `GET /v1` alone, which can't tell stx 10 from later ones. */
export const usmTold = {
  'usm-stx9': 'GET /v1 has no link "release"',
  link: 'GET /v1 has a link "release"; which release since stx 10 it is, the list of releases tells',
  'usm-stx10': 'the list of releases has neither "preinstalled_patches" nor "metapackages"',
  'usm-stx11': 'the list of releases has "preinstalled_patches"',
  'usm-master': 'the list of releases has "metapackages"',
} as const

/** What each Patching dialect was told by, where hosts told it. */
export const patchingTold = {
  'patching-rpm': 'GET /v1/query_hosts has hosts with "installed"',
  'patching-ostree': 'GET /v1/query_hosts has hosts with "latest_sysroot_commit"',
} as const
