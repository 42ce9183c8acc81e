import type { RegionView } from '../fleet/view.ts'
import { backgroundResources } from '../model/calls.ts'
import type { Items } from '../fleet/region-facts.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Labels } from './exposition.ts'

/** What is told of one region: its view, and what else is known of it now. */
export interface Told {
  readonly view: RegionView
  /** Nobody asks it just now, as it failed. */
  readonly backedOff: boolean
  /** The earliest end of the certificates that it showed, ms since the epoch. */
  readonly certificateEndsAt: number | undefined
  /** When the gateway's password ends there, ms since the epoch, as Keystone told. */
  readonly passwordExpiresAt: number | undefined
  /** Labels of the inventory that become metric labels: `site` as `label_site`. */
  readonly labels: Labels
}

/** Labels beside `region_name`, and a value. */
export type Sample = readonly [labels: Labels, value: number]

/** What a host is counted as in `stx_region_hosts`. */
const hostStates = ['current', 'not_current', 'failed', 'unknown'] as const

const none: Labels = {}

/** A host that is unknown has no series at all: what it said before may not be so any more. */
export function hostFlag(
  value: (host: RegionView['hosts'][number]) => boolean | null,
): (told: Told) => readonly Sample[] {
  return ({ view }) => {
    const samples: Sample[] = []
    for (const host of view.hosts) {
      const told = host.patch_current === null || host.stale ? null : value(host)
      if (told === null) continue
      samples.push([{ hostname: host.hostname, node_type: host.node_type }, told ? 1 : 0])
    }
    return samples
  }
}

/** Each host in one count; those that are not known among them. */
export function hostsByState({ view: { hosts } }: Told): readonly Sample[] {
  if (hosts.length === 0) return []
  const counts = { current: 0, not_current: 0, failed: 0, unknown: 0 }
  for (const { patch_current, patch_failed } of hosts) {
    if (patch_current === null) counts.unknown++
    else if (patch_current) counts.current++
    else if (patch_failed === true) counts.failed++
    else counts.not_current++
  }
  return hostStates.map((state) => [{ state }, counts[state]])
}

/** States that no release has are left out. */
export function releasesByState({ view }: Told): readonly Sample[] {
  const counts = new Map<string, number>()
  for (const { state } of freshReleases(view)) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => [{ state }, count])
}

/** The releases, then the patches, as far as they are fresh. */
export function freshReleases({ outcomes: { release, query } }: RegionView): RegionView['releases'] {
  return [...itemsOf(release), ...itemsOf(query)]
}

/** What was read, where it is fresh. */
export function itemsOf<Item>(
  outcome: Outcome<{ readonly items: readonly Item[] }> | undefined,
): readonly Item[] {
  return outcome?.status === 'fresh' ? outcome.reading.items : []
}

/** What is held of each resource, by name; those that were never asked for are left out. */
export function outcomesOf(view: RegionView): readonly (readonly [string, Outcome<Items<unknown>>])[] {
  const { outcomes } = view
  return backgroundResources.flatMap(({ resource }) => {
    const outcome = outcomes[resource as keyof typeof outcomes]
    return outcome === undefined ? [] : [[resource, outcome] as const]
  })
}

/** The dialects of the last good answers, USM first. */
export function apiOf({
  outcomes: { release, deploy, deploy_host, query_hosts, query },
}: RegionView): string {
  const dialects = [
    [release, deploy, deploy_host],
    [query_hosts, query],
  ].flatMap((ofService) => {
    const answered = ofService.find((outcome) => outcome && 'provenance' in outcome)
    return answered && 'provenance' in answered ? [answered.provenance.dialect] : []
  })
  return dialects.join(',') || 'unknown'
}

/** 1 or 0, and no sample where it is not known. */
export function flag(value: boolean | null | undefined): readonly Sample[] {
  return value === null || value === undefined ? [] : [[none, value ? 1 : 0]]
}

/** Seconds since the epoch, and no sample where it is not known. */
export function instant(at: number | undefined): readonly Sample[] {
  return at === undefined ? [] : [[none, at / 1000]]
}
