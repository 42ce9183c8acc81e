import { isDeepStrictEqual } from 'node:util'
import type { JsonObject, PatchesReading } from '../model/reading.ts'
import type { Release } from '../model/facts.ts'

/** One region's patches, in the order of regions. */
export interface RegionPatches {
  readonly regionName: string
  /** Fields of the inventory to show beside the states. */
  readonly extra: Readonly<Record<string, string | null>>
  readonly reading: PatchesReading
}

interface RegionState {
  readonly patchstate: unknown
  readonly repostate: unknown
  readonly [extra: string]: unknown
}

interface Merged {
  readonly metadata: JsonObject
  readonly regions: Record<string, RegionState>
  readonly differs: Set<string>
}

/**
 * `{"pd": {id: …}}` over many regions: metadata from the first region by name, the fields in which others
 * differ named in `differs`, the state in each region under `regions`.
 */
export function mergePatches(
  parts: readonly RegionPatches[],
  keep: ((patch: Release) => boolean) | undefined,
): { readonly pd: JsonObject } {
  const merged = new Map<string, Merged>()
  for (const { regionName, reading, extra } of parts) {
    for (const item of reading.items) {
      const record = reading.patches.get(item.id)
      if (record === undefined || (keep && !keep(item))) continue
      let patch = merged.get(item.id)
      if (patch === undefined) {
        patch = { metadata: record, regions: Object.create(null), differs: new Set() }
        merged.set(item.id, patch)
      } else noteDifferences(patch, record)
      patch.regions[regionName] = stateOf(record, extra)
    }
  }
  const entries = [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, patch]) => [id, toEntry(patch)])
  return { pd: Object.fromEntries(entries) as JsonObject }
}

/** The same for `show` of one patch: metadata and contents under its id; undefined where no region has it. */
export function mergeContents(
  id: string,
  parts: readonly (Omit<RegionPatches, 'reading'> & { readonly value: JsonObject })[],
): JsonObject | undefined {
  let merged: Merged | undefined
  let contents: unknown
  let contentsDiffer = false
  for (const { regionName, value, extra } of parts) {
    const record = ownObject(value['metadata'], id)
    if (record === undefined) continue
    const own = ownValue(value['contents'], id)
    if (merged === undefined) {
      merged = { metadata: record, regions: Object.create(null), differs: new Set() }
      contents = own
    } else {
      noteDifferences(merged, record)
      contentsDiffer ||= !same(contents, own)
    }
    merged.regions[regionName] = stateOf(record, extra)
  }
  if (merged === undefined) return undefined
  if (contentsDiffer) merged.differs.add('contents')
  return {
    metadata: Object.fromEntries([[id, toEntry(merged)]]),
    contents: Object.fromEntries([[id, contents ?? null]]),
    error: '',
  }
}

function stateOf(record: JsonObject, extra: RegionPatches['extra']): RegionState {
  return { ...extra, patchstate: record['patchstate'] ?? null, repostate: record['repostate'] ?? null }
}

function toEntry({ metadata, regions, differs }: Merged): JsonObject {
  const states = Object.values(regions)
  // A `region_name` that a region sends must not speak for one.
  const { region_name: _, ...own } = metadata
  return {
    ...own,
    repostate: commonRepostate(states.map(({ repostate }) => repostate)),
    patchstate: commonPatchstate(states.map(({ patchstate }) => patchstate)),
    regions,
    differs: [...differs].sort(),
  }
}

/** Over regions that know: the common state, else partial in the direction that some region says. */
function commonPatchstate(states: readonly unknown[]): unknown {
  const known = states.filter((state) => state !== 'n/a')
  if (known.length === 0) return 'n/a'
  const distinct = new Set(known)
  if (distinct.size === 1) return known[0]
  const settled = new Set(known.map((state) => (state === 'Committed' ? 'Applied' : state)))
  if (settled.size === 1) return 'Applied'
  return distinct.has('Partial-Remove') && !distinct.has('Partial-Apply') ? 'Partial-Remove' : 'Partial-Apply'
}

function commonRepostate(states: readonly unknown[]): unknown {
  return new Set(states).size === 1 ? states[0] : 'Applied'
}

function noteDifferences({ metadata, differs }: Merged, record: JsonObject): void {
  for (const key of new Set([...Object.keys(metadata), ...Object.keys(record)])) {
    if (key === 'patchstate' || key === 'repostate' || key === 'region_name') continue
    if (!same(metadata[key], record[key])) differs.add(key)
  }
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  return isDeepStrictEqual(a, b)
}

function ownValue(map: unknown, id: string): unknown {
  return typeof map === 'object' && map !== null && Object.hasOwn(map, id)
    ? (map as JsonObject)[id]
    : undefined
}

function ownObject(map: unknown, id: string): JsonObject | undefined {
  const value = ownValue(map, id)
  return typeof value === 'object' && value !== null ? (value as JsonObject) : undefined
}
