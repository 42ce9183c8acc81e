import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createSimulator } from '../src/simulator/simulator.ts'
import { startGatewayProcess } from '../test/support/gateway-process.ts'
import { createTokenIssuer } from '../test/support/tokens.ts'

// For docs/sizing.md: `npm exec -- node bench/sizing.ts REGIONS [SECONDS] [cloud]`. One gateway as it is published, with
// its defaults, over the demo's regions; or over those of a cloud, which it finds at dcmanager and logs in to, with TLS
// and lists of a real region's size. While it is measured, a NOC asks.

const [, , regions = '100', seconds = '120', kind] = process.argv
const MiB = 2 ** 20
const staged = join(import.meta.dirname, '../build/package')
execFileSync(process.execPath, [join(import.meta.dirname, '../.ci/release/stage.ts'), staged])

const password = 'of every simulated Keystone'
const fleet = { regions: Number(regions) }
const simulator = await createSimulator(
  kind === 'cloud'
    ? {
        fleet: { ...fleet, size: { releases: 20, packages: 40, hosts: 4 } },
        keystone: { user: 'fleet', password },
        dcmanager: true,
        tls: true,
      }
    : { profile: 'noc', fleet },
)
const issuer = await createTokenIssuer()
const { dcmanager, keystone, ca_file } = simulator.cloud.view()
const gateway = await startGatewayProcess(
  { password },
  (file) => ({
    auth: { issuers: [issuer.config] },
    ...(kind === 'cloud'
      ? {
          discovery: [{ kind: 'dcmanager', url: dcmanager, keystone, credentials: 'fleet' }],
          credentials: { fleet: { username: 'fleet', password_file: file('password') } },
          upstream: { ca_file },
        }
      : {
          regions: simulator.regions().map(({ region_name, subcloud_name, labels, endpoints }) => ({
            region_name,
            subcloud_name,
            labels,
            ...endpoints,
          })),
        }),
  }),
  { main: join(staged, 'dist/main.js') },
)
const started = performance.now()
while ((await fetch(`${gateway.adminUrl}/readyz`)).status !== 200) await setTimeout(500)
const ready = (performance.now() - started) / 1000

// Without a coding, as a body's length is what went over the wire.
const headers = { 'accept-encoding': 'identity', 'x-auth-token': await issuer.sign({ roles: ['reader'] }) }
let asked = 0
const before = { ...usage(), at: performance.now() }
while (performance.now() - before.at < Number(seconds) * 1000) {
  for (const path of ['/v1/release', '/v1/query_hosts', '/v1/deploy']) {
    asked += (await (await fetch(gateway.url + path, { headers })).arrayBuffer()).byteLength
  }
  asked += (await (await fetch(`${gateway.adminUrl}/metrics`, { headers })).arrayBuffer()).byteLength
  await setTimeout(10_000)
}
const { headers: told } = await fetch(`${gateway.url}/v1/release`, { headers })
const after = { ...usage(), at: performance.now() }
const wall = (after.at - before.at) / 1000
process.stdout.write(
  [
    `regions ${regions} (${told.get('fleet-regions')})`,
    `ready after ${ready.toFixed(1)} s`,
    `memory ${(after.memory / MiB).toFixed(0)} MiB, at most ${(after.most / MiB).toFixed(0)} MiB`,
    `CPU ${(((after.cpu - before.cpu) / wall) * 100).toFixed(1)} % of a core`,
    `regions' wire ${((after.wire - before.wire - asked) / wall / 1000).toFixed(0)} kB/s`,
    `callers' wire ${(asked / wall / 1000).toFixed(0)} kB/s`,
  ].join(', ') + '\n',
)
await gateway.end()
await simulator.close()
await issuer.close()

/** CPU in seconds, memory in bytes, and bytes read and written: by far the most of them from and to sockets. */
function usage(): Readonly<Record<'cpu' | 'memory' | 'most' | 'wire', number>> {
  const about = (name: string): string => readFileSync(`/proc/${gateway.pid}/${name}`, 'utf8')
  const stat = about('stat')
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number)
  const number = (text: string, key: string): number =>
    Number(new RegExp(`${key}:\\s+(\\d+)`).exec(text)?.[1])
  const [status, io] = [about('status'), about('io')]
  return {
    cpu: (user + system) / 100,
    memory: number(status, 'VmRSS') * 1024,
    most: number(status, 'VmHWM') * 1024,
    wire: number(io, 'rchar') + number(io, 'wchar'),
  }
}
