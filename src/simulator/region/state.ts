import type { StxRelease } from './release.ts'

/** A release in USM's list. `product` is master's kind, made of metapackages. */
export interface SimRelease {
  readonly id: string
  /** MM.mm.pp, or `unknown` (recording state-weird-releases). */
  readonly swVersion: string
  readonly kind: 'release' | 'product'
  /** available, unavailable, deploying, deployed, removing, committed. */
  state: string
  readonly rebootRequired: boolean
  readonly unremovable: boolean
  /** Text fields are null where the metadata has none (recording state-weird-releases). */
  readonly texts: 'given' | 'missing'
  readonly summary: string
  readonly warnings: string
  readonly requires: readonly string[]
  readonly packages: readonly string[]
  readonly activationScripts: readonly string[]
}

export interface DeployHost {
  readonly hostname: string
  /** pending, deploying, deployed, failed, rollback-*; null before `start` is done (state-start-deploy_host). */
  state: string | null
}

/** The one deployment that a region can have in progress. */
export interface Deployment {
  from: string
  to: string
  state: string
  rebootRequired: boolean
  /** A list on master after a removal (recording flow-25-removing-deploy). */
  commitId: string | null | readonly string[]
  /** False once it was aborted or when it removes a release. */
  applies: boolean
  hosts: DeployHost[]
}

export interface SimPatch {
  readonly id: string
  readonly swVersion: string
  readonly status: 'REL' | 'DEV' | 'OBS'
  /** `minimal` lacks every optional element (recording show-minimal-metadata). */
  readonly metadata: 'full' | 'minimal' | 'older-release'
  readonly rebootRequired: boolean
  readonly unremovable: boolean
  readonly requires: readonly string[]
  /** Only RPM releases: hosts of these personalities get packages of their own. */
  readonly personalities: readonly string[]
  readonly activeReleaseOnly?: 'Y' | 'N'
  readonly restartScript: boolean
  readonly commit: string
  repostate: 'Available' | 'Applied' | 'Committed'
  /** Whether every host has what the repository says; if not, patchstate is Partial-*. */
  settled: boolean
}

/** A host as Patching knows it. */
export interface PatchHost {
  readonly hostname: string
  readonly ip: string
  readonly nodetype: string
  readonly subfunctions: readonly string[]
  /** False until its first detailed answer (recording query_hosts-before-detail). */
  detailed: boolean
  patchCurrent: boolean
  patchFailed: boolean
  staleDetails: boolean
  interimState: boolean
  /** idle, installing, install-failed, install-rejected. */
  state: string
  requiresReboot: boolean
  /** Seconds since its last hello when the simulator started, below 30. */
  readonly ackOffset: number
}

/** Everything one region answers from. Each change counts `version` up. */
export interface RegionState {
  readonly release: StxRelease
  version: number
  readonly startedAt: number
  readonly baseCommit: string
  releases: SimRelease[]
  deployment: Deployment | null
  inSync: boolean
  /** `/v1/deploy` and `/v1/deploy_host` then answer [] whatever runs (recording state-corrupt-db-deploy). */
  corruptDatabase: boolean
  /** `/v1/deploy` then answers 406 from stx 11 on (recording deploy-show-metadata-missing). */
  metadataMissing: boolean
  readonly hostnames: readonly string[]
  patches: SimPatch[]
  patchHosts: PatchHost[]
  appDependencies: Record<string, readonly string[]>
}

/** Upstream's word for how far a patch is: `n/a` while no host is known. */
export function patchstateOf(patch: SimPatch, state: RegionState): string {
  if (state.patchHosts.length === 0) return 'n/a'
  if (patch.settled || patch.repostate === 'Committed') return patch.repostate
  return patch.repostate === 'Applied' ? 'Partial-Apply' : 'Partial-Remove'
}
