import { generation } from '../release.ts'
import { later } from '../ownSteps.ts'
import type { Message } from '../refusal.ts'
import { Broken, Refusal, said } from '../refusal.ts'
import type { Deployment, RegionState, SimRelease } from '../state.ts'
import { compareVersions, majorOf, pythonList, releaseById, runningRelease } from '../versions.ts'
import { parseOptions } from './options.ts'
import type { DeployCall } from './precheck.ts'
import { complaint, examine, existing, isMajor } from './precheck.ts'

const precheckLastsMs = 300_000

/** `POST /v1/deploy/{id}/start` of stx 10 to 12: upwards an update, downwards a removal. */
export function start(state: RegionState, call: DeployCall): Message | Record<string, unknown> {
  refuseSecond(state)
  const release = existing(state, call.release)
  const extended = generation(state.release) >= 11
  const options = extended && call.options ? parseOptions(call.options) : {}
  const checked = state.prechecks.get(release.swVersion)
  const fresh = checked?.healthy === true && call.now - checked.at <= precheckLastsMs
  const skips = (call.forced && !isMajor(state, release)) || (fresh && !(extended && call.options))
  if (!skips) {
    const { healthy, output } = examine(state, release.swVersion, call.forced, call.now)
    if (healthy !== true) return unhealthy(healthy, output, call.release)
  }
  state.prechecks.delete(release.swVersion)
  const running = runningRelease(state)
  if (!running) throw new Broken('no release is deployed')
  const direction = compareVersions(release.swVersion, running.swVersion)
  if (direction > 0) return apply(state, release, running, options)
  if (direction < 0) return remove(state, release, running)
  return said('', 'The software version format for this release is not correct.\n')
}

export function refuseSecond(state: RegionState): void {
  if (!state.deployment) return
  throw new Refusal(
    `There is already a deployment in progress (${state.deployment.state}). ` +
      'Please complete/delete the current deployment.',
  )
}

function unhealthy(healthy: boolean | null, output: string, id: string): Record<string, unknown> {
  const advice = healthy === false ? '\nPlease fix above issues then retry the deploy.\n' : ''
  return {
    ...said(healthy === null ? '' : output, complaint(healthy, output, id) + advice),
    system_healthy: healthy,
  }
}

function apply(
  state: RegionState,
  release: SimRelease,
  running: SimRelease,
  options: Record<string, string>,
): Message {
  const order = applyOrder(state, release)
  const last = order.at(-1)
  if (!last) throw new Broken('nothing to deploy')
  const major = isMajor(state, release)
  for (const each of order) each.state = 'deploying'
  beginDeployment(state, {
    from: running.swVersion,
    to: last.swVersion,
    rebootRequired: order.some((each) => each.rebootRequired),
    commitId: major ? state.baseCommit : null,
    applies: true,
    ...(major ? { options } : {}),
  })
  planStart(state)
  const ids = order.map((each) => each.id)
  // stx 10 names a major release plainly.
  const named = major && generation(state.release) === 10 ? release.id : pythonList(ids)
  return said(`${named}${isStarting}`)
}

export const isStarting =
  " is now starting, await for the states: [deploy-start-done | deploy-start-failed] in 'software deploy show'\n"

/** What the release needs and itself, oldest first, without what is deployed already. */
function applyOrder(state: RegionState, release: SimRelease): SimRelease[] {
  const found = new Set([release])
  for (const each of found) {
    for (const id of each.requires) {
      const required = releaseById(state, id)
      if (required) found.add(required)
    }
  }
  return [...found]
    .filter(
      (each) =>
        majorOf(each.swVersion) === majorOf(release.swVersion) &&
        !['deployed', 'unavailable'].includes(each.state),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** A removal is done when its answer comes. */
function remove(state: RegionState, target: SimRelease, running: SimRelease): Message {
  if (target.state === 'unavailable' && generation(state.release) >= 11) {
    return said('', 'Cannot go back to an unavailable release\n')
  }
  const order = state.releases
    .filter(
      (release) =>
        release.state === 'deployed' &&
        majorOf(release.swVersion) === majorOf(target.swVersion) &&
        compareVersions(release.swVersion, target.swVersion) > 0,
    )
    .sort((a, b) => compareVersions(b.swVersion, a.swVersion))
  const fixed = order.filter((release) => release.unremovable)
  if (fixed.length > 0) return said('', fixed.map(({ id }) => `Release ${id} is not removable\n`).join(''))
  for (const release of order) release.state = 'removing'
  beginDeployment(state, {
    from: running.swVersion,
    to: target.swVersion,
    rebootRequired: order.some((release) => release.rebootRequired),
    commitId: state.baseCommit,
    applies: false,
  })
  return endRemovalStart(state, order.map(({ id }) => `${id} has been removed from the repo\n`).join(''))
}

/** A removal reaches start-done, or start-failed, before its answer. */
export function endRemovalStart(
  state: RegionState,
  info: string,
  wrong = 'Deploy start removing failed',
): Message {
  const fails = state.mishaps.has('start-fails')
  if (state.deployment) state.deployment.state = fails ? 'start-failed' : 'start-done'
  state.inSync = true
  return said(fails ? '' : info, fails ? wrong : '')
}

export function beginDeployment(
  state: RegionState,
  about: Omit<Deployment, 'state' | 'hosts' | 'byRequest'>,
): void {
  state.deployment = {
    ...about,
    state: 'start',
    hosts: state.hostnames.map((hostname) => ({ hostname, state: 'pending' })),
    byRequest: true,
  }
  // The other controller hasn't heard of it yet (recording flow-04-starting-in_sync).
  state.inSync = false
}

/** `start` becomes `start-done` by itself. */
export function planStart(state: RegionState): void {
  const { deployment } = state
  const become = (name: string) => () => {
    if (deployment) deployment.state = name
    state.inSync = true
  }
  const [done, failed] = [become('start-done'), become('start-failed')]
  later(state, { of: 'deployment', take: state.mishaps.has('start-fails') ? failed : done, fail: failed })
}
