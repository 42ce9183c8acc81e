import type { Config } from './schema.ts'

/** What of another configuration can't be taken over while the gateway runs, and whether the way out or in changed. */
export function changes(
  before: Config,
  after: Config,
): { readonly atNextStart: readonly string[]; readonly outside: boolean; readonly callers: boolean } {
  const differs = (of: (config: Config) => unknown): boolean =>
    JSON.stringify(of(before)) !== JSON.stringify(of(after))
  const fixed = (['listen', 'admin', 'upload', 'audit', 'state_dir'] as const).filter((key) =>
    differs((config) => config[key]),
  )
  const ofRegions = (config: Config): unknown =>
    config.regions.flatMap(({ region_name, listen, sw_patch_listen }) =>
      listen || sw_patch_listen ? [[region_name, listen, sw_patch_listen]] : [],
    )
  return {
    atNextStart: [...fixed, ...(differs(ofRegions) ? ['regions[].listen'] : [])],
    outside: differs(({ upstream, credentials }) => [upstream, credentials]),
    callers: differs(({ auth }) => auth),
  }
}
