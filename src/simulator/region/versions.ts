import type { RegionState, SimRelease } from './state.ts'

/** MM.mm of MM.mm.pp. */
export function majorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** Below, at or above zero as `a` is older than, the same as or newer than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The newest release that is deployed. */
export function runningRelease(state: RegionState): SimRelease | undefined {
  return state.releases
    .filter((release) => release.state === 'deployed')
    .reduce<SimRelease | undefined>(
      (newest, release) =>
        newest && compareVersions(newest.swVersion, release.swVersion) >= 0 ? newest : release,
      undefined,
    )
}

export function releaseById(state: RegionState, id: string): SimRelease | undefined {
  return state.releases.find((release) => release.id === id)
}

/** A list as Python prints it. */
export function pythonList(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(', ')}]`
}
