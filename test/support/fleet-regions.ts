import { createDirectory, type Directory } from '../../src/fleet/directory.ts'
import type { Region } from '../../src/model/region.ts'

export type RegionWishes = Partial<Omit<Region, 'name' | 'endpoints'>> & {
  readonly speaks?: readonly ('usm' | 'patching')[]
}

/** A region that has both services unless told otherwise, at an address where nothing listens. */
export function createRegion(name: string, wishes: RegionWishes = {}): Region {
  const { speaks = ['usm', 'patching'], ...own } = wishes
  return {
    name,
    subcloud: name,
    keystoneRegion: name,
    endpoints: Object.fromEntries(speaks.map((service) => [service, new URL(`http://${service}.invalid`)])),
    credentials: 'none',
    labels: {},
    ...own,
  }
}

export function directoryOf(...regions: readonly Region[]): Directory {
  return createDirectory(regions)
}
