import type { HostHistory } from './host-history.ts'
import { regionPatchCurrent } from './patch-current.ts'
import type { Snapshots } from './snapshots.ts'
import { backgroundResources } from '../model/calls.ts'
import type { Deployment, Host, Release } from '../model/facts.ts'
import type { Outcome, Provenance } from '../model/outcome.ts'
import type { Piece } from '../model/reading.ts'
import type { Region } from '../model/region.ts'
import { newestOf } from '../model/version.ts'

/** An answer as far as facts are made of it: its bytes are not kept for as long as someone looks at the facts. */
export interface Items<Item> {
  readonly items: readonly Item[]
  /** How many bytes are held of it. */
  readonly bytes: number
}

/** An answer without its bytes. */
export function withoutBytes<Item>(
  outcome: Outcome<WithBytes<Item>> | undefined,
): Outcome<Items<Item>> | undefined {
  if (outcome === undefined || !('reading' in outcome)) return outcome
  const { items, body, piece } = outcome.reading
  return { ...outcome, reading: { items, bytes: body.length + (piece?.following.length ?? 0) } }
}

interface WithBytes<Item> {
  readonly items: readonly Item[]
  readonly body: Buffer
  readonly piece?: Piece
}

/** What the refresher keeps young, judged by the default `max_age`; undefined: never asked. */
export interface Outcomes {
  readonly release: Outcome<Items<Release>> | undefined
  readonly deploy: Outcome<Items<Deployment>> | undefined
  readonly deploy_host: Outcome<Items<Host>> | undefined
  readonly query: Outcome<Items<Release>> | undefined
  readonly query_hosts: Outcome<Items<Host>> | undefined
}

/** A host as both services tell of it, in one record. */
export interface RegionHost extends Host {
  /** What was told of the host is from a last good answer: `patch_current` is null. */
  readonly stale: boolean
  /** When that was answered, ms since the epoch. */
  readonly observedAt: number
}

/** All that is known of one region, in normalised words, judged at one instant. Never changed once made. */
export interface RegionFacts {
  readonly region: Region
  readonly outcomes: Outcomes
  /** Whether the last attempt got a usable answer; undefined before the first, and while skipped. */
  readonly up: boolean | undefined
  /** Product: "patch-current". Null is unknown, never "current". */
  readonly patchCurrent: boolean | null
  /** What the region runs: its newest deployed release, else what its hosts report. */
  readonly swVersion: string | undefined
  /** USM's releases, then Patching's patches; also from a last good answer. */
  readonly releases: readonly Release[]
  readonly deployments: readonly Deployment[]
  readonly hosts: readonly RegionHost[]
  /** Of these, how many are patch-current, are not, and are not known to be either. */
  readonly hostCounts: HostCounts
}

export interface HostCounts {
  readonly current: number
  readonly notCurrent: number
  readonly unknown: number
}

export interface FactsSources {
  readonly snapshots: Pick<Snapshots, 'peek' | 'lastFailure'>
  readonly hosts: Pick<HostHistory, 'hosts'>
}

/** Made from what is held; asks nothing. `maxAge` in ms. */
export function factsOf(region: Region, sources: FactsSources, maxAge: number): RegionFacts {
  const { snapshots } = sources
  const outcomes: Outcomes = {
    release: withoutBytes(snapshots.peek(region, { resource: 'release' }, maxAge)),
    deploy: withoutBytes(snapshots.peek(region, { resource: 'deploy' }, maxAge)),
    deploy_host: withoutBytes(snapshots.peek(region, { resource: 'deploy_host' }, maxAge)),
    query: withoutBytes(snapshots.peek(region, { resource: 'query' }, maxAge)),
    query_hosts: withoutBytes(snapshots.peek(region, { resource: 'query_hosts' }, maxAge)),
  }
  return factsFrom(region, outcomes, sources)
}

/** Made from outcomes that were judged already. */
export function factsFrom(
  region: Region,
  outcomes: Outcomes,
  { snapshots, hosts }: FactsSources,
): RegionFacts {
  const believed = hosts.hosts(region.name)
  const releases = itemsOf(outcomes.release)
  const told = bothHosts(outcomes, believed)
  return {
    region,
    outcomes,
    up: isUp(region, outcomes, snapshots),
    patchCurrent: regionPatchCurrent({
      release: outcomes.release,
      deploy: outcomes.deploy,
      queryHosts: outcomes.query_hosts,
      hosts: believed,
    }),
    swVersion: runningVersion(releases, believed),
    releases: [...releases, ...itemsOf(outcomes.query)],
    deployments: itemsOf(outcomes.deploy),
    hosts: told,
    hostCounts: countHosts(told),
  }
}

function itemsOf<Item>(outcome: Outcome<{ readonly items: readonly Item[] }> | undefined): readonly Item[] {
  return outcome && 'reading' in outcome ? outcome.reading.items : []
}

function isUp(region: Region, outcomes: Outcomes, snapshots: FactsSources['snapshots']): boolean | undefined {
  let asked = false
  for (const { resource } of backgroundResources) {
    const status = outcomes[resource as keyof Outcomes]?.status
    if (status === undefined || status === 'skipped' || status === 'unsupported') continue
    asked = true
    if (snapshots.lastFailure(region, { resource }) === undefined) return true
  }
  return asked ? false : undefined
}

function runningVersion(releases: readonly Release[], hosts: readonly Host[]): string | undefined {
  const deployed = releases.filter(({ state }) => state === 'deployed').map(({ sw_version }) => sw_version)
  return newestOf(deployed.length > 0 ? deployed : hosts.map(({ sw_version }) => sw_version))
}

function countHosts(hosts: readonly RegionHost[]): HostCounts {
  const counts = { current: 0, notCurrent: 0, unknown: 0 }
  for (const { patch_current } of hosts) {
    counts[patch_current === null ? 'unknown' : patch_current ? 'current' : 'notCurrent']++
  }
  return counts
}

/** The hosts of both services; a host of both is current only where both say so, and freshly. */
function bothHosts({ query_hosts, deploy_host }: Outcomes, believed: readonly Host[]): readonly RegionHost[] {
  const hosts = new Map<string, RegionHost>()
  if (query_hosts && 'reading' in query_hosts) {
    for (const host of believed) hosts.set(host.hostname, judged(host, query_hosts))
  }
  if (deploy_host && 'reading' in deploy_host) {
    for (const host of deploy_host.reading.items) {
      const ofUsm = judged(host, deploy_host)
      const other = hosts.get(host.hostname)
      hosts.set(host.hostname, other === undefined ? ofUsm : both(other, ofUsm))
    }
  }
  return [...hosts.values()]
}

/** An outcome that holds an answer. */
interface Served {
  readonly status: 'fresh' | 'stale'
  readonly provenance: Provenance
}

function judged(host: Host, { status, provenance }: Served): RegionHost {
  const fresh = status === 'fresh'
  return {
    ...host,
    patch_current: fresh ? host.patch_current : null,
    stale: !fresh || host.toldAt !== undefined,
    observedAt: host.toldAt ?? provenance.observedAt,
  }
}

/** USM tells of the deployment, Patching what kind of host it is; the less assuring word on it counts. */
function both(patching: RegionHost, usm: RegionHost): RegionHost {
  const current = lessAssuring(patching.patch_current, usm.patch_current)
  return {
    ...patching,
    target_version: usm.target_version,
    patch_current: current,
    state: usm.state,
    native_state: usm.native_state,
    derived_from: current === patching.patch_current ? patching.derived_from : usm.derived_from,
    stale: patching.stale || usm.stale,
    observedAt: Math.min(patching.observedAt, usm.observedAt),
  }
}

function lessAssuring(a: boolean | null, b: boolean | null): boolean | null {
  if (a === false || b === false) return false
  return a === null || b === null ? null : true
}
