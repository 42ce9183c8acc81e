import type { HostHistory } from '../fleet/host-history.ts'
import { regionPatchCurrent, type Held } from '../fleet/patch-current.ts'
import type { Scope } from '../fleet/select.ts'
import type { Snapshots } from '../fleet/snapshots.ts'
import { backgroundResources } from '../model/calls.ts'
import type { Host } from '../model/facts.ts'
import type { Readings } from '../model/reading.ts'
import { outcomeStatuses, type Outcome, type OutcomeStatus } from '../model/outcome.ts'
import type { Region, Service } from '../model/region.ts'
import { newestOf } from '../model/version.ts'
import { exposition, sample, type Family } from './exposition.ts'

export interface FleetMetricsOptions {
  readonly regions: () => readonly Region[]
  readonly snapshots: Snapshots
  readonly hosts: HostHistory
  /** The dialect that a region's service speaks, once known. */
  readonly dialectOf: (region: Region, service: Service) => string | undefined
  /** ms: what is older counts as unknown. */
  readonly maxAge: () => number
  /** Labels of the inventory that become metric labels. */
  readonly regionLabels: () => readonly string[]
  /** When the gateway's password ends there (ms since the epoch), as Keystone told. */
  readonly passwordExpiresAt: (region: Region) => number | undefined
}

/** One pass over the fleet fills these; a region that is unknown, stale or failed adds no green. */
interface Samples {
  readonly up: string[]
  readonly info: string[]
  readonly patchCurrent: string[]
  readonly observed: string[]
  readonly failure: string[]
  readonly hostCurrent: string[]
  readonly passwordExpiry: string[]
}

/** The text for the regions in `scope`, judged at the moment of the scrape. */
export function createFleetMetrics(options: FleetMetricsOptions): (scope: Scope) => string {
  const { snapshots, maxAge } = options

  return (scope) => {
    const regions = options.regions().filter(scope)
    const counts = new Map<string, Map<OutcomeStatus, number>>()
    const samples: Samples = {
      up: [],
      info: [],
      patchCurrent: [],
      observed: [],
      failure: [],
      hostCurrent: [],
      passwordExpiry: [],
    }
    for (const region of regions) {
      addRegion(region, samples)
      for (const { resource } of backgroundResources) {
        const outcome = snapshots.peek(region, { resource }, maxAge())
        addOutcome(region, resource, outcome, samples)
        const status = outcome?.status ?? 'failed'
        const ofResource = counts.get(resource) ?? new Map<OutcomeStatus, number>()
        counts.set(resource, ofResource.set(status, (ofResource.get(status) ?? 0) + 1))
      }
    }
    return exposition([...fleetFamilies(counts), ...regionFamilies(samples)])
  }

  function addRegion(region: Region, samples: Samples): void {
    const held: Held = {
      release: snapshots.peek(region, { resource: 'release' }, maxAge()),
      deploy: snapshots.peek(region, { resource: 'deploy' }, maxAge()),
      queryHosts: snapshots.peek(region, { resource: 'query_hosts' }, maxAge()),
      hosts: options.hosts.hosts(region.name),
    }
    const name = { region_name: region.name }
    const up = isUp(region)
    if (up !== undefined) samples.up.push(sample('stx_region_up', name, up ? 1 : 0))
    const current = regionPatchCurrent(held)
    if (current !== null) samples.patchCurrent.push(sample('stx_region_patch_current', name, current ? 1 : 0))
    const dialects = (['usm', 'patching'] as const).map((service) => options.dialectOf(region, service))
    const labels = options
      .regionLabels()
      .map((label) => [`label_${label.replaceAll(/[^A-Za-z0-9_]/g, '_')}`, region.labels[label]])
    samples.info.push(
      sample(
        'stx_region_info',
        {
          ...name,
          subcloud_name: region.subcloud,
          api: dialects.filter((dialect) => dialect !== undefined).join(',') || 'unknown',
          sw_version: runningVersion(held),
          ...(Object.fromEntries(labels) as Record<string, string | undefined>),
        },
        1,
      ),
    )
    const expiry = options.passwordExpiresAt(region)
    if (expiry !== undefined) {
      const metric = 'stx_keystone_password_expiry_timestamp_seconds'
      samples.passwordExpiry.push(sample(metric, name, expiry / 1000))
    }
    const deployHosts = snapshots.peek(region, { resource: 'deploy_host' }, maxAge())
    for (const host of believedHosts(held, deployHosts)) {
      if (host.patch_current === null) continue
      const host_labels = { ...name, hostname: host.hostname, node_type: host.node_type }
      samples.hostCurrent.push(sample('stx_host_patch_current', host_labels, host.patch_current ? 1 : 0))
    }
  }

  function addOutcome(
    region: Region,
    resource: string,
    outcome: Outcome<unknown> | undefined,
    samples: Samples,
  ): void {
    if (outcome === undefined) return
    const labels = { region_name: region.name, resource }
    if ('provenance' in outcome) {
      const seconds = outcome.provenance.observedAt / 1000
      samples.observed.push(sample('stx_region_observed_timestamp_seconds', labels, seconds))
    }
    if ('failure' in outcome) {
      const { kind } = outcome.failure
      samples.failure.push(sample('stx_region_failure_info', { ...labels, kind }, 1))
    }
  }

  /** Whether the last attempt got a usable answer; undefined before the first, and while skipped. */
  function isUp(region: Region): boolean | undefined {
    let asked = false
    for (const { resource } of backgroundResources) {
      const outcome = snapshots.peek(region, { resource }, Infinity)
      if (outcome === undefined || outcome.status === 'skipped') continue
      if (outcome.status === 'unsupported') continue
      asked = true
      if (snapshots.lastFailure(region, { resource }) === undefined) return true
    }
    return asked ? false : undefined
  }
}

/** The hosts of both services that are known and fresh; a host of both is current only where both say so. */
function believedHosts(
  { queryHosts, hosts }: Held,
  deployHosts: Outcome<Readings['deploy_host']> | undefined,
): Iterable<Host> {
  const believed = new Map<string, Host>()
  if (queryHosts?.status === 'fresh') for (const host of hosts) believed.set(host.hostname, host)
  if (deployHosts?.status !== 'fresh') return believed.values()
  for (const host of deployHosts.reading.items) {
    const other = believed.get(host.hostname)
    if (other === undefined) believed.set(host.hostname, host)
    else if (host.patch_current === false) believed.set(host.hostname, { ...other, patch_current: false })
  }
  return believed.values()
}

/** What the region runs: its newest deployed release, else what its hosts report. */
function runningVersion({ release, hosts }: Held): string | undefined {
  const deployed =
    release && 'reading' in release
      ? release.reading.items.filter(({ state }) => state === 'deployed').map(({ sw_version }) => sw_version)
      : []
  const versions = deployed.length > 0 ? deployed : hosts.map(({ sw_version }) => sw_version)
  return newestOf(versions)
}

function fleetFamilies(counts: ReadonlyMap<string, ReadonlyMap<OutcomeStatus, number>>): Family[] {
  return [
    {
      name: 'stx_fleet_regions',
      help: 'Regions by what is held of a resource: fresh, stale, failed (or not asked yet), unsupported, skipped.',
      samples: [...counts].flatMap(([resource, byStatus]) =>
        outcomeStatuses.map((status) =>
          sample('stx_fleet_regions', { resource, status }, byStatus.get(status) ?? 0),
        ),
      ),
    },
  ]
}

function regionFamilies(samples: Samples): Family[] {
  return [
    {
      name: 'stx_region_up',
      help: 'Whether the last attempt got a usable answer from the region.',
      samples: samples.up,
    },
    {
      name: 'stx_region_info',
      help: 'A region of the inventory; api names the dialects that it was found to speak.',
      samples: samples.info,
    },
    {
      name: 'stx_region_patch_current',
      help: 'Whether every host runs what its region has deployed or applied; absent when unknown.',
      samples: samples.patchCurrent,
    },
    {
      name: 'stx_region_observed_timestamp_seconds',
      help: 'When the last good answer was received, seconds since the epoch.',
      samples: samples.observed,
    },
    {
      name: 'stx_region_failure_info',
      help: 'Why a resource of a region is stale or failed.',
      samples: samples.failure,
    },
    {
      name: 'stx_keystone_password_expiry_timestamp_seconds',
      help: "When the gateway's own password ends at the region's Keystone; absent where it does not.",
      samples: samples.passwordExpiry,
    },
    {
      name: 'stx_host_patch_current',
      help: 'Whether a host runs what its region has applied; absent when unknown or not fresh.',
      samples: samples.hostCurrent,
    },
  ]
}
