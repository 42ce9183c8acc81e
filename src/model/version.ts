/**
 * Numeric order of StarlingX versions ("24.09.9" < "24.09.10"); upstream's own string order is wrong there
 * (docs/quirks.md, "Versions are numbers").
 */

/** The numbers of a dotted version, or undefined when it is not one ("unknown", an id). */
export function parseVersion(text: string): readonly number[] | undefined {
  if (!/^\d{1,9}(\.\d{1,9}){0,5}$/.test(text)) return undefined
  return text.split('.').map(Number)
}

/** Negative, zero or positive, as for `Array.sort`; a missing component counts as 0. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** True when `version` is `prefix` or lies below it: 24.09 covers 24.09.0 and 24.09.12, not 24.10. */
export function versionCovers(prefix: readonly number[], version: readonly number[]): boolean {
  return prefix.length <= version.length && prefix.every((part, i) => part === version[i])
}

/** The newest of some versions as it was written; what is not a version is passed over. */
export function newestOf(texts: Iterable<string | null>): string | undefined {
  let newest: { readonly text: string; readonly version: readonly number[] } | undefined
  for (const text of texts) {
    const version = text === null ? undefined : parseVersion(text)
    if (text === null || version === undefined) continue
    if (newest === undefined || compareVersions(version, newest.version) > 0) newest = { text, version }
  }
  return newest?.text
}
