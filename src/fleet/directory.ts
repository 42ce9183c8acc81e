import { byName, type Region } from '../model/region.ts'

/** Who exists now, in the order of every answer. Made anew whenever the list changes. */
export interface Directory {
  readonly regions: readonly Region[]
  /** By region name, else by subcloud name, which several regions may share. Empty: nobody is called so. */
  named(name: string): readonly Region[]
}

export function createDirectory(unordered: readonly Region[]): Directory {
  const regions = [...unordered].sort(byName)
  const byRegionName = new Map(regions.map((region) => [region.name, [region]]))
  const bySubcloud = Map.groupBy(regions, (region) => region.subcloud)
  return {
    regions,
    named: (name) => byRegionName.get(name) ?? bySubcloud.get(name) ?? [],
  }
}
