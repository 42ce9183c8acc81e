import { allowsInService } from '../region/patching/hosts.ts'
import { generation, releaseFacts } from '../region/release.ts'
import type { PatchHost, RegionState, SimPatch } from '../region/state.ts'
import { patchstateOf } from '../region/state.ts'

/** A patch of `GET /v1/query`: what its metadata lacks is absent (recordings show-minimal-metadata, query). */
export function patchRecord(patch: SimPatch, state: RegionState): Record<string, unknown> {
  const first = {
    repostate: patch.repostate,
    patchstate: patchstateOf(patch, state),
    sw_version: patch.swVersion,
    status: patch.status,
  }
  const last = { reboot_required: patch.rebootRequired ? 'Y' : 'N' }
  if (patch.metadata === 'minimal') return { ...first, ...last, requires: patch.requires }
  const old = patch.metadata === 'older-release'
  return {
    ...first,
    unremovable: patch.unremovable ? 'Y' : 'N',
    summary: old ? 'older release' : `${patch.id} summary`,
    description: old ? 'old' : `Fixes the following issues:\n   issue of ${patch.id}`,
    install_instructions: patch.unremovable ? 'No special install instructions.' : '',
    ...(patch.restartScript ? { restart_script: `${patch.id}-restart.sh` } : {}),
    warnings: patch.rebootRequired && !patch.unremovable && !old ? 'Reboot of each host needed' : '',
    ...(patch.activeReleaseOnly ? { apply_active_release_only: patch.activeReleaseOnly } : {}),
    ...last,
    ...Object.fromEntries(patch.personalities.map((name) => [`personality-${name}`, ['mtce']])),
    requires: patch.requires,
  }
}

/** What `GET /v1/show` says is in a patch: RPM names before stx 7, commits since, nothing for RPM left-overs. */
export function patchContents(patch: SimPatch, state: RegionState): unknown {
  const number = patch.id.slice(-4)
  if (generation(state.release) <= 6) return [`sysinv-1.0-${number}.tis.x86_64.rpm`]
  if (patch.metadata === 'older-release') return {}
  return {
    number_of_commits: '1',
    base: { commit: state.baseCommit, checksum: state.baseCommit },
    commit1: { commit: patch.commit, checksum: patch.commit },
  }
}

/** A host of `GET /v1/query_hosts` (recordings patching/stx6.0/query_hosts-mixed, stx9.0/query_hosts-before-detail). */
export function patchHostRecord(host: PatchHost, state: RegionState, now: number): Record<string, unknown> {
  const seconds = Math.floor((now - state.startedAt) / 1000)
  return {
    ip: host.ip,
    hostname: host.hostname,
    patch_current: host.patchCurrent,
    secs_since_ack: (host.ackOffset + seconds) % 30,
    patch_failed: host.patchFailed,
    stale_details: host.staleDetails,
    ...(generation(state.release) <= 6 ? rpmDetails(host) : commitDetails(host, state)),
    nodetype: host.detailed ? host.nodetype : null,
    subfunctions: host.detailed ? host.subfunctions : [],
    sw_version: releaseFacts[state.release].version,
    state: host.state,
    requires_reboot: host.requiresReboot,
    allow_insvc_patching: allowsInService(state),
    interim_state: host.interimState,
  }
}

function rpmDetails(host: PatchHost): Record<string, unknown> {
  const versions = ['1.0-100.tis', '1.0-101.tis']
  return {
    installed: {
      sysinv: `${versions[host.patchCurrent ? 1 : 0]}@x86_64`,
      'python-horizon': '1.0-12.tis@x86_64',
    },
    to_remove: host.patchFailed ? ['mtce'] : [],
    missing_pkgs: host.patchFailed ? ['fm-api'] : [],
    duplicated_pkgs: host.patchFailed ? { sysinv: { x86_64: versions } } : {},
  }
}

function commitDetails(host: PatchHost, state: RegionState): Record<string, unknown> {
  const applied = state.patches.findLast((patch) => patch.repostate !== 'Available')
  const commit = host.patchCurrent ? (applied?.commit ?? state.baseCommit) : state.baseCommit
  return { latest_sysroot_commit: host.detailed ? commit : null }
}
