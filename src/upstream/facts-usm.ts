import type { Deployment, Host, Release, ReleaseState } from '../model/facts.ts'
import type { JsonObject } from '../model/reading.ts'
import { boolean, string, strings } from './field.ts'

/** Upstream's states, with those of stx 9 and those that master added (docs/facts.md, "States of a release"). */
const releaseStates: ReadonlyMap<string, ReleaseState> = new Map<string, ReleaseState>([
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

export function toRelease(record: JsonObject): Release {
  const state = string(record, 'state')
  return {
    id: string(record, 'release_id') ?? '',
    kind: 'release',
    sw_version: string(record, 'sw_version'),
    state: releaseStates.get(state ?? '') ?? 'unknown',
    native_state: state,
    reboot_required: boolean(record, 'reboot_required'),
    requires: strings(record, 'requires'),
  }
}

export function toDeployment(record: JsonObject): Deployment {
  return {
    from_release: string(record, 'from_release'),
    to_release: string(record, 'to_release'),
    native_state: string(record, 'state'),
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
    native_state: state,
    reboot_required: boolean(record, 'reboot_required'),
    patch_failed: state === null ? null : state.endsWith('failed'),
    last_seen_s: null,
    derived_from: 'usm-deploy-host',
  }
}
