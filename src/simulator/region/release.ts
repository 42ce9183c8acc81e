/** The releases of StarlingX that a region can run, and what each of them has. */
export const stxReleases = ['6', '7', '8', '9', '10', '11', '12', 'master'] as const
export type StxRelease = (typeof stxReleases)[number]

export interface ReleaseFacts {
  /** The product version, major.minor. */
  readonly version: string
  /** Which dialect its USM speaks; absent: it has none. */
  readonly usm?: 'verbs' | 'rest'
  /** Whether its Patching drives hosts, only still answers, or is gone. */
  readonly patching: 'works' | 'idle' | 'gone'
}

/** stx 6 has RPM patches; 7 to 10 ostree; 9 has the first USM; 12 dropped Patching. */
export const releaseFacts: Readonly<Record<StxRelease, ReleaseFacts>> = {
  '6': { version: '21.12', patching: 'works' },
  '7': { version: '22.06', patching: 'works' },
  '8': { version: '22.12', patching: 'works' },
  '9': { version: '23.09', usm: 'verbs', patching: 'works' },
  '10': { version: '24.09', usm: 'rest', patching: 'idle' },
  '11': { version: '25.09', usm: 'rest', patching: 'idle' },
  '12': { version: '26.03', usm: 'rest', patching: 'gone' },
  master: { version: '26.10', usm: 'rest', patching: 'gone' },
}

/** Accepts `10`, `stx10`, `stx10.0`, `stx.10.0` and `master`. */
export function parseStxRelease(text: string): StxRelease {
  const name = text.replace(/^stx[.-]?/, '').replace(/\.0$/, '')
  const found = stxReleases.find((release) => release === name)
  if (!found) throw new Error(`unknown release ${text}: one of ${stxReleases.join(', ')}`)
  return found
}

/** The number for comparisons; master is newer than all. */
export function generation(release: StxRelease): number {
  return release === 'master' ? 99 : Number(release)
}
