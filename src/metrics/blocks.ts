import { backgroundResources } from '../model/calls.ts'
import type { OutcomeStatus } from '../model/outcome.ts'
import { regionFamilies } from './region-families.ts'
import type { RegionText } from './region-text.ts'

/** How many regions are laid together: a page of one family is then worth a write, and compressed well. */
export const regionsPerBlock = 128

/** How many regions have which status, by resource. */
export type Counts = ReadonlyMap<string, { readonly [S in OutcomeStatus]: number }>

/** Some regions' part of the exposition. */
export interface Block {
  readonly regions: readonly RegionText[]
  /** Their samples of each family, in the order of `regionFamilies`; empty where there is none. */
  readonly pages: readonly Buffer[]
  readonly counts: Counts
}

/** Lays regions together; what did not change is the same bytes again, so that it is compressed once. */
export function createBlocks(): (index: number, regions: readonly RegionText[]) => Block {
  const kept: Block[] = []
  return (index, regions) => {
    const before = kept[index]
    if (before && sameItems(before.regions, regions)) return before
    return (kept[index] = { regions, pages: pagesOf(regions, before), counts: countsOf(regions) })
  }
}

function pagesOf(regions: readonly RegionText[], before: Block | undefined): readonly Buffer[] {
  return regionFamilies.map((_, i) => {
    const parts = regions.map(({ texts }) => texts[i] ?? '')
    const page = before?.pages[i]
    const laid = before?.regions.map(({ texts }) => texts[i] ?? '') ?? []
    return page && sameItems(laid, parts) ? page : Buffer.from(parts.join(''))
  })
}

function countsOf(regions: readonly RegionText[]): Counts {
  return new Map(
    backgroundResources.map(({ resource }) => {
      const count = { fresh: 0, stale: 0, failed: 0, unsupported: 0, skipped: 0 }
      for (const { told } of regions) {
        const { outcomes } = told.view
        count[outcomes[resource as keyof typeof outcomes]?.status ?? 'failed']++
      }
      return [resource, count]
    }),
  )
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
