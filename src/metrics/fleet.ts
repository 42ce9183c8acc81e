import type { Chunks } from '../fleet/lay.ts'
import type { Scope } from '../fleet/select.ts'
import { createPauses } from '../fleet/slices.ts'
import type { FleetView } from '../fleet/view.ts'
import { headOf, type Format } from './exposition.ts'
import { fleetText } from './fleet-families.ts'
import { createBlocks, regionsPerBlock, type Block } from './blocks.ts'
import { regionFamilies } from './region-families.ts'
import { createRegionTexts, type Beside, type RegionText } from './region-text.ts'

export interface FleetMetricsOptions extends Beside {
  /** The fleet as it is now. */
  readonly view: () => FleetView | Promise<FleetView>
  /** Labels of the inventory that become metric labels. */
  readonly regionLabels: () => readonly string[]
}

const nothing = Buffer.alloc(0)

export interface FleetExposition {
  readonly chunks: Chunks
  /** What is held of these regions: answers, and their bytes. */
  readonly held: { readonly entries: number; readonly bytes: number }
}

/** The series of the regions in `scope`, as they are now. */
export type FleetMetrics = (scope: Scope, format: Format) => Promise<FleetExposition>

/** Each region's text is made once per change and laid end to end; others go first while that is done. */
export function createFleetMetrics(options: FleetMetricsOptions): FleetMetrics {
  const textOf = createRegionTexts(options)
  /** Of the last scrape of the whole fleet. */
  let last: readonly RegionText[] = []
  const blockOf = createBlocks()

  return async (scope, format) => {
    const { regions: all } = await options.view()
    const pause = createPauses()
    const names = options.regionLabels()
    const regions: RegionText[] = []
    for (const [i, view] of all.entries()) {
      // To look at the clock takes longer than a region that did not change.
      if (i % 16 === 0) await pause()
      if (scope(view.region)) regions.push(textOf(view, names, last[regions.length]))
    }
    const isWhole = regions.length === all.length
    if (isWhole) last = regions
    const lay = isWhole ? blockOf : createBlocks()
    const blocks: Block[] = []
    for (let from = 0; from < regions.length; from += regionsPerBlock) {
      await pause()
      blocks.push(lay(blocks.length, regions.slice(from, from + regionsPerBlock)))
    }
    const chunks: Buffer[] = [Buffer.from(fleetText(blocks, format))]
    for (const [i, family] of regionFamilies.entries()) {
      const pages = blocks
        .map(({ pages: ofBlock }) => ofBlock[i] ?? nothing)
        .filter(({ length }) => length > 0)
      if (pages.length > 0) chunks.push(Buffer.from(headOf(family, format)), ...pages)
    }
    return { chunks, held: heldOf(regions) }
  }
}

function heldOf(regions: readonly RegionText[]): FleetExposition['held'] {
  let entries = 0
  let bytes = 0
  for (const { held } of regions) {
    entries += held.entries
    bytes += held.bytes
  }
  return { entries, bytes }
}
