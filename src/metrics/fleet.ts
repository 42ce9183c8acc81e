import type { Chunks } from '../fleet/lay.ts'
import type { Scope } from '../fleet/select.ts'
import { createPauses } from '../fleet/slices.ts'
import type { FleetView } from '../fleet/view.ts'
import type { Region } from '../model/region.ts'
import { headOf, type Format, type Labels } from './exposition.ts'
import { fleetText } from './fleet-families.ts'
import { createPages, regionsPerPage } from './pages.ts'
import { regionFamilies } from './region-families.ts'
import { createRegionTexts, type RegionText } from './region-text.ts'

export interface FleetMetricsOptions {
  /** The fleet as it is now. */
  readonly view: () => FleetView | Promise<FleetView>
  /** Labels of the inventory that become metric labels. */
  readonly regionLabels: () => readonly string[]
  /** When a region that is backed off is asked again; undefined where it is not. */
  readonly retryAt: (region: Region) => number | undefined
  /** What the gateway's own client of a region has learnt; undefined before the first ask. */
  readonly client: (region: Region) => RegionClient | undefined
}

export interface RegionClient {
  readonly certificateEndsAt: () => number | undefined
  readonly passwordExpiresAt: () => number | undefined
}

export interface FleetExposition {
  readonly chunks: Chunks
  /** What is held of these regions: answers, and their bytes. */
  readonly held: { readonly entries: number; readonly bytes: number }
}

/** The series of the regions in `scope`, as they are now. */
export type FleetMetrics = (scope: Scope, format: Format) => Promise<FleetExposition>

/** Each region's text is made once per change and laid end to end; others go first while that is done. */
export function createFleetMetrics(options: FleetMetricsOptions): FleetMetrics {
  const textOf = createRegionTexts()
  const labelsOf = createLabels()
  const pageOf = createPages()

  return async (scope, format) => {
    const { regions: all } = await options.view()
    const pause = createPauses()
    const names = options.regionLabels()
    const regions: RegionText[] = []
    for (const view of all) {
      await pause()
      if (!scope(view.region)) continue
      const { region } = view
      const client = options.client(region)
      regions.push(
        textOf({
          view,
          labels: labelsOf(region, names),
          backedOff: options.retryAt(region) !== undefined,
          certificateEndsAt: client?.certificateEndsAt(),
          passwordExpiresAt: client?.passwordExpiresAt(),
        }),
      )
    }
    const page = regions.length === all.length ? pageOf : createPages()
    const chunks: Buffer[] = [Buffer.from(fleetText(regions, format))]
    await pause()
    for (const [i, family] of regionFamilies.entries()) {
      const pages: Buffer[] = []
      for (let block = 0; block * regionsPerPage < regions.length; block++) {
        await pause()
        const from = block * regionsPerPage
        const bytes = page(
          i,
          block,
          regions.slice(from, from + regionsPerPage).map(({ texts }) => texts[i] ?? ''),
        )
        if (bytes.length > 0) pages.push(bytes)
      }
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
