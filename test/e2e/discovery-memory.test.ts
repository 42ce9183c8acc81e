import { expect, onTestFinished, test } from 'vitest'
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts'
import { createScriptedCentral, json, password, subcloudEntry } from '../support/scripted-central.ts'
import { createScriptedRegion } from '../support/scripted-region.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer } from '../support/tokens.ts'

const fleet = 1_000

/** Collects garbage when it is told to, so that what is left is what is held. */
const collecting = [
  '--expose-gc',
  '--import',
  `data:text/javascript,${encodeURIComponent("process.on('SIGUSR2', () => gc())")}`,
]

/** The least of several measurements: some garbage is only seen to be such when what it hangs on is gone. */
async function heapOf(gateway: GatewayProcess): Promise<number> {
  const measured: number[] = []
  for (let i = 0; i < 5; i++) {
    process.kill(gateway.pid, 'SIGUSR2')
    const used = await gateway.metric('nodejs_heap_size_used_bytes')
    const outside = await gateway.metric('nodejs_external_memory_bytes')
    measured.push((used ?? NaN) + (outside ?? NaN))
  }
  return Math.min(...measured)
}

test('of regions that left hardly anything stays in memory', { timeout: 120_000 }, async () => {
  const central = await createScriptedCentral()
  onTestFinished(() => central.close())
  const site = await createScriptedRegion(({ path }) => {
    if (path.endsWith('/auth/tokens')) {
      const described = { issued_at: '2026-11-21T22:27:53Z', expires_at: '2026-11-21T23:27:53Z', catalog: [] }
      return json(201, { token: described }, [['X-Subject-Token', `token-of-${path}`]])
    }
    if (path.endsWith('/v1')) return json(200, { id: 'v1', release: [], links: [] })
    const [, region] = path.split('/')
    const release = { release_id: `starlingx-of-${region}`, sw_version: '26.3.0', state: 'deployed' }
    return json(200, path.endsWith('/release') ? [release] : [])
  })
  onTestFinished(() => site.close())
  const issuer = await createTokenIssuer()
  onTestFinished(() => issuer.close())
  const source = {
    kind: 'dcmanager',
    url: central.dcmanager.href,
    keystone: central.keystone.href,
    credentials: 'fleet',
    interval: '200ms',
    max_shrink: 1,
    endpoints: { keystone: `${site.url}/{ip}/v3`, usm: `${site.url}/{ip}` },
  }
  const gateway = await startGatewayProcess(
    { password },
    (file) => ({
      auth: { issuers: [issuer.config] },
      credentials: { fleet: { username: 'fleet', password_file: file('password') } },
      discovery: [source],
    }),
    { nodeFlags: collecting },
  )
  onTestFinished(() => gateway.end())
  const headers = { 'x-auth-token': await issuer.sign({ roles: ['operator'] }) }
  const counts = async (): Promise<string> => {
    const answer = await fetch(`${gateway.url}/v1/release`, { headers })
    await answer.text()
    return answer.headers.get('fleet-regions') ?? ''
  }
  /** The heap once these regions, and no others, have answered. */
  const heapWith = async (first: number, count: number): Promise<number> => {
    const newest = { 'software-version': '26.03' }
    central.says.subclouds = {
      subclouds: Array.from({ length: count }, (_, i) => subcloudEntry(first + i, newest)),
    }
    await until(async () => (await gateway.metric(`stx_region_up{region_name="${nameOf(first)}"}`)) === 1)
    await until(async () => (await counts()).startsWith(`total=${count}, fresh=${count},`))
    return heapOf(gateway)
  }

  // The first round warms up: code and pools that are kept are no growth.
  const least = await heapWith(1, 1)
  const weight = (await heapWith(fleet, fleet)) - least
  const before = await heapWith(1, 1)
  for (const round of [2, 3, 4, 5]) await heapWith(round * fleet, fleet)
  const after = await heapWith(2, 1)
  expect(weight).toBeGreaterThan(0)
  // Four rounds came and went. The log of changes keeps a few words of each region, for a while.
  expect((after - before) / weight).toBeLessThan(0.5)
})

const nameOf = (n: number): string => `${n}`.padStart(32, '0')
