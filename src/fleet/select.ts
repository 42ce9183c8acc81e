import type { Region } from '../model/region.ts'
import type { Directory } from './directory.ts'

/** Which regions a caller names. An empty selection means all that the caller may see. */
export interface Selection {
  /** Region or subcloud names; one with `*` is a glob. */
  readonly names: readonly string[]
  readonly groups: readonly string[]
  /** All must hold; a region without the label differs from every value. */
  readonly labels: readonly { readonly label: string; readonly value: string; readonly equal: boolean }[]
}

/** What a caller may see. Authorisation is part of selection, so that counts and errors keep to it too. */
export type Scope = (region: Region) => boolean

export interface Selected {
  /** In the directory's order, each once. */
  readonly regions: readonly Region[]
  /** Exact names that nobody has, or that the caller may not see: the two can't be told apart. */
  readonly unknown: readonly string[]
  /** The one region that was meant, where the selection is a single exact name and nothing else. */
  readonly sole: Region | undefined
}

export function select(directory: Directory, scope: Scope, selection: Selection): Selected {
  const { names, groups, labels } = selection
  const unknown: string[] = []
  let candidates: readonly Region[] = directory.regions
  let sole: Region | undefined
  if (names.length > 0) {
    const chosen = new Set<Region>()
    for (const name of names) {
      const found = name.includes('*')
        ? directory.regions.filter(matcher(name))
        : directory.named(name, scope)
      if (found.length === 0 && !name.includes('*')) unknown.push(name)
      for (const region of found) chosen.add(region)
    }
    candidates = directory.regions.filter((region) => chosen.has(region))
    const [only] = candidates
    const plain = names.length === 1 && !names[0]?.includes('*') && groups.length + labels.length === 0
    if (plain && candidates.length === 1 && only) sole = only
  }
  const regions = candidates.filter((region) => scope(region) && fitsLabels(region, groups, labels))
  return { regions, unknown, sole }
}

/** Whether a selection takes in a region, whoever else exists: for what goes on while regions come and go. */
export function taker({ names, groups, labels }: Selection): Scope {
  const exact = new Set(names.filter((name) => !name.includes('*')))
  const globs = names.filter((name) => name.includes('*')).map(matcher)
  return (region) =>
    (names.length === 0 ||
      exact.has(region.name) ||
      exact.has(region.subcloud) ||
      globs.some((glob) => glob(region))) &&
    fitsLabels(region, groups, labels)
}

function fitsLabels(region: Region, groups: Selection['groups'], labels: Selection['labels']): boolean {
  return (
    (groups.length === 0 || groups.includes(region.labels['group'] ?? '')) &&
    labels.every(({ label, value, equal }) => (region.labels[label] === value) === equal)
  )
}

/** Matches a glob against the region's name and its subcloud name; `*` is any run of characters. */
export function matcher(glob: string): Scope {
  const parts = glob.split(/\*+/)
  const shortest = parts.reduce((length, part) => length + part.length, 0)
  // Names are short: however long the glob is, each costs a look at no more parts than it has characters.
  const matches = (name: string): boolean => name.length >= shortest && matchesGlob(parts, name)
  return (region) => matches(region.name) || matches(region.subcloud)
}

/** Linear in the name, whatever the glob: a caller's text is never made into a regular expression. */
function matchesGlob(parts: readonly string[], name: string): boolean {
  const [head = '', ...rest] = parts
  const tail = rest.pop()
  if (tail === undefined) return name === head
  if (!name.startsWith(head)) return false
  let at = head.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return name.length - tail.length >= at && name.endsWith(tail)
}
