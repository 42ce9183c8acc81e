import type { Failure } from '../model/outcome.ts'

/** When something that failed may be asked again. */
export interface Backoff {
  readonly failures: number
  /** ms since the epoch. */
  readonly until: number
  readonly cause: Failure
  /**
   * The refresher is finding out whether the region is back. Callers are told the cause meanwhile: a dark region
   * must not make each fleet read wait for its limits.
   */
  readonly probing?: boolean
  /**
   * The daemon has crashed and comes back by itself. Until then no call is handed on to it (`pauseOf`); a merged read
   * that names the region alone still asks.
   */
  readonly restarting?: boolean
}

/** `grace` (ms) prolongs it: the refresher comes first, and callers ask only where it does not come. */
export function isActive(backoff: Backoff | undefined, now: number, grace = 0): backoff is Backoff {
  return backoff !== undefined && (backoff.probing === true || now < backoff.until + grace)
}

const first = 5_000
const longest = 5 * 60_000

/**
 * 5 s doubling to 5 min, at least `atLeast` ms, each shortened by up to a fifth at random, so that regions that
 * failed together don't come back together. `random` gives 0 ≤ x < 1.
 */
export function nextBackoff(
  previous: Backoff | undefined,
  cause: Failure,
  random: () => number,
  atLeast = 0,
): Backoff {
  const failures = (previous?.failures ?? 0) + 1
  const wait = Math.min(longest, first * 2 ** Math.min(failures - 1, 10)) * (1 - 0.2 * random())
  const until = cause.at + Math.max(atLeast, wait)
  return { failures, until, cause, ...(atLeast > 0 && { restarting: true }) }
}
