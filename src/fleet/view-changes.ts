import { backgroundResources } from '../model/calls.ts'
import type { Release, ReleaseState } from '../model/facts.ts'
import type { FailureKind, Outcome, OutcomeStatus } from '../model/outcome.ts'
import type { Region } from '../model/region.ts'
import type { Outcomes } from './region-facts.ts'
import type { FleetView, RegionView } from './view.ts'

/** What became of one resource of a region; `kind` and `message` where it is stale or failed. */
export interface StatusChange {
  readonly resource: keyof Outcomes
  /** Null: not asked yet. */
  readonly from: OutcomeStatus | null
  readonly to: OutcomeStatus | null
  readonly kind?: FailureKind
  readonly message?: string
}

/** One thing that is otherwise than in the view before. Null is unknown, or not there. */
export type Change =
  | { readonly type: 'inventory'; readonly before?: Region; readonly after?: Region }
  | { readonly type: 'region_status'; readonly statuses: readonly StatusChange[] }
  | { readonly type: 'region_patch_current'; readonly from: boolean | null; readonly to: boolean | null }
  | {
      readonly type: 'host_patch_current'
      readonly hostname: string
      readonly from: boolean | null
      readonly to: boolean | null
    }
  | {
      readonly type: 'release_state'
      readonly release_id: string
      readonly from: ReleaseState | null
      readonly to: ReleaseState | null
    }
  | {
      readonly type: 'deployment_state'
      readonly from_release: string | null
      readonly to_release: string | null
      readonly from: string | null
      readonly to: string | null
    }

/** Every type of change, as callers choose among them. */
export const changeTypes = [
  'inventory',
  'region_status',
  'region_patch_current',
  'host_patch_current',
  'release_state',
  'deployment_state',
] as const satisfies readonly Change['type'][]

/** A change and the region that it is of, as the region was described last. */
export interface RegionChange {
  readonly region: Region
  readonly change: Change
}

/** What changed from one view to the next, by region name. Regions that are the same object are not looked into. */
export function* changesBetween(before: FleetView, after: FleetView): Iterable<RegionChange> {
  if (before === after) return
  const old = new Map(before.regions.map((each) => [each.region.name, each]))
  for (const now of after.regions) {
    const { region } = now
    const was = old.get(region.name)
    old.delete(region.name)
    if (was === now) continue
    if (was === undefined) yield { region, change: { type: 'inventory', after: region } }
    else if (!describedAlike(was.region, region)) {
      yield { region, change: { type: 'inventory', before: was.region, after: region } }
    }
    for (const change of changesOf(was, now)) yield { region, change }
  }
  for (const { region } of old.values()) yield { region, change: { type: 'inventory', before: region } }
}

function* changesOf(was: RegionView | undefined, now: RegionView): Iterable<Change> {
  const statuses = backgroundResources
    .map(({ resource }) => statusChange(resource as keyof Outcomes, was, now))
    .filter((each) => each !== undefined)
  if (statuses.length > 0) yield { type: 'region_status', statuses }
  if (was === undefined) return
  if (was.patchCurrent !== now.patchCurrent) {
    yield { type: 'region_patch_current', from: was.patchCurrent, to: now.patchCurrent }
  }
  yield* releaseChanges(was, now)
  yield* deploymentChanges(was, now)
  yield* hostChanges(was, now)
}

function statusChange(
  resource: keyof Outcomes,
  was: RegionView | undefined,
  now: RegionView,
): StatusChange | undefined {
  const outcome = now.outcomes[resource]
  const from = was?.outcomes[resource]?.status ?? null
  const to = outcome?.status ?? null
  if (from === to) return undefined
  const failure = outcome && 'failure' in outcome ? outcome.failure : undefined
  return { resource, from, to, ...(failure && { kind: failure.kind, message: failure.message }) }
}

/** Only between two good answers: the first one of a region is no change, nor is what a dark one last said. */
function* releaseChanges(was: RegionView, now: RegionView): Iterable<Change> {
  for (const resource of ['release', 'query'] as const) {
    const old = itemsOf<Release>(was.outcomes[resource])
    const items = itemsOf<Release>(now.outcomes[resource])
    if (old === undefined || items === undefined || old === items) continue
    for (const [release_id, from, to] of differences(old, items, ({ id }) => id)) {
      if (from?.state === to?.state) continue
      yield { type: 'release_state', release_id, from: from?.state ?? null, to: to?.state ?? null }
    }
  }
}

function* deploymentChanges(was: RegionView, now: RegionView): Iterable<Change> {
  const old = itemsOf(was.outcomes.deploy)
  const items = itemsOf(now.outcomes.deploy)
  if (old === undefined || items === undefined || old === items) return
  const key = ({ from_release, to_release }: { from_release: string | null; to_release: string | null }) =>
    JSON.stringify([from_release, to_release])
  for (const [, from, to] of differences(old, items, key)) {
    if (from?.native_state === to?.native_state) continue
    const { from_release = null, to_release = null } = to ?? from ?? {}
    yield {
      type: 'deployment_state',
      from_release,
      to_release,
      from: from?.native_state ?? null,
      to: to?.native_state ?? null,
    }
  }
}

function* hostChanges(was: RegionView, now: RegionView): Iterable<Change> {
  for (const [hostname, from, to] of differences(was.hosts, now.hosts, (host) => host.hostname)) {
    const [old = null, current = null] = [from?.patch_current, to?.patch_current]
    if (old !== current) yield { type: 'host_patch_current', hostname, from: old, to: current }
  }
}

function itemsOf<Item>(
  outcome: Outcome<{ readonly items: readonly Item[] }> | undefined,
): readonly Item[] | undefined {
  return outcome && 'reading' in outcome ? outcome.reading.items : undefined
}

/** Each key with its item before and after; of several with one key, the last. */
function* differences<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
): Iterable<readonly [key: string, before: Item | undefined, after: Item | undefined]> {
  const old = new Map(before.map((item) => [keyOf(item), item]))
  for (const [key, item] of new Map(after.map((each) => [keyOf(each), each]))) {
    yield [key, old.get(key), item]
    old.delete(key)
  }
  for (const [key, item] of old) yield [key, item, undefined]
}

/** Whether a caller would be told the same of both. */
function describedAlike(a: Region, b: Region): boolean {
  const told = ({ subcloud, unmanaged, offline, maintenanceUntil }: Region): string =>
    JSON.stringify([subcloud, unmanaged, offline, maintenanceUntil])
  const labels = Object.entries(a.labels)
  return (
    a === b ||
    (told(a) === told(b) &&
      labels.length === Object.keys(b.labels).length &&
      labels.every(([label, value]) => b.labels[label] === value))
  )
}
