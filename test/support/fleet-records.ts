/** Records as regions send them, reduced to what a test is about. */
export type JsonRecord = Readonly<Record<string, unknown>>

export function release(version: string, state = 'deployed', own: JsonRecord = {}): JsonRecord {
  return { release_id: `starlingx-${version}`, state, sw_version: version, reboot_required: false, ...own }
}

export function deployment(state: string, own: JsonRecord = {}): JsonRecord {
  return { from_release: '24.09.0', to_release: '24.09.1', reboot_required: false, state, ...own }
}

export function patchingHost(
  hostname: string,
  current: boolean | null = true,
  own: JsonRecord = {},
): JsonRecord {
  return {
    hostname,
    nodetype: 'controller',
    sw_version: '22.12',
    patch_current: current,
    patch_failed: false,
    stale_details: false,
    interim_state: false,
    requires_reboot: false,
    secs_since_ack: 12,
    state: 'idle',
    ...own,
  }
}

export function patch(patchstate: string, own: JsonRecord = {}): JsonRecord {
  return {
    sw_version: '22.12',
    patchstate,
    repostate: patchstate.startsWith('Partial') ? 'Applied' : patchstate === 'n/a' ? 'Applied' : patchstate,
    reboot_required: 'N',
    requires: [],
    summary: 'a patch',
    ...own,
  }
}
