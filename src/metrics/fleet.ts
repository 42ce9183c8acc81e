import type { Chunks } from '../fleet/lay.ts'
import type { Scope } from '../fleet/select.ts'
import { createPauses } from '../fleet/slices.ts'
import type { FleetView } from '../fleet/view.ts'
import type { Region } from '../model/region.ts'
import { headOf, type Format, type Labels } from './exposition.ts'
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
  const labelsOf = createLabels()
  const blockOf = createBlocks()

  return async (scope, format) => {
    const { regions: all } = await options.view()
    const pause = createPauses()
    const names = options.regionLabels()
    const regions: RegionText[] = []
    for (const view of all) {
      const paused = pause()
      if (paused) await paused
      const { region } = view
      if (!scope(region)) continue
      regions.push(textOf(view, labelsOf(region, names)))
    }
    const lay = regions.length === all.length ? blockOf : createBlocks()
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

/** A region's metric labels: the same object until the region or the configuration is another. */
function createLabels(): (region: Region, names: readonly string[]) => Labels {
  const made = new WeakMap<Region, { readonly names: readonly string[]; readonly labels: Labels }>()
  return (region, names) => {
    const before = made.get(region)
    if (before?.names === names) return before.labels
    const labels = Object.fromEntries(
      names.map((name) => [`label_${name.replaceAll(/[^A-Za-z0-9_]/g, '_')}`, region.labels[name]]),
    )
    made.set(region, { names, labels })
    return labels
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
