import type { Config } from './schema.ts'

/** Keys that are accepted but have no effect yet, as a sentence each: nobody should rely on one unawares. */
export function withoutEffect(config: Config): readonly string[] {
  const set = [
    ...(['baseline', 'audit', 'state_dir'] as const).filter((key) => config[key] !== undefined),
    ...(config.regions.some((it) => it.usm_release_writes) ? ['regions[].usm_release_writes'] : []),
  ]
  return set.map((key) => `${key} has no effect yet`)
}
