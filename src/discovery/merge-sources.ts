import type { Region } from '../model/region.ts'

/** One source's regions; sources stand in the order of precedence. */
export interface SourceRegions {
  readonly source: string
  readonly regions: readonly Region[]
}

export interface MergedSources {
  readonly regions: readonly Region[]
  /** Where sources say different things of one region, as sentences. */
  readonly conflicts: readonly string[]
}

/** One region for each name: what the first source says holds, what it leaves open the next one fills in. */
export function mergeSources(sources: readonly SourceRegions[]): MergedSources {
  const merged = new Map<string, { region: Region; readonly source: string }>()
  const conflicts: string[] = []
  for (const { source, regions } of sources) {
    for (const region of regions) {
      const known = merged.get(region.name)
      if (known === undefined) {
        merged.set(region.name, { region, source })
        continue
      }
      for (const service of ['usm', 'patching', 'keystone'] as const) {
        const [ours, theirs] = [known.region.endpoints[service], region.endpoints[service]]
        if (ours === undefined || theirs === undefined || ours.href === theirs.href) continue
        conflicts.push(
          `${region.name}: ${service} is ${ours.href} by ${known.source}, and not ${theirs.href} by ${source}`,
        )
      }
      known.region = filledIn(known.region, region)
    }
  }
  return { regions: [...merged.values()].map(({ region }) => region), conflicts }
}

function filledIn(first: Region, second: Region): Region {
  const patching = [first, second].filter(({ endpoints }) => endpoints.patching !== undefined)
  return {
    ...second,
    ...first,
    // A name that only repeats the region's tells less than one that was given.
    subcloud: first.subcloud === first.name ? second.subcloud : first.subcloud,
    endpoints: { ...second.endpoints, ...first.endpoints },
    // A guess as long as no source gives an address, even if it is another one.
    patchingGuessed: patching.length > 0 && patching.every((each) => each.patchingGuessed) ? true : undefined,
    labels: { ...second.labels, ...first.labels },
    credentials: first.credentials === 'none' ? second.credentials : first.credentials,
    // A system controller may hold a copy of a subcloud that another one manages: that one knows.
    unmanaged: both(first.unmanaged, second.unmanaged),
    offline: both(first.offline, second.offline),
  }
}

function both(first: boolean | undefined, second: boolean | undefined): boolean | undefined {
  return first === undefined || second === undefined ? (first ?? second) : first && second
}
