import { later } from '../ownSteps.ts'
import type { Message } from '../refusal.ts'
import { Refusal, said } from '../refusal.ts'
import type { Deployment, RegionState } from '../state.ts'
import { majorOf } from '../versions.ts'
import { settleHosts } from './deployHost.ts'

/** `POST /v1/deploy/activate`. */
export function activate(state: RegionState): Message {
  const deployment = require(state, activateNeeds, ['host-done', 'activate-failed'])
  if (state.mishaps.has('hosts-locked')) throw new Refusal(hostsMustBeUnlocked)
  const waiting = deployment.hosts.filter((host) => host.state !== 'deployed')
  if (waiting.length > 0) {
    const listed = waiting.map((host) => `${host.hostname}: ${host.state}\n`).join('')
    throw new Refusal(`All hosts must have completed deployment before activating the deployment${listed}`)
  }
  deployment.state = 'activate'
  planEnd(state, deployment, 'activate', state.mishaps.has('activate-fails'))
  return said('Deploy activate has started')
}

const activateNeeds = 'Activate deployment only when current deployment state is host-done, activate-failed'
const hostsMustBeUnlocked = 'Hosts must be unlocked and online.'

/** `POST /v1/deploy/complete`; that a host isn't deployed stands in `info` (406-text-in-info-error-empty). */
export function complete(state: RegionState): Message {
  const needs = 'Deploy must be in activate-done state to be able to complete.'
  const deployment = require(state, needs, ['activate-done'])
  if (deployment.hosts.some((host) => host.state !== 'deployed')) {
    throw new Refusal('', 'Complete not allowed because there are hosts not in deployed state.')
  }
  deployment.state = 'completed'
  return said('Deployment has been completed\n')
}

const abortable = [
  'activate',
  'activate-done',
  'activate-failed',
  'completed',
  'host',
  'host-done',
  'host-failed',
]

/** `POST /v1/deploy/abort`: from and to change places, and whatever was touched is to be rolled back. */
export function abort(state: RegionState): Message {
  const needs = `Deploy must be in the following states to be able to abort: ${abortable.join(', ')}`
  const deployment = require(state, needs, abortable)
  if (state.releases.some((release) => release.state === 'removing')) {
    throw new Refusal('', 'Abort operation is not supported in patch removal')
  }
  if (deployment.state === 'activate') {
    throw new Refusal('Can not transform deploy to host-rollback from activate')
  }
  const activated = /^(activate|completed)/.test(deployment.state)
  Object.assign(deployment, {
    from: deployment.to,
    to: deployment.from,
    applies: false,
    commitId: state.baseCommit,
    state: activated ? 'activate-rollback-pending' : 'host-rollback',
  })
  for (const host of deployment.hosts) {
    host.state = host.state === 'pending' ? 'rollback-deployed' : 'rollback-pending'
  }
  settleHosts(deployment)
  state.inSync = true
  return said('Deployment has been aborted\n')
}

/** `POST /v1/deploy/activate_rollback`: a patch has nothing to roll back and is done at once. */
export function activateRollback(state: RegionState): Message {
  const allowed = ['activate-rollback-pending', 'activate-rollback-failed']
  const needs = `Activate-rollback deployment only when current deployment state is ${allowed.join(', ')}`
  const deployment = require(state, needs, allowed)
  deployment.state = 'activate-rollback'
  const major = majorOf(deployment.from) !== majorOf(deployment.to)
  if (major) planEnd(state, deployment, 'activate-rollback', state.mishaps.has('rollback-fails'))
  else deployment.state = 'activate-rollback-done'
  return said('Deploy activate-rollback has started')
}

const deletable = ['host-rollback-done', 'completed', 'start-done', 'start-failed']

/** `DELETE /v1/deploy`: what was deployed counts from here on, what was rolled back is available again. */
export function deleteDeployment(state: RegionState): Message {
  const needs = `Deploy must be in the following states to be able to delete: ${deletable.join(', ')}`
  const deployment = require(state, needs, deletable)
  const early = deployment.state.startsWith('start')
  if (!early && state.mishaps.has('hosts-locked')) throw new Refusal(hostsMustBeUnlocked)
  const removes = state.releases.some((release) => release.state === 'removing')
  if (early && removes) throw new Refusal('', 'Delete is not supported while removing a release')
  const done = deployment.state === 'completed'
  const major = majorOf(deployment.from) !== majorOf(deployment.to)
  for (const release of state.releases) {
    if (release.state === 'removing') release.state = 'available'
    else if (release.state === 'deploying') release.state = done ? 'deployed' : 'available'
    else if (done && major && majorOf(release.swVersion) === majorOf(deployment.from)) {
      release.state = 'unavailable'
    }
  }
  state.deployment = null
  // The other controller hears of it late (recording flow-22-after-in_sync).
  state.inSync = false
  later(state, { of: 'peer', take: () => (state.inSync = state.inSync || !state.deployment) })
  return said('Deploy deleted with success')
}

/** The state with its own end: `-done`, or `-failed`. */
function planEnd(state: RegionState, deployment: Deployment, name: string, fails: boolean): void {
  const become = (end: string) => () => {
    deployment.state = `${name}-${end}`
  }
  later(state, {
    of: 'deployment',
    take: become(fails ? 'failed' : 'done'),
    fail: become('failed'),
  })
}

function require(state: RegionState, needs: string, allowed: readonly string[]): Deployment {
  const { deployment } = state
  if (!deployment || !allowed.includes(deployment.state)) throw new Refusal(needs)
  return deployment
}
