import { generation } from './release.ts'
import { dropSteps, hasten } from './ownSteps.ts'
import type { Deployment, RegionState } from './state.ts'
import { runningRelease } from './versions.ts'

/** What may be asked of a region's deployment. */
export type DeploymentStep = 'start' | 'advance' | 'fail' | 'abort' | 'delete'

/** The way of a deployment that goes well; `host` is passed once per host. */
const forward: Readonly<Record<string, string>> = {
  start: 'start-done',
  'start-done': 'host',
  host: 'host-done',
  'host-done': 'activate',
  activate: 'activate-done',
  'activate-done': 'completed',
  'host-failed': 'host',
  'activate-failed': 'activate',
  'activate-rollback-pending': 'activate-rollback',
  'activate-rollback': 'activate-rollback-done',
  'activate-rollback-done': 'host-rollback',
  'activate-rollback-failed': 'activate-rollback',
  'host-rollback': 'host-rollback-done',
  'host-rollback-failed': 'host-rollback',
}

const failing: Readonly<Record<string, string>> = {
  start: 'start-failed',
  host: 'host-failed',
  'host-done': 'host-failed',
  activate: 'activate-failed',
  'host-rollback': 'host-rollback-failed',
  'activate-rollback': 'activate-rollback-failed',
}

/** Takes one step; throws a sentence when the step isn't possible. */
export function stepDeployment(state: RegionState, step: DeploymentStep, commit: string, to?: string): void {
  // What a request set going ends as that request wants it.
  if (step === 'advance' && hasten(state, 'deployment')) return
  if (step === 'fail' && hasten(state, 'deployment', 'fail')) return
  if (step === 'start') startDeployment(state, commit, to)
  else if (step === 'advance') advanceDeployment(state)
  else if (step === 'fail') failDeployment(state)
  else if (step === 'abort') abortDeployment(state)
  else deleteDeployment(state)
}

function startDeployment(state: RegionState, commit: string, to: string | undefined): void {
  if (state.deployment) throw new Error(`a deployment is in progress (${state.deployment.state})`)
  const running = runningRelease(state)
  const target = to
    ? state.releases.find((release) => release.id === to || release.swVersion === to)
    : state.releases.find((release) => release.state === 'available')
  if (!running || !target) throw new Error(`no release to deploy${to ? `: ${to}` : ''}`)
  const applies = target.state === 'available'
  const removing = generation(state.release) >= 99 && !applies
  state.deployment = {
    from: running.swVersion,
    to: target.swVersion,
    state: 'start',
    rebootRequired: applies ? target.rebootRequired : running.rebootRequired,
    commitId: removing ? [commit] : null,
    applies,
    hosts: state.hostnames.map((hostname) => ({ hostname, state: null })),
  }
  if (applies) target.state = 'deploying'
  else running.state = 'removing'
}

function advanceDeployment(state: RegionState): void {
  const deployment = needDeployment(state)
  const next = forward[deployment.state]
  if (deployment.state === 'completed' || !next) throw new Error(`nothing follows ${deployment.state}`)
  if (deployment.state === 'host' && deployNextHost(deployment)) return
  setDeploymentState(state, next)
}

/** One host further: deploying becomes deployed, then the next pending one starts. */
function deployNextHost(deployment: Deployment): boolean {
  const busy = deployment.hosts.find((host) => host.state === 'deploying' || host.state === 'failed')
  if (busy) busy.state = 'deployed'
  const next = deployment.hosts.find((host) => host.state === 'pending')
  if (next) next.state = 'deploying'
  return next !== undefined
}

function failDeployment(state: RegionState): void {
  const deployment = needDeployment(state)
  const failed = failing[deployment.state]
  if (!failed) throw new Error(`${deployment.state} cannot fail`)
  setDeploymentState(state, failed)
}

/** From and to change places (recording abort-02-deploy). */
function abortDeployment(state: RegionState): void {
  const deployment = needDeployment(state)
  const activated = deployment.state.startsWith('activate') || deployment.state === 'completed'
  const before = { from: deployment.from, to: deployment.to }
  deployment.from = before.to
  deployment.to = before.from
  deployment.applies = false
  setDeploymentState(state, activated ? 'activate-rollback-pending' : 'host-rollback')
}

function deleteDeployment(state: RegionState): void {
  const deployment = needDeployment(state)
  dropSteps(state, 'deployment')
  const done = deployment.state === 'completed'
  for (const release of state.releases) {
    if (release.state === 'deploying') release.state = done ? 'deployed' : 'available'
    if (release.state === 'removing') release.state = done ? 'available' : 'deployed'
  }
  state.deployment = null
}

/** Puts a deployment into any state, its hosts as they are in that state. */
export function setDeploymentState(state: RegionState, name: string): void {
  const deployment = needDeployment(state)
  dropSteps(state, 'deployment')
  deployment.state = name
  for (const [i, host] of deployment.hosts.entries()) host.state = hostStateIn(name, i)
}

function hostStateIn(deployState: string, index: number): string | null {
  switch (deployState) {
    case 'start':
      return null
    case 'start-done':
    case 'start-failed':
      return 'pending'
    case 'host':
      return index === 0 ? 'deploying' : 'pending'
    case 'host-failed':
      return index === 0 ? 'failed' : 'pending'
    case 'host-rollback':
      return index === 0 ? 'rollback-deploying' : 'rollback-pending'
    case 'host-rollback-failed':
      return index === 0 ? 'rollback-failed' : 'rollback-pending'
    case 'host-rollback-done':
      return 'rollback-deployed'
    default:
      return deployState.startsWith('activate-rollback') ? 'rollback-pending' : 'deployed'
  }
}

function needDeployment(state: RegionState): Deployment {
  if (!state.deployment) throw new Error('no deployment in progress')
  return state.deployment
}
