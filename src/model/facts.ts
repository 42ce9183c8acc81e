/** The normalised vocabulary: the same for every StarlingX release (docs/facts.md). */

/** States of a release or a patch; `native_state` keeps the region's own word. */
export const releaseStates = [
  'available',
  'deploying',
  'deployed',
  'removing',
  'committed',
  'unavailable',
  'unknown',
] as const
export type ReleaseState = (typeof releaseStates)[number]

/** States of a deployment, by its phase; one that is done with a phase and waits for the next is still in it. */
export const deploymentStates = [
  'starting',
  'deploying',
  'activating',
  'completed',
  'rolling-back',
  'failed',
  'unknown',
] as const
export type DeploymentState = (typeof deploymentStates)[number]

/** What a host is doing about its software. */
export const hostStates = [
  'idle',
  'pending',
  'deploying',
  'deployed',
  'rolling-back',
  'rolled-back',
  'failed',
  'unknown',
] as const
export type HostState = (typeof hostStates)[number]

/** One release (USM) or patch (Patching) that a region knows. */
export interface Release {
  readonly id: string
  readonly kind: 'release' | 'patch'
  readonly sw_version: string | null
  readonly state: ReleaseState
  readonly native_state: string | null
  /** Patching only: `repostate`, whose states differ from `patchstate`. */
  readonly native_repostate?: string
  readonly reboot_required: boolean | null
  readonly requires: readonly string[]
}

/** A deployment under way (USM). At most one per region. */
export interface Deployment {
  readonly from_release: string | null
  readonly to_release: string | null
  readonly state: DeploymentState
  readonly native_state: string | null
  readonly reboot_required: boolean | null
}

/** One host, as its region's update service sees it. */
export interface Host {
  readonly hostname: string
  readonly node_type: string | null
  readonly sw_version: string | null
  readonly target_version: string | null
  /** True only when known and believed; null is unknown, never "current". */
  readonly patch_current: boolean | null
  readonly state: HostState
  readonly native_state: string | null
  readonly reboot_required: boolean | null
  readonly patch_failed: boolean | null
  /** Seconds since the host last reported to its region (Patching). */
  readonly last_seen_s: number | null
  /** The rule that gave `patch_current`. */
  readonly derived_from: 'patching-query-hosts' | 'usm-deploy-host'
  /** When its region last told of it, ms since the epoch; absent where it still does. */
  readonly toldAt?: number
}
