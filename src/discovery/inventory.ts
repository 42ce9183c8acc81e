import type { Region } from '../model/region.ts'
import { UpstreamError } from '../upstream/error.ts'
import { mergeSources, type MergedSources } from './merge-sources.ts'
import type { Source } from './source.ts'

/** How a source is doing. */
export interface SourceState {
  readonly source: string
  /** ms since the epoch of the last list that was taken over; undefined: none yet. */
  readonly foundAt: number | undefined
  readonly regions: number
  /** Why the last attempt gave nothing; undefined where it did. */
  readonly failure: string | undefined
  /** A list that lost too many regions waits to be confirmed: how many it has. */
  readonly heldBack: number | undefined
  readonly notes: readonly string[]
}

/** Who exists now, from all sources. The last good list of each survives its failures. */
export interface Inventory {
  regions(): readonly Region[]
  states(): readonly SourceState[]
  conflicts(): readonly string[]
  /** True once every source has given a list: without one the fleet would look empty, and complete. */
  foundAll(): boolean
  /** Takes over the lists that were held back; how many there were. */
  confirm(): number
  /**
   * Other sources and another list, from a configuration that was read anew. Sources of the same settings go on as if
   * nothing had happened; ones of the same name keep what they found, and are asked.
   */
  use(listed: readonly Region[], sources: readonly Source[]): void
  stop(): void
}

export interface InventoryOptions {
  /** ms since the epoch. */
  readonly now: () => number
  /** Gives 0 ≤ x < 1. */
  readonly random: () => number
  /** Called after every change of `regions`. */
  readonly onChange: (regions: readonly Region[]) => void
  /** Something that an operator should know, as a sentence. */
  readonly onNote: (note: string) => void
  /** Where last good lists outlive the gateway. */
  readonly kept?: KeptLists | undefined
}

/** Last good lists, by the names of their sources. */
export interface KeptLists {
  of(source: string): { readonly regions: readonly Region[]; readonly foundAt: number } | undefined
  keep(source: string, list: { readonly regions: readonly Region[]; readonly foundAt: number }): void
}

interface Held {
  readonly source: Source
  regions: readonly Region[]
  foundAt: number | undefined
  failure: string | undefined
  heldBack: readonly Region[] | undefined
  notes: readonly string[]
  timer: NodeJS.Timeout | undefined
}

/** ms; a source that failed is asked again sooner than its interval says. */
const retry = 10_000

export function createInventory(
  listed: readonly Region[],
  sources: readonly Source[],
  options: InventoryOptions,
): Inventory {
  const { now, random, onChange, onNote, kept } = options
  let fixed = listed
  let held: readonly Held[] = []
  let stopped = false

  function mergedNow(): MergedSources {
    return mergeSources([
      { source: 'the configuration', regions: fixed },
      ...held.map(({ source, regions }) => ({ source: source.name, regions })),
    ])
  }
  function merge(): void {
    const before = merged.regions
    const conflictsBefore = new Set(merged.conflicts)
    merged = mergedNow()
    for (const conflict of merged.conflicts) if (!conflictsBefore.has(conflict)) onNote(conflict)
    if (!isSame(before, merged.regions)) onChange(merged.regions)
  }

  async function ask(one: Held): Promise<void> {
    const { source } = one
    try {
      const found = await source.find()
      if (stopped || !held.includes(one)) return
      one.failure = undefined
      for (const note of found.notes) if (!one.notes.includes(note)) onNote(`${source.name}: ${note}`)
      one.notes = found.notes
      take(one, found.regions)
    } catch (error) {
      if (stopped || !held.includes(one)) return
      const failure = error instanceof UpstreamError ? error.message : 'it could not be asked'
      if (failure !== one.failure) onNote(`${source.name}: ${failure}; its last list stays`)
      one.failure = failure
    }
    const pause = one.failure === undefined ? source.interval : Math.min(retry, source.interval)
    one.timer = setTimeout(() => void ask(one), pause * (0.9 + 0.2 * random()))
    one.timer.unref()
  }

  function take(one: Held, regions: readonly Region[]): void {
    const present = new Set(regions.map(({ name }) => name))
    const lost = one.regions.filter(({ name }) => !present.has(name)).length
    if (one.regions.length > 0 && lost / one.regions.length > one.source.maxShrink) {
      if (one.heldBack === undefined) {
        const what = `${lost} of ${one.regions.length} regions are gone at once, more than max_shrink allows`
        onNote(`${one.source.name}: ${what}; the last list stays until this one is confirmed`)
      }
      one.heldBack = regions
      return
    }
    accept(one, regions)
  }

  function accept(one: Held, regions: readonly Region[]): void {
    one.regions = regions
    one.foundAt = now()
    one.heldBack = undefined
    kept?.keep(one.source.name, { regions, foundAt: one.foundAt })
    merge()
  }

  function begin(all: readonly Source[]): void {
    const before = new Map(held.map((one) => [one.source.name, one]))
    const leaving = new Set(held)
    const begun: Held[] = []
    held = all.map((source) => {
      const same = [...leaving].find((one) => one.source.settings === source.settings)
      if (same) {
        leaving.delete(same)
        source.close()
        return same
      }
      const known = before.get(source.name)
      const { regions = [], foundAt } = known ?? kept?.of(source.name) ?? {}
      const one: Held = {
        source,
        regions,
        foundAt,
        failure: undefined,
        heldBack: undefined,
        notes: [],
        timer: undefined,
      }
      begun.push(one)
      return one
    })
    for (const { timer, source } of leaving) {
      clearTimeout(timer)
      source.close()
    }
    for (const one of begun) void ask(one)
  }
  begin(sources)
  let merged = mergedNow()
  for (const conflict of merged.conflicts) onNote(conflict)

  return {
    regions: () => merged.regions,
    conflicts: () => merged.conflicts,
    foundAll: () => held.every(({ foundAt }) => foundAt !== undefined),
    states: () =>
      held.map(({ source, regions, foundAt, failure, heldBack, notes }) => ({
        source: source.name,
        foundAt,
        regions: regions.length,
        failure,
        heldBack: heldBack?.length,
        notes,
      })),
    confirm() {
      const waiting = held.filter(({ heldBack }) => heldBack !== undefined)
      for (const one of waiting) if (one.heldBack) accept(one, one.heldBack)
      return waiting.length
    },
    use(nextListed, nextSources) {
      fixed = nextListed
      begin(nextSources)
      merge()
    },
    stop() {
      stopped = true
      for (const { timer, source } of held) {
        clearTimeout(timer)
        source.close()
      }
    },
  }
}

/** Sources give a region that did not change as the one that it was: few are looked at closely. */
function isSame(before: readonly Region[], now: readonly Region[]): boolean {
  return (
    before.length === now.length &&
    before.every((one, i) => one === now[i] || JSON.stringify(one) === JSON.stringify(now[i]))
  )
}
