import type { Host, HostState, Release, ReleaseState } from '../model/facts.ts'
import type { JsonObject } from '../model/reading.ts'
import { boolean, number, string, strings, yesNo } from './field.ts'

/** `n/a`: no host has told the region yet, so nothing is known (docs/quirks.md, "n/a"). */
export const patchStates: ReadonlyMap<string, ReleaseState> = new Map<string, ReleaseState>([
  ['Available', 'available'],
  ['Partial-Apply', 'deploying'],
  ['Applied', 'deployed'],
  ['Partial-Remove', 'removing'],
  ['Committed', 'committed'],
])

/** docs/facts.md, "States of a host". */
export const patchingHostStates: ReadonlyMap<string, HostState> = new Map<string, HostState>([
  ['idle', 'idle'],
  ['installing', 'deploying'],
  ['install-failed', 'failed'],
  ['install-rejected', 'failed'],
])

export function toPatch(id: string, record: JsonObject): Release {
  const state = string(record, 'patchstate')
  const repostate = string(record, 'repostate')
  return {
    id,
    kind: 'patch',
    sw_version: string(record, 'sw_version'),
    state: patchStates.get(state ?? '') ?? 'unknown',
    native_state: state,
    ...(repostate !== null && { native_repostate: repostate }),
    reboot_required: yesNo(record, 'reboot_required'),
    requires: strings(record, 'requires'),
  }
}

/** A host that has not reported for so long (s) says nothing: a healthy one reports every 30 to 40 s. */
const silence = 120

/**
 * One poll's verdict; that false becomes true only when two polls agree is decided where polls are compared
 * (`fleet/host-history.ts`). Right after an apply a region may still show its hosts as current.
 */
export function toPatchingHost(record: JsonObject): Host {
  const seen = number(record, 'secs_since_ack')
  const current = boolean(record, 'patch_current')
  const failed = boolean(record, 'patch_failed')
  const unsure =
    boolean(record, 'stale_details') === true ||
    boolean(record, 'interim_state') === true ||
    seen === null ||
    seen > silence
  return {
    hostname: string(record, 'hostname') ?? '',
    node_type: string(record, 'nodetype'),
    sw_version: string(record, 'sw_version'),
    target_version: null,
    patch_current: unsure || current === null ? null : current && failed !== true,
    state: patchingHostStates.get(string(record, 'state') ?? '') ?? 'unknown',
    native_state: string(record, 'state'),
    reboot_required: boolean(record, 'requires_reboot'),
    patch_failed: failed,
    last_seen_s: seen,
    derived_from: 'patching-query-hosts',
  }
}
