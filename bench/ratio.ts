/** One thing measured against its peer: a ratio per interleaved round, their median and spread. */
export interface Ratio {
  readonly name: string
  readonly goal: string
  readonly met: boolean
  readonly median: number
  readonly min: number
  readonly max: number
  /** `×`, or what else the numbers count. */
  readonly unit: string
  /** What was measured, in words and numbers. */
  readonly detail: string
}

/** `atLeast`/`atMost` is the bound on the median. */
export function ratioOf(
  name: string,
  goal: { readonly atLeast: number } | { readonly atMost: number },
  ratios: readonly number[],
  detail: string,
  unit = '×',
): Ratio {
  const sorted = ratios.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
  const met = 'atLeast' in goal ? median >= goal.atLeast : median <= goal.atMost
  return {
    name,
    goal: 'atLeast' in goal ? `≥ ${goal.atLeast}${unit}` : `≤ ${goal.atMost}${unit}`,
    met,
    median,
    min: sorted[0] ?? NaN,
    max: sorted.at(-1) ?? NaN,
    unit,
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

/** Measures both in each round, now the one first and now the other, so that what disturbs the machine meets both. */
export async function interleaved<T>(
  rounds: number,
  measureOurs: () => Promise<T>,
  measurePeer: () => Promise<T>,
  from = 0,
): Promise<{ readonly ours: T; readonly peer: T }[]> {
  const measured: { readonly ours: T; readonly peer: T }[] = []
  for (let round = from; round < from + rounds; round++) {
    const first = round % 2 === 0 ? await measureOurs() : undefined
    const peer = await measurePeer()
    measured.push({ ours: first ?? (await measureOurs()), peer })
  }
  return measured
}
