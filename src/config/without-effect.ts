import type { Config } from './schema.ts'

/** Keys that are accepted but have no effect yet, as a sentence each: nobody should rely on one unawares. */
export function withoutEffect(config: Config): readonly string[] {
  const set = (['baseline'] as const).filter((key) => config[key] !== undefined)
  return set.map((key) => `${key} has no effect yet`)
}
