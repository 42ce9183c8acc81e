import type { FailureKind } from '../model/outcome.ts'
import type { Resource, Want } from '../model/reading.ts'
import type { Region } from '../model/region.ts'
import type { AskedOf } from './ask.ts'

/** What asking a region came to lately: kept when it answers again, and for a while, so that a bad night can be read. */
export interface Diary {
  /** Takes the end of one ask. `took` in ms, `at` in ms since the epoch. */
  note(region: Region, want: Want, asked: AskedOf<Resource>, took: number, at: number): void
  of(regionName: string): RegionDiary
  forget(regionName: string): void
}

export interface RegionDiary {
  /** The last ones, the newest first; the same again is one run, whatever came in between. */
  readonly failures: readonly FailureRun[]
  /** The last ask of each resource. */
  readonly asks: ReadonlyMap<Resource, LastAsk>
}

/** A failure, as often as it came while it was among the last ones. */
export interface FailureRun {
  readonly resource: Resource
  readonly kind: FailureKind
  readonly message: string
  /** ms since the epoch */
  readonly firstAt: number
  readonly lastAt: number
  readonly times: number
}

export interface LastAsk {
  readonly outcome: AskedOf<Resource>['status']
  /** ms */
  readonly took: number
  /** When it ended, ms since the epoch. */
  readonly at: number
}

/** Of different failures per region: a day of trouble, and no more than a few KB. */
const mostRuns = 20

interface Kept {
  readonly failures: FailureRun[]
  readonly asks: Map<Resource, LastAsk>
}

export function createDiary(): Diary {
  const regions = new Map<string, Kept>()

  return {
    note({ name }, { resource }, asked, took, at) {
      const kept = regions.get(name) ?? { failures: [], asks: new Map<Resource, LastAsk>() }
      regions.set(name, kept)
      kept.asks.set(resource, { outcome: asked.status, took, at })
      if (asked.status !== 'failed') return
      const { kind, message } = asked
      const same = kept.failures.findIndex(
        (run) => run.resource === resource && run.kind === kind && run.message === message,
      )
      // A region that is dark fails in turn for each of its resources: one run each.
      const [before] = same === -1 ? [] : kept.failures.splice(same, 1)
      const { firstAt = at, times = 0 } = before ?? {}
      kept.failures.unshift({ resource, kind, message, firstAt, lastAt: at, times: times + 1 })
      kept.failures.splice(mostRuns)
    },
    of: (regionName) => regions.get(regionName) ?? { failures: [], asks: new Map() },
    forget: (regionName) => void regions.delete(regionName),
  }
}
