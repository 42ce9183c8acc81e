import type { Deployment, DeploymentState, Host, HostState, Release, ReleaseState } from '../model/facts.ts'
import type { JsonObject } from '../model/reading.ts'
import { boolean, string, strings } from './field.ts'

/** Upstream's states, with those of stx 9 and those that master added (docs/facts.md, "States of a release"). */
export const usmReleaseStates: ReadonlyMap<string, ReleaseState> = new Map<string, ReleaseState>([
  ['available', 'available'],
  ['deploying', 'deploying'],
  ['deployed', 'deployed'],
  ['removing', 'removing'],
  ['committed', 'committed'],
  ['unavailable', 'unavailable'],
  ['uploading', 'unavailable'],
  ['upload-failed', 'unavailable'],
  ['deploying-start', 'deploying'],
  ['deploying-host', 'deploying'],
  ['deploying-activate', 'deploying'],
  ['deploying-complete', 'deploying'],
  ['deployed-partial', 'deploying'],
  ['deploy-selected', 'available'],
  ['remove-selected', 'deployed'],
])

/** docs/facts.md, "States of a deployment". */
export const usmDeploymentStates: ReadonlyMap<string, DeploymentState> = new Map<string, DeploymentState>([
  ['start', 'starting'],
  ['start-done', 'starting'],
  ['start-failed', 'failed'],
  ['host', 'deploying'],
  ['host-done', 'deploying'],
  ['host-failed', 'failed'],
  ['activate', 'activating'],
  ['activate-done', 'activating'],
  ['activate-failed', 'failed'],
  ['completed', 'completed'],
  ['host-rollback', 'rolling-back'],
  ['host-rollback-done', 'rolling-back'],
  ['host-rollback-failed', 'failed'],
  ['activate-rollback', 'rolling-back'],
  ['activate-rollback-pending', 'rolling-back'],
  ['activate-rollback-done', 'rolling-back'],
  ['activate-rollback-failed', 'failed'],
])

/** docs/facts.md, "States of a host". */
export const usmHostStates: ReadonlyMap<string, HostState> = new Map<string, HostState>([
  ['pending', 'pending'],
  ['deploying', 'deploying'],
  ['deployed', 'deployed'],
  ['failed', 'failed'],
  ['rollback-pending', 'rolling-back'],
  ['rollback-deploying', 'rolling-back'],
  ['rollback-deployed', 'rolled-back'],
  ['rollback-failed', 'failed'],
])

export function toRelease(record: JsonObject): Release {
  const state = string(record, 'state')
  return {
    id: string(record, 'release_id') ?? '',
    kind: 'release',
    sw_version: string(record, 'sw_version'),
    state: usmReleaseStates.get(state ?? '') ?? 'unknown',
    native_state: state,
    reboot_required: boolean(record, 'reboot_required'),
    requires: strings(record, 'requires'),
  }
}

export function toDeployment(record: JsonObject): Deployment {
  const state = string(record, 'state')
  return {
    from_release: string(record, 'from_release'),
    to_release: string(record, 'to_release'),
    state: usmDeploymentStates.get(state ?? '') ?? 'unknown',
    native_state: state,
    reboot_required: boolean(record, 'reboot_required'),
  }
}

/** A host of a deployment: those are the only hosts that USM tells of. */
export function toDeployHost(record: JsonObject): Host {
  const state = string(record, 'host_state')
  return {
    hostname: string(record, 'hostname') ?? '',
    node_type: null,
    sw_version: string(record, 'software_release'),
    target_version: string(record, 'target_release'),
    patch_current: state === 'deployed',
    // While a deployment is started its hosts have no state yet.
    state: state === null ? 'pending' : (usmHostStates.get(state) ?? 'unknown'),
    native_state: state,
    reboot_required: boolean(record, 'reboot_required'),
    patch_failed: state === null ? null : state.endsWith('failed'),
    last_seen_s: null,
    derived_from: 'usm-deploy-host',
  }
}
