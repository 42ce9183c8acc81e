import { z } from 'zod'
import type { Random } from '../random.ts'
import { mishaps } from './mishaps.ts'
import { hasten } from './ownSteps.ts'
import { setDeploymentState, stepDeployment } from './deployment.ts'
import { generation, releaseFacts } from './release.ts'
import { seedPatchHost } from './seedState.ts'
import type { PatchHost, RegionState, SimPatch, SimRelease } from './state.ts'

const duration = z.number().min(0).max(3_600_000).nullable()
const steps = ['start', 'advance', 'fail', 'abort', 'delete'] as const

/**
 * What may be changed in a running region, as the control port takes it. All parts are optional and are
 * applied in the order of these lines.
 */
export const stateChangeSchema = z.strictObject({
  /** How long the region takes from here on for what it does by itself; null: until it is advanced. */
  timing: z.strictObject({ transition_ms: duration.optional(), host_ms: duration.optional() }).optional(),
  /** What goes wrong from here on; the list as a whole. */
  mishaps: z.array(z.enum(mishaps)).optional(),
  /** Paths that a local upload finds on the controller. */
  local_files: z.array(z.string()).optional(),
  /** What the region is about to do by itself happens now, the oldest first. */
  advance: z.literal(true).optional(),
  /** A step, or any state at once; without a deployment one is started first. */
  deployment: z.union([z.enum(steps), z.strictObject({ state: z.string() })]).optional(),
  /** For a start: the release to deploy, id or version; lower than the running one: a removal. */
  to: z.string().optional(),
  /** The commit that a deployment shows; null as upstream has it after a `start` over the network. */
  commit: z.string().nullable().optional(),
  deploy_host: z.strictObject({ hostname: z.string(), state: z.string() }).optional(),
  clear_releases: z.boolean().optional(),
  release: z.strictObject({ id: z.string(), state: z.string() }).optional(),
  add_release: z
    .strictObject({
      id: z.string(),
      sw_version: z.string(),
      state: z.string(),
      texts: z.enum(['given', 'missing']).optional(),
      reboot_required: z.boolean().optional(),
      requires: z.array(z.string()).optional(),
      packages: z.array(z.string()).optional(),
    })
    .optional(),
  /** Whether Patching knows hosts at all; without any, every patchstate is n/a. */
  patch_hosts: z.boolean().optional(),
  /** A host of Patching: an unknown one is added, a `gone` one removed. */
  host: z
    .strictObject({
      hostname: z.string(),
      patch_current: z.boolean().optional(),
      patch_failed: z.boolean().optional(),
      stale_details: z.boolean().optional(),
      interim_state: z.boolean().optional(),
      requires_reboot: z.boolean().optional(),
      detailed: z.boolean().optional(),
      state: z.string().optional(),
      locked: z.boolean().optional(),
      gone: z.boolean().optional(),
    })
    .optional(),
  patch: z
    .strictObject({
      id: z.string(),
      repostate: z.enum(['Available', 'Applied', 'Committed']).optional(),
      /** False: patchstate is Partial-Apply or Partial-Remove. */
      settled: z.boolean().optional(),
      reboot_required: z.boolean().optional(),
      unremovable: z.boolean().optional(),
    })
    .optional(),
  add_patch: z.strictObject({ id: z.string(), minimal: z.boolean().optional() }).optional(),
  app_dependencies: z.record(z.string(), z.array(z.string())).optional(),
  in_sync: z.boolean().optional(),
  corrupt_database: z.boolean().optional(),
  metadata_missing: z.boolean().optional(),
})
export type StateChange = z.infer<typeof stateChangeSchema>
type Given<Key extends keyof StateChange> = NonNullable<StateChange[Key]>

/** Applies one change; throws a sentence when it can't be. */
export function changeState(state: RegionState, change: StateChange, random: Random): void {
  changeManner(state, change)
  if (change.advance && !hasten(state)) throw new Error('nothing is under way')
  if (typeof change.deployment === 'string') {
    stepDeployment(state, change.deployment, random.hex(64), change.to)
  } else if (change.deployment) {
    if (!state.deployment) stepDeployment(state, 'start', random.hex(64), change.to)
    setDeploymentState(state, change.deployment.state)
  }
  if (change.commit !== undefined && state.deployment) state.deployment.commitId = change.commit
  if (change.deploy_host) changeDeployHost(state, change.deploy_host)
  if (change.clear_releases) state.releases = []
  if (change.release) findRelease(state, change.release.id).state = change.release.state
  if (change.add_release) state.releases.push(toRelease(state, change.add_release))
  if (change.patch_hosts !== undefined) {
    state.patchHosts = change.patch_hosts ? state.hostnames.map((name) => seedPatchHost(name, random)) : []
  }
  if (change.host) changeHost(state, change.host, random)
  if (change.patch) changePatch(state, change.patch)
  if (change.add_patch) state.patches.push(toPatch(state, change.add_patch, random))
  if (change.app_dependencies) state.appDependencies = { ...change.app_dependencies }
  state.inSync = change.in_sync ?? state.inSync
  state.corruptDatabase = change.corrupt_database ?? state.corruptDatabase
  state.metadataMissing = change.metadata_missing ?? state.metadataMissing
  state.version += 1
}

function changeManner(state: RegionState, { timing, mishaps: wrong, local_files: files }: StateChange): void {
  if (timing?.transition_ms !== undefined) state.timing.transitionMs = timing.transition_ms
  if (timing?.host_ms !== undefined) state.timing.hostMs = timing.host_ms
  if (wrong) state.mishaps = new Set(wrong)
  if (files) state.localFiles = files
}

function changeDeployHost(state: RegionState, change: Given<'deploy_host'>): void {
  const host = state.deployment?.hosts.find((known) => known.hostname === change.hostname)
  if (!host) throw new Error(`${change.hostname} is not being deployed`)
  host.state = change.state
}

function changeHost(state: RegionState, change: Given<'host'>, random: Random): void {
  if (change.gone) {
    state.patchHosts = state.patchHosts.filter((host) => host.hostname !== change.hostname)
    return
  }
  let host = state.patchHosts.find((known) => known.hostname === change.hostname)
  if (!host) {
    host = seedPatchHost(change.hostname, random)
    state.patchHosts.push(host)
  }
  const values: Partial<PatchHost> = {
    patchCurrent: change.patch_current ?? host.patchCurrent,
    patchFailed: change.patch_failed ?? host.patchFailed,
    staleDetails: change.stale_details ?? host.staleDetails,
    interimState: change.interim_state ?? host.interimState,
    requiresReboot: change.requires_reboot ?? host.requiresReboot,
    detailed: change.detailed ?? host.detailed,
    locked: change.locked ?? host.locked,
    state: change.state ?? host.state,
  }
  Object.assign(host, values)
}

function changePatch(state: RegionState, change: Given<'patch'>): void {
  const patch = state.patches.find((known) => known.id === change.id)
  if (!patch) throw new Error(`no patch ${change.id}`)
  patch.repostate = change.repostate ?? patch.repostate
  patch.settled = change.settled ?? patch.settled
  patch.rebootRequired = change.reboot_required ?? patch.rebootRequired
  patch.unremovable = change.unremovable ?? patch.unremovable
}

function toPatch(state: RegionState, added: Given<'add_patch'>, random: Random): SimPatch {
  return {
    id: added.id,
    swVersion: releaseFacts[state.release].version,
    status: added.minimal ? 'DEV' : 'REL',
    metadata: added.minimal ? 'minimal' : 'full',
    rebootRequired: true,
    unremovable: false,
    requires: [],
    personalities: [],
    restartScript: false,
    commit: random.hex(64),
    repostate: 'Available',
    settled: true,
  }
}

function toRelease(state: RegionState, added: Given<'add_release'>): SimRelease {
  return {
    id: added.id,
    swVersion: added.sw_version,
    kind: generation(state.release) >= 99 && !added.texts ? 'product' : 'release',
    state: added.state,
    rebootRequired: added.reboot_required ?? true,
    unremovable: false,
    texts: added.texts ?? 'given',
    summary: `${added.id} release`,
    warnings: '',
    requires: added.requires ?? [],
    packages: added.packages ?? [],
    activationScripts: [],
  }
}

function findRelease(state: RegionState, id: string): SimRelease {
  const found = state.releases.find((release) => release.id === id || release.swVersion === id)
  if (!found) throw new Error(`no release ${id}`)
  return found
}
