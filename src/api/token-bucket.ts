/** So many at once, and so many per second after that. */
export interface BucketSettings {
  readonly perSecond: number
  readonly burst: number
}

export interface Bucket {
  /** Takes one: 0, or the ms until there is one again. */
  take(): number
}

/** `monotonic` in ms, never going back. */
export function createBucket({ perSecond, burst }: BucketSettings, monotonic: () => number): Bucket {
  let level = burst
  let at = monotonic()
  return {
    take() {
      const now = monotonic()
      level = Math.min(burst, level + ((now - at) / 1000) * perSecond)
      at = now
      if (level < 1) return Math.max(1, ((1 - level) / perSecond) * 1000)
      level -= 1
      return 0
    },
  }
}
