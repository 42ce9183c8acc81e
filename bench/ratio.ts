/** One thing measured against its peer: a ratio per interleaved round, their median and spread. */
export interface Ratio {
  readonly name: string
  readonly goal: string
  readonly met: boolean
  readonly median: number
  readonly min: number
  readonly max: number
  /** What was measured, in words and numbers. */
  readonly detail: string
}

/** `atLeast`/`atMost` is the bound on the median. */
export function ratioOf(
  name: string,
  goal: { readonly atLeast: number } | { readonly atMost: number },
  ratios: readonly number[],
  detail: string,
): Ratio {
  const sorted = ratios.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
  const met = 'atLeast' in goal ? median >= goal.atLeast : median <= goal.atMost
  return {
    name,
    goal: 'atLeast' in goal ? `≥ ${goal.atLeast}×` : `≤ ${goal.atMost}×`,
    met,
    median,
    min: sorted[0] ?? NaN,
    max: sorted.at(-1) ?? NaN,
    detail,
  }
}

export function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
}

/** ms that `work` takes. */
export function timed(work: () => unknown): number {
  const before = performance.now()
  work()
  return performance.now() - before
}
