import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts'
import { planOf } from '../simulator/oneRegion.ts'
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer } from '../support/tokens.ts'

// A simulated system controller with its subclouds, and the gateway as a process of its own that finds them there.

const open: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

const password = 'the password of the whole fleet'
const byPlainHttp = {
  keystone: 'http://{ip}:5000/v3',
  usm: 'http://{ip}:5497',
  patching: 'http://{ip}:5491',
}

interface World {
  readonly simulator: Simulator
  readonly gateway: GatewayProcess
  /** The configuration it began with, and more. */
  readonly configure: (more: object) => Promise<void>
  /** As an operator. */
  readonly ask: (target: string) => Promise<Answer>
}
interface Answer {
  readonly status: number
  readonly counts: string
  readonly text: string
}

async function discoverFleet(
  options: SimulatorOptions,
  source: object,
  more: (simulator: Simulator) => object = () => ({}),
): Promise<World> {
  const keystone = { user: 'fleet', password, passwordExpiresAt: '2099-01-01T00:00:00Z' }
  const simulator = await createSimulator({ dcmanager: true, keystone, ...options })
  open.push(() => simulator.close())
  const issuer = await createTokenIssuer()
  open.push(() => issuer.close())
  const { dcmanager: url, keystone: at } = simulator.cloud.view()
  const configuration = (file: (name: string) => string, later: object = {}): object => ({
    auth: { issuers: [issuer.config] },
    credentials: { fleet: { username: 'fleet', password_file: file('password') } },
    discovery: [{ kind: 'dcmanager', url, keystone: at, credentials: 'fleet', interval: '1s', ...source }],
    log: { level: 'debug' },
    ...more(simulator),
    ...later,
  })
  const gateway = await startGatewayProcess({ password: `${password}\n` }, configuration)
  open.push(() => gateway.end())
  const headers = { 'x-auth-token': await issuer.sign({ roles: ['operator'] }) }
  const ask = async (target: string): Promise<Answer> => {
    const answer = await fetch(gateway.url + target, { headers })
    const counts = answer.headers.get('fleet-regions') ?? ''
    return { status: answer.status, counts, text: await answer.text() }
  }
  const all = simulator.regions().length
  const whole = new RegExp(`^total=${all},.* stale=0, failed=0`)
  await until(async () => whole.test((await ask('/v1/release')).counts))
  const configure = (later: object) => gateway.configure(configuration(gateway.file, later))
  return { simulator, gateway, ask, configure }
}

interface Release {
  readonly region_name: string
  readonly release_id: string
}

test(
  'a thousand regions: some leave, some are renamed, some move, while reads go on',
  { timeout: 120_000 },
  async () => {
    const fleet = { regions: 1_001, mode: 'front', latency: [0, 0] } as const
    const size = { releases: 1, packages: 0, hosts: 1 }
    const { simulator, gateway, ask } = await discoverFleet(
      { profile: 'plain', fleet: { ...fleet, size } },
      { endpoints: byPlainHttp },
      () => ({ refresh: { interval: '10s' } }),
    )
    // Each region has a release that no other one has.
    const [, ...subclouds] = simulator.regions()
    const markOf = new Map(
      subclouds.map(({ region_name }, i) => [region_name, `starlingx-26.3.${1_000 + i}`]),
    )
    for (const [name, id] of markOf) {
      simulator.change(name, { add_release: { id, sw_version: id.slice(10), state: 'available' } })
    }
    const ownMarks = new Set(markOf.values())
    const markedWrongly = (text: string): Release[] =>
      (JSON.parse(text) as Release[]).filter(
        ({ region_name, release_id }) => ownMarks.has(release_id) && markOf.get(region_name) !== release_id,
      )
    await until(async () => JSON.parse((await ask('/v1/release?max_age=0')).text).length >= 2_000)

    const names = subclouds.map(({ region_name }) => region_name)
    const [leaving, renamed, moving] = [names.slice(0, 100), names.slice(100, 200), names.slice(200, 300)]
    const troubled = new Set([...leaving, ...moving])
    const untroubled = names.filter((name) => !troubled.has(name))
    const oldHosts = subclouds
      .filter(({ region_name }) => troubled.has(region_name))
      .map(({ endpoints }) => new URL(endpoints.usm ?? '').hostname)

    const wrong: unknown[] = []
    let reads = 0
    /** One read of the whole fleet, or of one region that is where it was all the time. */
    const read = async (turn: number): Promise<void> => {
      const name = untroubled[(turn * 37) % untroubled.length] ?? ''
      if (turn % 2 === 0) {
        const one = await ask(
          turn % 4 === 0 ? `/v1/release?region_name=${name}` : `/regions/${name}/v1/release`,
        )
        const isItsOwn = one.status === 200 && one.text.includes(markOf.get(name) ?? '-')
        if (!isItsOwn || (turn % 4 === 0 && !one.counts.includes('fresh=1'))) wrong.push([name, one])
      } else {
        const all = await ask('/v1/release?partial=deny')
        // Whatever is missing from it is missing by its own doing.
        if (all.status === 503) {
          const { regions } = JSON.parse(all.text) as { regions: { region_name: string }[] }
          wrong.push(...regions.filter(({ region_name }) => !troubled.has(region_name)))
        } else if (all.status !== 200) wrong.push(all)
        else wrong.push(...markedWrongly(all.text))
      }
      reads++
    }
    const underWay: Promise<void>[] = []
    const load = setInterval(() => underWay.push(read(underWay.length)), 50)
    open.push(() => clearInterval(load))

    for (const name of leaving) simulator.cloud.removeSubcloud(name)
    for (const name of renamed) await simulator.cloud.changeSubcloud(name, { rename: `new-name-of-${name}` })
    await Promise.all(moving.map((name) => simulator.cloud.changeSubcloud(name, { move: true })))
    const settled = async (): Promise<boolean> => {
      const all = await ask('/v1/release?with=subcloud_name')
      return all.counts.includes('total=901, fresh=901') && all.text.split('new-name-of-').length > 200
    }
    await until(settled)
    await until(() =>
      simulator.requests().every((region) => !moving.includes(region.region_name) || asked(region) > 0),
    )
    expect(socketsTo(oldHosts)).toEqual([])
    const before = simulator.requests().filter(({ region_name }) => leaving.includes(region_name))
    const then = reads
    await until(() => reads > Math.max(160, then + 40))
    clearInterval(load)
    await Promise.all(underWay)

    expect(wrong).toEqual([])
    const after = simulator.requests().filter(({ region_name }) => leaving.includes(region_name))
    expect(after.map(asked)).toEqual(before.map(asked))
    expect((await ask(`/v1/release?region_name=${leaving[0]}`)).status).toBe(404)
    expect((await ask(`/v1/release?region_name=new-name-of-${renamed[0]}`)).text).toContain(
      markOf.get(renamed[0] ?? ''),
    )
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    const named = new Set([...metrics.matchAll(/region_name="([^"]+)"/g)].map(([, name]) => name))
    expect(named.size).toBe(901)
    expect(leaving.filter((name) => named.has(name))).toEqual([])
    const gone = subclouds.filter(({ region_name }) => renamed.includes(region_name))
    expect(gone.filter(({ subcloud_name }) => metrics.includes(`"${subcloud_name}"`))).toEqual([])
  },
)

function asked(region: ReturnType<Simulator['requests']>[number]): number {
  return region.usm?.total ?? 0
}

/** Established connections to these hosts, whoever holds them. */
function socketsTo(hosts: readonly string[]): string[] {
  const wanted = new Set(hosts)
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, , remote = '', state] = line.trim().split(/\s+/)
      const bytes = remote.slice(0, 8).match(/../g) ?? []
      const host = bytes
        .map((byte) => Number.parseInt(byte, 16))
        .reverse()
        .join('.')
      return state === '01' && wanted.has(host) ? [host] : []
    })
}

test(
  'a Patching that was only looked for: missing where it never answered, down where it did',
  { timeout: 60_000 },
  async () => {
    const plans = [
      planOf({ name: 'RegionOne', subcloud: 'RegionOne', release: '12' }),
      planOf({ name: 'nine', subcloud: 'nine', release: '9' }),
      planOf({ name: 'ten-with', subcloud: 'ten-with', release: '10' }),
      planOf({ name: 'ten-without', subcloud: 'ten-without', release: '10', patching: false }),
      planOf({ name: 'eleven-without', subcloud: 'eleven-without', release: '11', patching: false }),
    ]
    const { simulator, gateway, ask, configure } = await discoverFleet(
      { plans },
      { endpoints: byPlainHttp },
      () => ({ refresh: { interval: '1s', min_age: '0s' } }),
    )
    const hosts = async (): Promise<string> => (await ask('/v1/query_hosts')).counts
    const current = (name: string): Promise<number | undefined> =>
      gateway.metric(`stx_region_patch_current{region_name="${name}"}`)
    await until(
      async () => (await hosts()) === 'total=5, fresh=2, stale=0, failed=0, unsupported=3, skipped=0',
    )
    await until(async () => (await current('ten-without')) === 1 && (await current('ten-with')) === 1)

    const crashed = 'total=5, fresh=0, stale=2, failed=0, unsupported=3, skipped=0'
    await simulator.setFault('nine', { kind: 'refuse' }, 'patching')
    await simulator.setFault('ten-with', { kind: 'refuse' }, 'patching')
    await until(async () => (await hosts()) === crashed)
    await until(async () => (await current('ten-with')) === undefined)
    expect(await current('ten-without')).toBe(1)
    // All connections are made anew; that it answered before is not forgotten.
    await configure({ upstream: { read_timeout: '20s' } })
    await until(() => gateway.output().includes('read anew'))
    await until(async () => (await ask('/v1/query_hosts?max_age=0')).counts === crashed)

    await simulator.clearFault('nine', 'patching')
    await simulator.clearFault('ten-with', 'patching')
    await until(async () => (await hosts()).includes('fresh=2, stale=0, failed=0'))
    await until(async () => (await current('ten-with')) === 1)
  },
)

test(
  'the fleet survives whatever becomes of dcmanager and of the authority, and no secret is told',
  { timeout: 120_000 },
  async () => {
    const fleet = { regions: 31, latency: [0, 0], mix: { 8: 1, 10: 1, 12: 1 } } as const
    const source = { interval: '300ms' }
    const { simulator, gateway, ask } = await discoverFleet({ fleet, tls: true }, source, (simulated) => ({
      upstream: { ca_file: simulated.cloud.view().ca_file },
      refresh: { interval: '4s' },
    }))
    const told: string[] = []
    const note = async (target: string): Promise<string> => {
      const text = await (await fetch(`${gateway.adminUrl}${target}`)).text()
      told.push(text)
      return text
    }
    const stays = async (): Promise<void> => {
      for (const read of ['/v1/release', '/v1/query', '/v1/query_hosts']) {
        const answer = await ask(read)
        told.push(answer.text)
        expect(answer.counts).toMatch(/total=31, fresh=\d+, stale=0, failed=0/)
      }
      await note('/metrics')
    }
    const discovery = (): Promise<string> => note('/discovery')

    // Unmanaged: skipped; offline: counted and asked; in another group: found by it.
    const [, first, second, third] = simulator.cloud.subclouds().map(({ region_name }) => region_name)
    if (!first || !second || !third) throw new Error('three subclouds')
    const { cloud } = simulator
    await cloud.changeSubcloud(first, { managed: false })
    await cloud.changeSubcloud(second, { online: false })
    await cloud.changeSubcloud(third, { group: 'lab' })
    await until(async () => (await ask('/v1/release?group=lab')).counts.includes('total=1,'))
    await until(async () => (await ask('/v1/release')).counts.endsWith('skipped=1'))
    expect((await ask(`/v1/release?region_name=${second}&max_age=0`)).counts).toMatch(/fresh=1|unsupported=1/)
    await stays()
    await cloud.changeSubcloud(first, { managed: true })
    await cloud.changeSubcloud(second, { online: true })

    for (const [listing, sign] of [
      ['half', '"heldBack":16'],
      ['empty', '"heldBack":1'],
      ['duplicates', 'has its region name already'],
    ] as const) {
      simulator.cloud.setListing(listing)
      await until(async () => (await discovery()).includes(sign))
      await stays()
      simulator.cloud.setListing('whole')
      await until(async () => !(await discovery()).includes(sign))
    }
    for (const [fault, sign] of [
      [{ kind: 'refuse' }, 'connection refused'],
      [{ kind: 'html' }, 'HTTP 200'],
      [{ kind: 'cut' }, 'cut off'],
      [{ kind: 'status', status: 500, flavour: 'daemon' }, 'HTTP 500'],
    ] as const) {
      await simulator.setFault('RegionOne', fault, 'dcmanager')
      await until(async () => (await discovery()).includes(sign))
      await stays()
      await simulator.clearFault('RegionOne', 'dcmanager')
      await until(async () => !(await discovery()).includes('failure'))
    }

    // The root changes, and with it every certificate: what is held bridges the time until the file is read anew.
    const readAnew = (): number => gateway.output().split('read anew').length
    const renewed = new AbortController()
    const watching = (async () => {
      while (!renewed.signal.aborted) {
        await stays()
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })()
    for (const publish of [() => simulator.cloud.renewCa(), () => simulator.cloud.publishCa('new')]) {
      const times = readAnew()
      await publish()
      await until(() => readAnew() > times)
      await until(async () => (await ask('/v1/release?max_age=1s')).counts.includes('stale=0, failed=0'))
    }
    renewed.abort()
    await watching

    // The password changes everywhere: a few find out for all, and nobody locks an account.
    const another = 'another password of the whole fleet'
    const logins = (): number =>
      simulator.requests().reduce((sum, { keystone }) => sum + (keystone?.total ?? 0), 0)
    const before = logins()
    simulator.cloud.changeKeystone({ password: another })
    await until(async () => (await note('/metrics')).split('kind="unauthorized"} 1').length > 31)
    expect(logins() - before).toBeLessThan(31)
    await gateway.put('password', another)
    await until(async () => / stale=0, failed=0/.test((await ask('/v1/release?max_age=2s')).counts))
    await until(async () => !(await note('/metrics')).includes('kind="unauthorized"'))

    const secrets = [...simulator.cloud.secrets(), password, another]
    expect(secrets.length).toBe(62)
    const everything = [...told, gateway.output()].join('\n')
    expect(secrets.filter((secret) => everything.includes(secret))).toEqual([])
    expect(everything.length).toBeGreaterThan(100_000)
  },
)
