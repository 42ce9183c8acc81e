/** A clock that stands still until a test moves it. */
export interface Clock {
  readonly now: () => number
  pass(ms: number): void
}

export const startOfTests = Date.UTC(2026, 0, 15, 6, 0, 0)

export function createClock(startedAt = startOfTests): Clock {
  let at = startedAt
  return {
    now: () => at,
    pass(ms) {
      at += ms
    },
  }
}
