import { later } from '../ownSteps.ts'
import { generation, releaseFacts } from '../release.ts'
import type { Message } from '../refusal.ts'
import { Crash, said } from '../refusal.ts'
import type { RegionState, SimPatch } from '../state.ts'
import { patchstateOf } from '../state.ts'
import { doesNotExist, meantBy, patchById } from './order.ts'

/** While a host installs, nothing is applied or removed. */
export const rejected = { error: 'Rejected: One or more nodes are installing patches.' }

export function isInstalling(state: RegionState): boolean {
  return state.patchHosts.some((host) => host.state === 'installing')
}

/** `apply`: into the repository; hosts take it with an install. */
export function apply(state: RegionState, given: readonly string[]): Message {
  const ids = given.includes('--all')
    ? state.patches.filter((patch) => patch.repostate === 'Available').map((patch) => patch.id)
    : given
  if (given.includes('--all') && ids.length === 0) {
    return said('There are no available patches to be applied.\n')
  }
  const unknown = doesNotExist(state, [...new Set(ids)].sort())
  if (unknown !== '') return said('', unknown)
  const order = meantBy(state, ids)
  // Upstream joins None (recording crash-apply-two-independent).
  if (!order) throw new Crash('different software versions')
  if (generation(state.release) >= 7) order.reverse()
  const error = tooOld(state, order) || missing(state, order)
  if (error !== '') return said('', error)
  const lines = order.map((patch) => applyOne(state, patch))
  askHosts(state, order)
  return said(lines.join(''))
}

function tooOld(state: RegionState, patches: readonly SimPatch[]): string {
  const { version } = releaseFacts[state.release]
  return patches
    .filter((patch) => patch.swVersion !== version && patch.activeReleaseOnly === 'Y')
    .map(({ id }) => `${id} cannot be applied in an upgrade\n`)
    .join('')
}

function missing(state: RegionState, patches: readonly SimPatch[]): string {
  const needing = Map.groupBy(
    patches.flatMap((patch) => patch.requires.map((id) => ({ id, by: patch.id }))),
    ({ id }) => id,
  )
  return [...needing]
    .filter(([id]) => !patches.some((patch) => patch.id === id))
    .filter(([id]) => (patchById(state, id)?.repostate ?? 'Available') === 'Available')
    .map(([id, uses]) => requiredBy(id, uses))
    .join('')
}

function requiredBy(id: string, uses: readonly { by: string }[]): string {
  const names = uses.map(({ by }) => by).sort()
  return `${id} is required by: ${names.join(', ')}\n`
}

function applyOne(state: RegionState, patch: SimPatch): string {
  if (patch.repostate !== 'Available') return `${patch.id} is already in the repo\n`
  if (patch.metadata === 'older-release' && generation(state.release) >= 7) {
    return `${patch.id} is an unsupported patch format\n`
  }
  patch.repostate = 'Applied'
  patch.settled = false
  return `${patch.id} is now in the repo\n`
}

/** Hosts are asked anew; until they have answered nobody knows how they stand. */
function askHosts(state: RegionState, patches: readonly SimPatch[]): void {
  const hosts = [...state.patchHosts]
  const changed = patches.filter((patch) => !patch.settled)
  if (changed.length === 0 || hosts.length === 0) return
  for (const host of hosts) {
    Object.assign(host, { interimState: true, staleDetails: true, patchCurrent: false })
    if (changed.some((patch) => patch.rebootRequired)) host.requiresReboot = true
  }
  const answered = () => {
    for (const host of hosts) Object.assign(host, { interimState: false, staleDetails: false })
  }
  later(state, { of: 'patching', take: answered })
}

/** `remove`: out of the repository again. */
export function remove(
  state: RegionState,
  ids: readonly string[],
  asked: { unremovable: boolean; skipAppCheck: boolean },
): Message {
  const unknown = doesNotExist(state, [...new Set(ids)].sort())
  if (unknown !== '') return said('', unknown)
  const order = meantBy(state, ids)
  if (!order) return said('', 'Patch list provided belongs to different software versions.\n')
  const fixed = order.filter((patch) => patch.unremovable)
  const warning = asked.unremovable
    ? fixed.map(({ id }) => `Unremovable patch ${id} being removed\n`).join('')
    : ''
  const error =
    forbidden(order, asked.unremovable) ||
    stillRequired(state, order) ||
    (asked.skipAppCheck ? '' : usedByApplications(state, order))
  if (error !== '') return said('', error, warning)
  const lines = order.map((patch) => removeOne(state, patch))
  askHosts(state, order)
  return said(lines.join(''), '', warning)
}

function forbidden(patches: readonly SimPatch[], unremovable: boolean): string {
  const lines = patches.map((patch) => {
    if (patch.unremovable) return unremovable ? '' : `Patch ${patch.id} is not removable\n`
    return patch.repostate === 'Committed' ? `Patch ${patch.id} is committed and cannot be removed\n` : ''
  })
  return lines.join('')
}

function stillRequired(state: RegionState, patches: readonly SimPatch[]): string {
  const others = state.patches.filter((patch) => !patches.includes(patch) && patch.repostate !== 'Available')
  return patches
    .map(({ id }) => ({ id, uses: others.filter((other) => other.requires.includes(id)) }))
    .filter(({ uses }) => uses.length > 0)
    .map(({ id, uses }) =>
      requiredBy(
        id,
        uses.map((use) => ({ by: use.id })),
      ),
    )
    .join('')
}

function usedByApplications(state: RegionState, patches: readonly SimPatch[]): string {
  return patches
    .map(({ id }) => {
      const applications = Object.entries(state.appDependencies)
      return { id, names: applications.filter(([, ids]) => ids.includes(id)).map(([name]) => name) }
    })
    .filter(({ names }) => names.length > 0)
    .map(({ id, names }) => `${id} is required by application(s): ${names.sort().join(', ')}\n`)
    .join('')
}

function removeOne(state: RegionState, patch: SimPatch): string {
  if (patch.repostate === 'Available') return `${patch.id} is not in the repo\n`
  patch.repostate = 'Available'
  patch.settled = false
  return `${patch.id} has been removed from the repo\n`
}

/** `delete`: all or none, also while hosts install. */
export function deletePatches(state: RegionState, given: readonly string[]): Message {
  const ids = [...new Set(given)].sort()
  const lines = ids.map((id) => {
    const patch = patchById(state, id)
    if (!patch) return `Patch ${id} does not exist\n`
    const free = patch.repostate === 'Available' && ['Available', 'n/a'].includes(patchstateOf(patch, state))
    return free ? '' : `Patch ${id} not in Available state\n`
  })
  if (lines.some((line) => line !== '')) return said('', lines.join(''))
  state.patches = state.patches.filter((patch) => !ids.includes(patch.id))
  return said(ids.map((id) => `${id} has been deleted\n`).join(''))
}
