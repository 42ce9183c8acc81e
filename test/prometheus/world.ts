import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts'
import type { TruthView } from '../../src/simulator/views.ts'
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts'
import { startPrometheus, type Prometheus } from '../support/prometheus.ts'
import { listedRegions, until } from '../support/simulated-fleet.ts'
import { createTokenIssuer } from '../support/tokens.ts'

/** How many regions the larger fleet has. */
export const total = 1_000
/** ms between two asks of the same thing, in both fleets: what is older than twice that is not fresh. */
export const interval = 10_000

/** Simulated regions, and a gateway over them as a process of its own. */
interface Fleet {
  readonly simulator: Simulator
  readonly gateway: GatewayProcess
  readonly ask: (method: string, target: string) => Promise<Response>
  /** A reader's. */
  readonly token: string
  readonly close: () => Promise<void>
}

/**
 * Two fleets of which one Prometheus learns, as the instances `large` and `small`; and `east`, which is one group of the large
 * one, scraped with a token where callers ask.
 */
export interface World {
  readonly prometheus: Prometheus
  /** A thousand regions of all releases, over plain HTTP. */
  readonly large: Fleet
  /** A dozen discovered regions, with logins and TLS. */
  readonly small: Fleet
  readonly close: () => Promise<void>
}

/** Resolves when both gateways hold all that there is, and Prometheus has scraped it for a while. */
export async function createWorld(): Promise<World> {
  const [large, small] = await Promise.all([startLarge(), startSmall()])
  await until(async () => (await holdsAll(large)) && (await holdsAll(small)))
  /** Callers, a write, and one who is refused. */
  const ask = async (): Promise<void> => {
    await large.ask('DELETE', '/v1/release/starlingx-0.0.0?region_name=RegionOne')
    for (const target of ['/v1/release?group=east', '/v1/nothing']) await large.ask('GET', target)
  }
  await ask()
  const address = ({ gateway }: Fleet): string => new URL(gateway.adminUrl).host
  const prometheus = await startPrometheus([
    { address: address(large), labels: { instance: 'large' } },
    { address: address(small), labels: { instance: 'small' } },
    {
      address: new URL(large.gateway.url).host,
      token: large.token,
      params: { group: ['east'] },
      labels: { instance: 'east' },
    },
  ])
  // What is counted from one scrape to the next has a rate.
  await until(async () => (await prometheus.query('stx_writes_total')).length > 0)
  await ask()
  await until(async () => (await prometheus.query('count(sum_over_time(up[1m]) > 7) == 3')).length === 1)
  return {
    prometheus,
    large,
    small,
    async close() {
      await prometheus.close()
      await Promise.all([large.close(), small.close()])
    },
  }
}

async function startFleet(
  options: SimulatorOptions,
  files: Readonly<Record<string, string>>,
  config: (simulator: Simulator, file: (name: string) => string) => object,
  prepare: (simulator: Simulator) => void = () => undefined,
): Promise<Fleet> {
  const simulator = await createSimulator({ profile: 'plain', transitionMs: null, ...options })
  prepare(simulator)
  const issuer = await createTokenIssuer()
  const gateway = await startGatewayProcess(files, (file) => ({
    auth: { issuers: [issuer.config] },
    audit: { file: '/dev/null' },
    refresh: { interval: `${interval}ms` },
    ...config(simulator, file),
  }))
  const headers = { 'x-auth-token': await issuer.sign({ roles: ['admin'] }) }
  return {
    simulator,
    gateway,
    token: await issuer.sign({ roles: ['reader'] }),
    ask: (method, target) => fetch(gateway.url + target, { method, headers }),
    async close() {
      await gateway.end()
      await simulator.close()
      await issuer.close()
    },
  }
}

function startLarge(): Promise<Fleet> {
  const mix = { 6: 1, 8: 2, 9: 1, 10: 2, 11: 2, 12: 2, master: 1 }
  return startFleet(
    { seed: 11, fleet: { regions: total, dark: 0.03, latency: [0, 2], mix, mode: 'mixed' } },
    {},
    (simulator) => ({
      regions: listedRegions(simulator),
      upstream: { connect_timeout: '1s', first_byte_timeout: '2s', read_timeout: '4s' },
      baseline: { region_name: 'RegionOne' },
      metrics: { region_labels: ['site', 'group'] },
    }),
    trouble,
  )
}

/** Deployments in every state, and hosts that lag behind or failed. */
function trouble(simulator: Simulator): void {
  const lit = simulator.truth().filter(isLit)
  const states = ['start', 'host', 'host-failed', 'activate', 'completed']
  const deploying = lit.filter(speaksUsm).filter((_, n) => n % 20 === 3)
  for (const [i, { region_name }] of deploying.entries()) {
    simulator.change(region_name, { deployment: { state: states[i % states.length] ?? 'start' } })
  }
  const behind = lit.filter(hasAgents).filter((_, n) => n % 10 === 1)
  for (const [i, { region_name }] of behind.entries()) {
    const host = { hostname: 'controller-0', patch_current: false }
    simulator.change(region_name, {
      host: { ...host, patch_failed: i % 3 === 0, requires_reboot: i % 2 === 0 },
    })
  }
}

function startSmall(): Promise<Fleet> {
  const password = 'the password of the small fleet'
  return startFleet(
    {
      seed: 5,
      fleet: { regions: 12, latency: [0, 0], mix: { 8: 1, 10: 1, 12: 1 } },
      keystone: { user: 'fleet', password, passwordExpiresAt: '2099-01-01T00:00:00Z' },
      dcmanager: true,
      tls: true,
    },
    { password },
    (simulator, file) => {
      const { dcmanager: url, keystone, ca_file } = simulator.cloud.view()
      return {
        credentials: { fleet: { username: 'fleet', password_file: file('password') } },
        discovery: [{ kind: 'dcmanager', url, keystone, credentials: 'fleet', interval: '1s' }],
        upstream: { ca_file },
      }
    },
  )
}

/** Whether all is held that regions which answer have to tell. */
async function holdsAll({ simulator, gateway }: Fleet): Promise<boolean> {
  const regions = simulator.truth().filter(isLit).length
  const resources = ['release', 'deploy', 'deploy_host', 'query', 'query_hosts']
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  const count = (resource: string, status: string): number =>
    Number(
      new RegExp(`^stx_fleet_regions{resource="${resource}",status="${status}"} (\\d+)`, 'm').exec(
        metrics,
      )?.[1],
    )
  return resources.every((each) => count(each, 'fresh') + count(each, 'unsupported') === regions)
}

/** Nothing is wrong with it. */
export function isLit({ faults }: TruthView): boolean {
  return Object.keys(faults).length === 0
}

/** It has releases and deployments. */
export function speaksUsm({ release }: TruthView): boolean {
  return !['6', '7', '8'].includes(release)
}

/** Its hosts report to Patching; stx 10 and 11 may still run it, but nothing reports to it. */
export function hasAgents({ release }: TruthView): boolean {
  return ['6', '7', '8', '9'].includes(release)
}

/** No deployment is under way, and every host runs what it should. */
export function isCurrent({ deployment, hosts }: TruthView): boolean {
  const moving = deployment !== null && deployment.state !== 'completed'
  return !moving && hosts.every(({ patch_current }) => patch_current)
}
