import type { Failure, Outcome } from '../model/outcome.ts'
import type { Readings, Resource, Want } from '../model/reading.ts'
import type { Region } from '../model/region.ts'
import type { Snapshots } from './snapshots.ts'

export interface GatherOptions {
  /** ms */
  readonly maxAge: number
  /** ms from now: ends the waiting, not the asking. */
  readonly deadline: number
  readonly sole: boolean
  /** ms since the epoch. */
  readonly now: () => number
}

/** One outcome for each region, in the same order. Resolves by the deadline; never rejects. */
export async function gather<R extends Resource>(
  snapshots: Snapshots,
  regions: readonly Region[],
  want: Want<R>,
  { maxAge, deadline, sole, now }: GatherOptions,
): Promise<Outcome<Readings[R]>[]> {
  const startedAt = now()
  const outcomes: (Outcome<Readings[R]> | undefined)[] = []
  const pending: Promise<void>[] = []
  for (const [i, region] of regions.entries()) {
    const outcome = snapshots.read(region, want, { maxAge, sole })
    if (!(outcome instanceof Promise)) outcomes[i] = outcome
    else {
      pending.push(
        outcome.then((late) => {
          outcomes[i] = late
        }),
      )
    }
  }
  // To ask a thousand regions takes a while, which is part of the caller's time.
  if (pending.length > 0) await untilDeadline(Promise.all(pending), deadline - (now() - startedAt))
  return regions.map(
    (region, i) => outcomes[i] ?? snapshots.late(region, want, overdue(region, deadline, now())),
  )
}

function overdue(region: Region, deadline: number, at: number): Failure {
  return {
    kind: 'timeout',
    message: `${region.subcloud}: no answer within the deadline of ${deadline / 1000} s`,
    at,
  }
}

function untilDeadline(work: Promise<unknown>, deadline: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, deadline)
    work.then(
      () => {
        clearTimeout(timer)
        resolve()
      },
      () => resolve(),
    )
  })
}
