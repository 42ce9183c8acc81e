import type { Fault } from './faults.ts'
import type { ListenerName } from './region/listeners.ts'
import type { SimRegion } from './region/region.ts'
import { releaseFacts } from './region/release.ts'
import { patchstateOf } from './region/state.ts'
import type { ServiceCounters } from './transport/counters.ts'

/** A region as an inventory would name it. Addresses of USM and Patching come without /v1. */
export interface RegionView {
  readonly region_name: string
  readonly subcloud_name: string
  readonly labels: Readonly<Record<string, string>>
  readonly mode: 'direct' | 'front'
  readonly release: string
  readonly endpoints: Partial<Readonly<Record<ListenerName, string>>>
}

/** What is so in a region, whatever it manages to say. */
export interface TruthView {
  readonly region_name: string
  readonly subcloud_name: string
  readonly release: string
  readonly sw_version: string
  readonly faults: Partial<Record<ListenerName, Fault>>
  readonly releases: readonly { release_id: string; state: string; sw_version: string }[]
  readonly deployment: { from_release: string; to_release: string; state: string } | null
  readonly deploy_hosts: readonly { hostname: string; host_state: string | null }[]
  readonly patches: readonly { id: string; repostate: string; patchstate: string; sw_version: string }[]
  readonly hosts: readonly { hostname: string; patch_current: boolean; state: string }[]
}

export interface RequestsView extends Partial<Readonly<Record<ListenerName, ServiceCounters>>> {
  readonly region_name: string
}

export function regionView(region: SimRegion): RegionView {
  const plan = region.plan()
  return {
    region_name: plan.name,
    subcloud_name: plan.subcloud,
    labels: plan.labels,
    mode: plan.mode,
    release: region.state().release,
    endpoints: region.endpoints(),
  }
}

export function truthView(region: SimRegion): TruthView {
  const state = region.state()
  const { deployment } = state
  const faults = Object.entries(region.services()).flatMap(([name, service]) => {
    const fault = service.fault()
    return fault ? [[name, fault] as const] : []
  })
  return {
    region_name: region.plan().name,
    subcloud_name: region.plan().subcloud,
    release: state.release,
    sw_version: releaseFacts[state.release].version,
    faults: Object.fromEntries(faults),
    releases: state.releases.map(({ id, state: name, swVersion }) => ({
      release_id: id,
      state: name,
      sw_version: swVersion,
    })),
    deployment: deployment && {
      from_release: deployment.from,
      to_release: deployment.to,
      state: deployment.state,
    },
    deploy_hosts: (deployment?.hosts ?? []).map((host) => ({
      hostname: host.hostname,
      host_state: host.state,
    })),
    patches: state.patches.map((patch) => ({
      id: patch.id,
      repostate: patch.repostate,
      patchstate: patchstateOf(patch, state),
      sw_version: patch.swVersion,
    })),
    hosts: state.patchHosts.map((host) => ({
      hostname: host.hostname,
      patch_current: host.patchCurrent,
      state: host.state,
    })),
  }
}

export function requestsView(region: SimRegion): RequestsView {
  const counters = Object.entries(region.services()).map(
    ([name, service]) => [name, service.counters()] as const,
  )
  return { region_name: region.plan().name, ...Object.fromEntries(counters) }
}
