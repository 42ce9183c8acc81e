import type { Region } from '../model/region.ts'
import { pairsOf, sampleOf } from './exposition.ts'
import { regionFamilies, type RegionFamily } from './region-families.ts'
import { outcomesOf, type Told } from './region-samples.ts'

/** One region's part of the exposition. */
export interface RegionText {
  readonly told: Told
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

/** Gives each region's text, made anew only when something about the region changed. It is forgotten with the region. */
export function createRegionTexts(): (told: Told) => RegionText {
  const made = new WeakMap<Region, RegionText>()
  return (told) => {
    const before = made.get(told.view.region)
    if (before && alike(before.told, told)) return before
    const text = toText(told, before)
    made.set(told.view.region, text)
    return text
  }
}

function alike(a: Told, b: Told): boolean {
  return (
    a.view === b.view &&
    a.backedOff === b.backedOff &&
    a.certificateEndsAt === b.certificateEndsAt &&
    a.passwordExpiresAt === b.passwordExpiresAt &&
    a.labels === b.labels
  )
}

function toText(told: Told, before: RegionText | undefined): RegionText {
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
