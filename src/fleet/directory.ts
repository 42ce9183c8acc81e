import { byName, type Region } from '../model/region.ts'

/** Who exists now, in the order of every answer. Made anew whenever the list changes. */
export interface Directory {
  readonly regions: readonly Region[]
  /** Of those that `sees` lets be seen: by region name, else by subcloud name, which several may share. */
  named(name: string, sees?: (region: Region) => boolean): readonly Region[]
}

export function createDirectory(unordered: readonly Region[]): Directory {
  const regions = [...unordered].sort(byName)
  const byRegionName = new Map(regions.map((region) => [region.name, [region]]))
  const bySubcloud = Map.groupBy(regions, (region) => region.subcloud)
  return {
    regions,
    named(name, sees = () => true) {
      const own = byRegionName.get(name)?.filter(sees) ?? []
      return own.length > 0 ? own : (bySubcloud.get(name)?.filter(sees) ?? [])
    },
  }
}
