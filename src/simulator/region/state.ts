import type { Mishap } from './mishaps.ts'
import type { OwnStep, Timing } from './ownSteps.ts'
import type { StxRelease } from './release.ts'
import { generation } from './release.ts'

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
  /** Master: whether its metapackages are selected for the next `start`, and for what. */
  selected?: 'deploy-selected' | 'remove-selected'
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
  /** Started over the API: then only what a real region does by itself happens by itself. */
  readonly byRequest?: boolean
  readonly options?: Readonly<Record<string, string>>
}

/** Master's frame around a software deployment and a Kubernetes upgrade. */
export interface SystemDeploy {
  readonly id: string
  readonly to_release: string
  readonly to_k8s_version: string
}

export interface SimPatch {
  readonly id: string
  readonly swVersion: string
  readonly status: 'REL' | 'DEV' | 'OBS'
  /** `minimal` lacks every optional element (recording show-minimal-metadata). */
  readonly metadata: 'full' | 'minimal' | 'older-release'
  rebootRequired: boolean
  unremovable: boolean
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
  /** A locked host takes patches that need a reboot; an unlocked one rejects them unless forced. */
  locked: boolean
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
  timing: Timing
  ownSteps: OwnStep[]
  mishaps: ReadonlySet<Mishap>
  /** The last precheck of each version and whether it went well: `start` relies on it for five minutes. */
  readonly prechecks: Map<string, { readonly healthy: boolean; readonly at: number }>
  installLocal: boolean
  systemDeploy: SystemDeploy | null
  /** Paths that a local upload finds on the controller. */
  localFiles: readonly string[]
  /** Releases that Patching was told to keep a repository for. */
  readonly patchRepositories: Set<string>
}

/** Upstream's word for how far a patch is: `n/a` while no host is known. */
export function patchstateOf(patch: SimPatch, state: RegionState): string {
  if (state.patchHosts.length === 0) return 'n/a'
  if (patch.repostate === 'Committed') return patch.repostate
  if (patch.settled && !looksPartial(patch, state)) return patch.repostate
  return patch.repostate === 'Applied' ? 'Partial-Apply' : 'Partial-Remove'
}

/**
 * stx 7 to 9 compare a host's newest commit only: while a host is behind, older patches that don't hold that
 * commit look partial as well (recordings stx8.0 and stx9.0/query-after-apply-settled).
 */
function looksPartial(patch: SimPatch, state: RegionState): boolean {
  const age = generation(state.release)
  if (age < 7 || age > 9 || patch.repostate !== 'Applied' || patch.metadata === 'older-release') return false
  if (!state.patchHosts.some((host) => !host.patchCurrent && !host.interimState)) return false
  if (!state.patches.some((other) => !other.settled && other.repostate === 'Applied')) return false
  const head = state.patches.findLast((other) => other.settled && other.repostate === 'Applied')
  return patch !== head
}
