import type { Host } from '../model/facts.ts'
import type { Want } from '../model/reading.ts'
import type { Region } from '../model/region.ts'
import type { Ask } from './ask.ts'
import type { BaselineConfig } from './baseline.ts'
import { createDiary, type Diary } from './diary.ts'
import { followDirectory, type FollowedDirectory } from './follow.ts'
import { createHostHistory, type HostHistory } from './host-history.ts'
import { createSnapshots, type SnapshotOptions, type Snapshots } from './snapshots.ts'
import { createView, type TakeView } from './view.ts'

/** All that is remembered of a fleet, and ways to look at it. */
export interface Fleet {
  readonly snapshots: Snapshots
  readonly hosts: HostHistory
  readonly diary: Diary
  readonly directory: FollowedDirectory
  readonly view: TakeView
}

export interface FleetOptions {
  readonly regions: readonly Region[]
  readonly ask: Ask
  readonly baseline: () => BaselineConfig | undefined
  /** ms: what is older counts as unknown. */
  readonly maxAge: () => number
  /** ms since the epoch. */
  readonly now: () => number
  readonly random: () => number
  readonly keep?: KeepAnswers
}

/** Told of what is to outlive the gateway. */
export interface KeepAnswers {
  readonly onReading: NonNullable<SnapshotOptions['onReading']>
  /** The region has no such answer any more. */
  readonly onUnsupported: (region: Region, want: Want) => void
}

export function createFleet({ regions, ask, baseline, maxAge, now, random, keep }: FleetOptions): Fleet {
  const hosts = createHostHistory()
  const diary = createDiary()
  const snapshots = createSnapshots({
    ask,
    now,
    random,
    onReading(region, want, reading, observedAt) {
      if (want.resource === 'query_hosts' && 'items' in reading) {
        hosts.observe(region.name, reading.items as readonly Host[], observedAt)
      }
      keep?.onReading(region, want, reading, observedAt)
    },
    onAsked(region, want, asked, took) {
      diary.note(region, want, asked, took, now())
      if (asked.status === 'unsupported') keep?.onUnsupported(region, want)
    },
  })
  const directory = followDirectory(regions, { snapshots, hosts, diary })
  const view = createView({ directory: directory.current, snapshots, hosts, baseline, maxAge, now })
  return { snapshots, hosts, diary, directory, view }
}
