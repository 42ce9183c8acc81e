import { reachedAlike, type Region } from '../model/region.ts'
import type { Diary } from './diary.ts'
import { createDirectory, type Directory } from './directory.ts'
import type { HostHistory } from './host-history.ts'
import type { Snapshots } from './snapshots.ts'

/** The directory as it is now, and what has to happen when it changes. */
export interface FollowedDirectory {
  readonly current: () => Directory
  /** Takes over another list: regions that left leave nothing behind; what is held of ones that moved does not count as fresh. */
  readonly follow: (regions: readonly Region[]) => void
}

export function followDirectory(
  initial: readonly Region[],
  held: {
    readonly snapshots: Pick<Snapshots, 'forget' | 'forgive' | 'outdate'>
    readonly hosts: Pick<HostHistory, 'forget'>
    readonly diary: Pick<Diary, 'forget'>
  },
): FollowedDirectory {
  let directory = createDirectory(initial)
  return {
    current: () => directory,
    follow(regions) {
      const before = directory.regions
      directory = createDirectory(regions)
      const present = new Map(regions.map((region) => [region.name, region]))
      for (const region of before) {
        const now = present.get(region.name)
        if (now === undefined) {
          held.snapshots.forget(region.name)
          held.hosts.forget(region.name)
          held.diary.forget(region.name)
        } else if (!reachedAlike(region, now)) {
          // It failed at another address, and what answered there may not have been this region.
          held.snapshots.forgive(now)
          held.snapshots.outdate(now, 'usm')
          held.snapshots.outdate(now, 'patching')
        }
      }
    },
  }
}
