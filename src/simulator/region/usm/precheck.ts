import { generation, releaseFacts } from '../release.ts'
import { Refusal } from '../refusal.ts'
import type { RegionState, SimRelease } from '../state.ts'
import { compareVersions, majorOf, releaseById, runningRelease } from '../versions.ts'
import { parseOptions } from './options.ts'

/** What a precheck's script found; null: it broke. */
export interface Health {
  readonly healthy: boolean | null
  readonly output: string
}

const lines = [
  'System Health:',
  'All hosts are provisioned: [OK]',
  'All hosts are unlocked/enabled: [OK]',
  'All hosts have current configurations: [OK]',
  'All hosts are patch current: [OK]',
]
const last = 'Required patches are applied: [OK]'
const alarm =
  '[1] alarms found, [0] of which are management affecting and [0] are certificate expiration alarms. ' +
  'Use "fm alarm-list" for details'

/** A forced precheck passes over minor alarms. */
export function examine(state: RegionState, version: string, forced: boolean, now: number): Health {
  const ill = state.mishaps.has('unhealthy') && !forced
  const healthy = state.mishaps.has('precheck-crashes') ? null : !ill
  state.prechecks.set(version, { healthy: healthy === true, at: now })
  const alarms = ill ? ['No alarms: [Fail]', alarm] : ['No alarms: [OK]']
  return { healthy, output: [...lines, ...alarms, last, ''].join('\n') }
}

export interface DeployCall {
  readonly release: string
  /** `force` counts wherever it is named, whatever its value. */
  readonly forced: boolean
  /** stx 11 and later; before, it is dropped. */
  readonly options?: unknown
  readonly now: number
}

/** `POST /v1/deploy/{id}/precheck` of stx 10 to 12 (recordings precheck-*). */
export function precheck(state: RegionState, call: DeployCall): Record<string, unknown> {
  const release = existing(state, call.release)
  const extended = generation(state.release) >= 11
  if (extended && call.options) parseOptions(call.options)
  const { healthy, output } = examine(state, release.swVersion, call.forced, call.now)
  return {
    info: healthy === null ? '' : output,
    warning: '',
    error: complaint(healthy, output, call.release),
    system_healthy: healthy,
    ...(extended ? additionalInfo(state, release) : {}),
  }
}

export function complaint(healthy: boolean | null, output: string, release: string): string {
  if (healthy === true) return ''
  return healthy === null
    ? `Fail to perform deploy precheck. Internal error has occurred.\n${output}`
    : `The following issues have been detected, which prevent deploying ${release}\n${output}`
}

/** What stx 11 says of a release beside its precheck. */
export function additionalInfo(state: RegionState, release: SimRelease): Record<string, unknown> {
  const running = runningRelease(state)?.swVersion ?? '0'
  return {
    major_release: isMajor(state, release),
    reboot_required: release.rebootRequired,
    prepatched_iso: false,
    apply_operation: compareVersions(release.swVersion, running) > 0,
  }
}

export function isMajor(state: RegionState, release: SimRelease): boolean {
  return majorOf(release.swVersion) !== releaseFacts[state.release].version
}

export function existing(state: RegionState, id: string): SimRelease {
  const release = releaseById(state, id)
  if (release) return release
  throw new Refusal(
    `Software release version corresponding to the specified release ${id} does not exist. ` +
      'Try deleting and re-uploading the software for recovery.',
  )
}
