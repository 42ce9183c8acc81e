import { generation } from '../release.ts'
import { later } from '../ownSteps.ts'
import type { Message } from '../refusal.ts'
import { Broken, Refusal, said } from '../refusal.ts'
import type { DeployHost, Deployment, RegionState } from '../state.ts'
import { majorOf } from '../versions.ts'

/**
 * `POST /v1/deploy_host/{host}[/rollback]`: the answer comes when the agent is done, and nothing else is
 * answered on its port meanwhile (usm.md §3).
 */
export async function deployHost(state: RegionState, hostname: string, rollback: boolean): Promise<Message> {
  const { deployment } = state
  // Upstream formats the state of no deployment.
  if (!deployment) throw new Broken('no deployment')
  requireReady(deployment, rollback)
  const host = deployment.hosts.find((candidate) => candidate.hostname === hostname)
  if (!host) throw new Refusal(unknownHost(state, hostname))
  if (state.mishaps.has('agent-dead')) {
    throw new Refusal(
      `Agent is unreachable, please check if ${hostname} is online and software-agent process is running\n`,
    )
  }
  const disorder = wrongTurn(deployment, hostname, rollback)
  if (disorder !== undefined) throw new Refusal(disorder)
  if (deployment.rebootRequired && state.mishaps.has('host-unlocked')) {
    throw new Refusal(`Host ${hostname} must be locked.`)
  }
  deployment.state = rollback ? 'host-rollback' : 'host'
  host.state = rollback ? 'rollback-deploying' : 'deploying'
  state.inSync = true
  const failed = await agentFails(state, deployment, host, rollback)
  const sent = isMajorDeployment(deployment)
    ? `Running major release deployment, major_release=${majorOf(deployment.to)}, force=False, ` +
      `async_req=False, commit_id=${String(deployment.commitId)}\n`
    : `Host deployment request sent to ${hostname}.\n`
  if (!failed) return said(`${sent}Host deployment was successful on ${hostname}.\n`)
  const error = `Host deployment failed on ${hostname}.\n`
  if (generation(state.release) >= 12) throw new Refusal(error)
  return said(sent, error)
}

function requireReady(deployment: Deployment, rollback: boolean): void {
  const allowed = rollback
    ? ['activate-rollback-done', 'host-rollback', 'host-rollback-failed']
    : ['start-done', 'host', 'host-failed']
  if (allowed.includes(deployment.state)) return
  const what = rollback ? 'rollback' : 'deploy'
  throw new Refusal(`Current deployment (${deployment.state}) is not ready to ${what} host`)
}

/** stx 10 says it in other words (recordings flow-10-host-unknown). */
function unknownHost(state: RegionState, hostname: string): string {
  return generation(state.release) >= 11
    ? `Host ${hostname} can not be found`
    : `Host ${hostname} not found\n`
}

/** Resolves when the agent has answered. */
function agentFails(
  state: RegionState,
  deployment: Deployment,
  host: DeployHost,
  rollback: boolean,
): Promise<boolean> {
  const prefix = rollback ? 'rollback-' : ''
  return new Promise((resolve) => {
    const end = (failed: boolean) => () => {
      host.state = `${prefix}${failed ? 'failed' : 'deployed'}`
      settleHosts(deployment)
      resolve(failed)
    }
    const fails = state.mishaps.has(rollback ? 'rollback-fails' : 'host-fails')
    later(state, { of: 'deployment', take: end(fails), fail: end(true) }, state.timing.hostMs)
  })
}

/** The deployment's state follows from its hosts' (deploy_state.py, host_deploy_updated). */
export function settleHosts(deployment: Deployment): void {
  if (!/^host(-failed|-rollback|-rollback-failed)?$/.test(deployment.state)) return
  const back = deployment.state.includes('rollback')
  const states = deployment.hosts.map((host) => host.state ?? '')
  const all = (word: string) => states.every((state) => state === word)
  const name = back ? 'host-rollback' : 'host'
  if (states.some((state) => state.endsWith('failed'))) deployment.state = `${name}-failed`
  else if (all('deployed') || all('rollback-deployed')) deployment.state = `${name}-done`
  else deployment.state = name
}

/** Whether it is this host's turn (`GET /v1/deploy_host/next`). */
export function isNext(state: RegionState, hostname: string | undefined): boolean {
  const { deployment } = state
  if (!deployment || hostname === undefined) return false
  return wrongTurn(deployment, hostname, /rollback/.test(deployment.state)) === undefined
}

/** Controllers before storages before workers; a patch takes controllers as they come. */
function wrongTurn(deployment: Deployment, hostname: string, rollback: boolean): string | undefined {
  const names = deployment.hosts.map((host) => host.hostname)
  // A simplex has no order.
  if (names.length === 1) return names[0] === hostname ? undefined : `${hostname} is not part of it`
  const order = names.toSorted((a, b) => rank(a) - rank(b))
  const major = isMajorDeployment(deployment)
  if (major && rollback) order.reverse()
  const done = (name: string) =>
    /^(rollback-)?deployed$/.test(deployment.hosts.find((host) => host.hostname === name)?.state ?? '')
  const first = order.find((name) => !done(name))
  if (first === undefined) return 'All hosts are already in deployed state.'
  if (hostname === first) return undefined
  const alike = (rank(first) < 2 && rank(hostname) < 2 && !major) || (rank(first) > 2 && rank(hostname) > 2)
  return alike ? undefined : `${hostname} does not satisfy the right order of deployment should be ${first}`
}

function rank(hostname: string): number {
  if (hostname === 'controller-1') return 0
  if (hostname === 'controller-0') return 1
  return hostname.startsWith('storage') ? 2 : 3
}

function isMajorDeployment(deployment: Deployment): boolean {
  return majorOf(deployment.from) !== majorOf(deployment.to)
}
