import type { Region } from '../model/region.ts'
import { createDirectory, type Directory } from './directory.ts'
import type { HostHistory } from './host-history.ts'
import type { Snapshots } from './snapshots.ts'

/** The directory as it is now, and what has to happen when it changes. */
export interface FollowedDirectory {
  readonly current: () => Directory
  /** Takes over another list: regions that left leave nothing behind. */
  readonly follow: (regions: readonly Region[]) => void
}

export function followDirectory(
  initial: readonly Region[],
  held: { readonly snapshots: Pick<Snapshots, 'forget'>; readonly hosts: Pick<HostHistory, 'forget'> },
): FollowedDirectory {
  let directory = createDirectory(initial)
  return {
    current: () => directory,
    follow(regions) {
      const before = directory.regions
      directory = createDirectory(regions)
      const present = new Set(regions.map(({ name }) => name))
      for (const { name } of before) {
        if (present.has(name)) continue
        held.snapshots.forget(name)
        held.hosts.forget(name)
      }
    },
  }
}
