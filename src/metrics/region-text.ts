import type { RegionView } from '../fleet/view.ts'
import type { Region } from '../model/region.ts'
import { pairsOf, sampleOf, type Labels } from './exposition.ts'
import { regionFamilies, type RegionFamily } from './region-families.ts'
import { outcomesOf, type Told } from './region-samples.ts'

/** One region's part of the exposition. */
export interface RegionText {
  readonly told: Told
  readonly labelNames: readonly string[]
  /** Its samples of each family, in the order of `regionFamilies`. */
  readonly texts: readonly string[]
  /** How many samples were left out, by family; empty where none was. */
  readonly leftOut: readonly (readonly [metric: string, samples: number])[]
  /** What is held of it: answers, and bytes of their bodies and pieces. */
  readonly held: { readonly entries: number; readonly bytes: number }
}

/** Of one family of one region: no real one has more hosts or patches, and a strange one must not fill Prometheus. */
const mostSamples = 1_000
/** Of all labels of one sample that are a region's own words. */
const longestWords = 1_000

/** What a region's text is made of beside its view. */
export interface Beside {
  /** When a region that is backed off is asked again; undefined where it is not. */
  readonly retryAt: (region: Region) => number | undefined
  /** What the gateway's own client of a region has learnt; undefined before the first ask. */
  readonly client: (region: Region) => RegionClient | undefined
}

export interface RegionClient {
  readonly certificateEndsAt: () => number | undefined
  readonly passwordExpiresAt: () => number | undefined
}

/**
 * Gives each region's text, made anew only when something about the region changed: whatever a client learns or a
 * failure does comes with an answer or a failure, which makes another view; only the end of a back-off comes by itself.
 */
export function createRegionTexts({ retryAt, client }: Beside): MakeText {
  const made = new WeakMap<Region, RegionText>()
  return (view, labelNames, likely) => {
    const { region } = view
    const before = likely?.told.view.region === region ? likely : made.get(region)
    if (before && before.told.view === view && before.labelNames === labelNames) {
      if (!before.told.backedOff || retryAt(region) !== undefined) return before
    }
    const told = {
      view,
      labels: labelsOf(region, labelNames),
      backedOff: retryAt(region) !== undefined,
      certificateEndsAt: client(region)?.certificateEndsAt(),
      passwordExpiresAt: client(region)?.passwordExpiresAt(),
    }
    const text = { labelNames, ...toText(told, before) }
    made.set(region, text)
    return text
  }
}

/** `labelNames`: labels of the inventory that become metric labels; `likely`: where the region's text may be at hand. */
export type MakeText = (view: RegionView, labelNames: readonly string[], likely?: RegionText) => RegionText

function labelsOf(region: Region, names: readonly string[]): Labels {
  return Object.fromEntries(
    names.map((name) => [`label_${name.replaceAll(/[^A-Za-z0-9_]/g, '_')}`, region.labels[name]]),
  )
}

function toText(told: Told, before: RegionText | undefined): Omit<RegionText, 'labelNames'> {
  const leftOut: (readonly [string, number])[] = []
  const region = pairsOf({ region_name: told.view.region.name })
  const texts = regionFamilies.map((family, i) => {
    const { text, more } = samplesOf(family, told, region)
    if (more > 0) leftOut.push([family.name, more])
    // The same string, so that pages made of it are seen to hold.
    const same = before?.texts[i]
    return same === text ? same : text
  })
  return { told, texts, leftOut, held: heldOf(told) }
}

/** Prometheus refuses a scrape in which a series stands twice; a region may well repeat itself. */
function samplesOf(
  family: RegionFamily,
  told: Told,
  region: string,
): { readonly text: string; readonly more: number } {
  const lines: string[] = []
  const seen = new Set<string>()
  let more = 0
  for (const [labels, value] of family.of(told)) {
    const own = pairsOf(labels)
    if (family.ownWords) {
      if (seen.size >= mostSamples || own.length > longestWords) {
        more++
        continue
      }
      if (seen.size === seen.add(own).size) continue
    }
    lines.push(sampleOf(family.name, own === '' ? region : `${region},${own}`, value))
  }
  // Joined, not added up: what is added up is kept in thousands of parts.
  return { text: lines.join(''), more }
}

function heldOf({ view }: Told): RegionText['held'] {
  let entries = 0
  let bytes = 0
  for (const [, outcome] of outcomesOf(view)) {
    if (!('reading' in outcome)) continue
    entries++
    bytes += outcome.reading.bytes
  }
  return { entries, bytes }
}
