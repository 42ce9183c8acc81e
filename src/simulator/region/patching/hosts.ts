import { later } from '../ownSteps.ts'
import type { Message } from '../refusal.ts'
import { said } from '../refusal.ts'
import type { PatchHost, RegionState } from '../state.ts'

/** Whether all that hosts still lack can be taken in service. */
export function allowsInService(state: RegionState): boolean {
  return state.patches.every((patch) => patch.settled || !patch.rebootRequired)
}

/** `host_install_async`: always "sent"; a rejection shows in the host's state only. */
export function install(state: RegionState, name: string, forced: boolean): Message {
  const host = findHost(state, name)
  if (!host) return said('', unknownHost(name))
  if (host.state !== 'installing') {
    if (forced || host.locked || allowsInService(state)) beginInstall(state, host)
    else rejectInstall(state, host)
  }
  return said(`Patch installation request sent to ${host.hostname}.\n`)
}

function beginInstall(state: RegionState, host: PatchHost): void {
  host.state = 'installing'
  const end = (failed: boolean) => () => {
    host.state = failed ? 'install-failed' : 'idle'
    host.patchFailed = failed
    if (failed) return
    Object.assign(host, {
      patchCurrent: true,
      // A locked host reboots when it is unlocked.
      requiresReboot: host.locked && host.requiresReboot,
      interimState: false,
      staleDetails: false,
    })
    if (state.patchHosts.every((each) => each.patchCurrent)) {
      for (const patch of state.patches) patch.settled = true
    }
  }
  const fails = state.mishaps.has('install-fails')
  later(state, { of: 'patching', take: end(fails), fail: end(true) })
}

/** It wears off: after a minute in real life, so ten times as slowly as the rest here. */
function rejectInstall(state: RegionState, host: PatchHost): void {
  host.state = 'install-rejected'
  const { transitionMs } = state.timing
  const wearOff = () => {
    if (host.state === 'install-rejected') host.state = 'idle'
  }
  later(state, { of: 'patching', take: wearOff }, transitionMs === null ? null : transitionMs * 10)
}

/** `drop_host`: gone until its next hello. */
export function drop(state: RegionState, name: string): Message {
  const host = findHost(state, name)
  if (!host) return said('', unknownHost(name))
  state.patchHosts = state.patchHosts.filter((each) => each !== host)
  const back = () => {
    if (!state.patchHosts.includes(host)) state.patchHosts.push(host)
  }
  later(state, { of: 'patching', take: back })
  return said('')
}

function findHost(state: RegionState, name: string): PatchHost | undefined {
  return state.patchHosts.find((host) => host.hostname === name || host.ip === name)
}

function unknownHost(name: string): string {
  return `Unknown host specified: ${name}\n`
}
