import { readFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.ts'
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts'
import { createRawRegion, answer } from '../support/raw-region.ts'
import { createScriptedCentral, json, password } from '../support/scripted-central.ts'
import { createScriptedRegion, type RegionReply, type ScriptedRegion } from '../support/scripted-region.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer, type TokenIssuer } from '../support/tokens.ts'

// The gateway as a process of its own, whose configuration and files change while it runs.

const open: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})
function kept<T extends { close(): Promise<unknown> }>(it: T): T {
  open.push(() => it.close())
  return it
}

const reloaded = 'stx_config_last_reload_successful'
const release = [{ release_id: 'starlingx-26.3.0', sw_version: '26.3.0', state: 'deployed' }]

/** USM of stx 12; a precheck is answered when `held` resolves. */
async function site(held?: Promise<unknown>): Promise<ScriptedRegion & { writesAtOnce(): number }> {
  let writes = 0
  let most = 0
  const script = async ({ path, method }: { path: string; method: string }): Promise<RegionReply> => {
    if (path === '/v1') return json(200, { id: 'v1', release: [], links: [] })
    if (method !== 'POST') return json(200, path === '/v1/release' ? release : [])
    most = Math.max(most, ++writes)
    await held
    writes--
    return json(200, { info: 'all checks passed', warning: '', error: '' })
  }
  return { ...kept(await createScriptedRegion(script)), writesAtOnce: () => most }
}

async function start(...given: Parameters<typeof startGatewayProcess>): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess(...given)
  open.push(() => gateway.end())
  return gateway
}
async function counts(gateway: GatewayProcess, issuer: TokenIssuer, query = ''): Promise<string> {
  const token = await issuer.sign({ roles: ['operator'] })
  const asked = await fetch(`${gateway.url}/v1/release${query}`, { headers: { 'x-auth-token': token } })
  await asked.text()
  return asked.headers.get('fleet-regions') ?? `HTTP ${asked.status}`
}

test('SIGHUP: another fleet and other limits at once; listeners, connections and a slow write stay', async () => {
  const issuer = kept(await createTokenIssuer())
  const held = Promise.withResolvers<void>()
  const [east, west] = [await site(held.promise), await site()]
  const config = {
    auth: { issuers: [issuer.config] },
    regions: [{ region_name: 'east', usm: east.url }],
  }
  const gateway = await start({}, () => config)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  open.push(() => agent.destroy())
  const connected = async (): Promise<{ reused: boolean; regions: string }> => {
    const headers = { 'x-auth-token': await issuer.sign({ roles: ['operator'] }) }
    return new Promise((resolve, reject) => {
      const asking = get(`${gateway.url}/v1/release`, { agent, headers }, (answered) => {
        const regions = String(answered.headers['fleet-regions'])
        answered.resume().on('end', () => resolve({ reused: asking.reusedSocket, regions }))
      })
      asking.on('error', reject)
    })
  }
  expect(await connected()).toMatchObject({
    reused: false,
    regions: expect.stringContaining('total=1') as string,
  })
  expect(await gateway.metric(reloaded)).toBe(1)

  const asAdmin = { 'x-auth-token': await issuer.sign({ roles: ['admin'] }) }
  const precheck = (): Promise<Response> =>
    fetch(`${gateway.url}/regions/east/v1/deploy/starlingx-26.3.0/precheck`, {
      method: 'POST',
      headers: asAdmin,
    })
  const writing = precheck()
  await until(() => east.requests.some(({ method }) => method === 'POST'))
  const next = {
    ...config,
    regions: [...config.regions, { region_name: 'west', usm: west.url }],
    upstream: { read_timeout: '20s' },
  }
  await gateway.configure(next)
  gateway.hangUp()
  await until(async () => (await counts(gateway, issuer)).includes('total=2, fresh=2'))
  expect(await connected()).toMatchObject({ reused: true })
  // The next write waits for its turn as if nothing had happened.
  const following = precheck()
  expect(await counts(gateway, issuer, '?max_age=0')).toContain('fresh=2')
  held.resolve()
  const written = await writing
  expect(written.status).toBe(200)
  expect(await written.json()).toMatchObject({ info: 'all checks passed' })
  expect((await following).status).toBe(200)
  expect(east.requests.filter(({ method }) => method === 'POST')).toHaveLength(2)
  expect(east.writesAtOnce()).toBe(1)

  // Mistakes of every sort: all told, none taken over.
  const jwksFile = gateway.file('missing.json')
  const wrong: readonly (readonly [string, object])[] = [
    ['regions.0.bogus: unknown key', { ...next, regions: [{ region_name: 'x', usm: east.url, bogus: 1 }] }],
    ['auth.issuers.0.jwks_file', { ...next, auth: { issuers: [{ ...issuer.config, jwks_file: jwksFile }] } }],
    ['upstream.ca_file', { ...next, upstream: { ca_file: '/nowhere/ca.pem' } }],
  ]
  for (const [mistake, config] of wrong) {
    await gateway.configure(config)
    gateway.hangUp()
    await until(() => gateway.output().includes(mistake))
    expect(await gateway.metric(reloaded)).toBe(0)
    expect(await counts(gateway, issuer)).toContain('total=2, fresh=2')
  }
  await gateway.configure({ ...next, regions: [{ region_name: 'west', usm: west.url }] })
  gateway.hangUp()
  await until(async () => (await counts(gateway, issuer)).includes('total=1, fresh=1'))
  expect(await gateway.metric(reloaded)).toBe(1)
  expect(await gateway.metric('stx_region_up{region_name="east"}')).toBeUndefined()
  expect((await connected()).reused).toBe(true)
})

test('SIGHUP while it starts: it goes on starting, and then reads anew', async () => {
  const issuer = kept(await createTokenIssuer())
  const [east, west] = [await site(), await site()]
  const config = { auth: { issuers: [issuer.config] }, regions: [{ region_name: 'east', usm: east.url }] }
  const gateway = await start({}, () => config, {
    async whileReading(starting) {
      await starting.configure({ ...config, regions: [{ region_name: 'west', usm: west.url }] })
      starting.hangUp()
    },
  })
  await until(async () => (await counts(gateway, issuer, '?region_name=west')).includes('total=1, fresh=1'))
  expect(await counts(gateway, issuer)).toContain('total=1,')
})

test(
  'a file that changes is read anew without being told: configuration, keys, password, authority',
  { timeout: 120_000 },
  async () => {
    const [first, second] = [kept(await createTokenIssuer()), kept(await createTokenIssuer())]
    const [old, renewed] = [kept(await createAuthority('old')), kept(await createAuthority('new'))]
    const central = kept(await createScriptedCentral())
    const certificate = await renewed.issue({ ip: '127.0.0.1' })
    const service = kept(
      await createRawRegion(
        (socket, head) => {
          const path = head.split(' ')[1]
          const version = { id: 'v1', release: [], links: [] }
          socket.end(answer(JSON.stringify(path === '/v1' ? version : path === '/v1/release' ? release : [])))
        },
        { tls: certificate },
      ),
    )
    const { jwks_file: firstKeys, ...issuer } = first.config
    const config = (file: (name: string) => string): Record<string, unknown> => ({
      auth: { issuers: [{ ...issuer, jwks_file: file('jwks.json') }] },
      credentials: { fleet: { username: 'fleet', password_file: file('password') } },
      upstream: { ca_file: file('ca.pem') },
      regions: [
        {
          region_name: 'east',
          usm: service.url.href,
          keystone: central.keystone.href,
          credentials: 'fleet',
        },
      ],
      refresh: { interval: '1s', min_age: '0s' },
    })
    const files = {
      'jwks.json': await readFile(firstKeys, 'utf8'),
      password: 'a wrong one',
      'ca.pem': old.cert,
    }
    const gateway = await start(files, config)
    expect(await counts(gateway, first, '?max_age=0')).toContain('failed=1')
    await until(async () => (await gateway.metric(failure('unauthorized'))) === 1)

    await gateway.put('password', password)
    await until(async () => (await gateway.metric(failure('tls'))) === 1)
    expect(await gateway.metric('stx_keystone_password_expiry_timestamp_seconds{region_name="east"}')).toBe(
      Date.parse('2027-02-19T22:27:53Z') / 1000,
    )
    await gateway.put('ca.pem', `${old.cert}${renewed.cert}`)
    await until(async () => (await counts(gateway, first)).includes('fresh=1'))

    // Half-written and wrong files are kept out, each until it is whole again.
    for (const [name, broken] of [
      ['jwks.json', '{"keys": '],
      ['ca.pem', `${renewed.cert}${old.cert.slice(0, 100)}`],
      ['ca.pem', ''],
    ] as const) {
      const whole = await readFile(gateway.file(name), 'utf8')
      await gateway.put(name, broken)
      await until(async () => (await gateway.metric(reloaded)) === 0)
      expect(await counts(gateway, first, '?max_age=0')).toContain('fresh=1')
      await gateway.put(name, whole)
      await until(async () => (await gateway.metric(reloaded)) === 1)
    }

    const logins = central.requests.length
    await gateway.put('jwks.json', await readFile(second.jwksFile, 'utf8'))
    await until(async () => (await counts(gateway, second)).includes('fresh=1'))
    expect(await counts(gateway, first)).toBe('HTTP 401')
    // Keys of callers are no reason to give up connections and tokens of regions.
    expect(central.requests).toHaveLength(logins)

    await gateway.configure({ ...config(gateway.file), regions: [] })
    await until(async () => (await counts(gateway, second)).includes('total=0'))
    for (const secret of [password, 'a wrong one', 'token-1']) expect(gateway.output()).not.toContain(secret)
  },
)

const failure = (kind: string): string =>
  `stx_region_failure_info{region_name="east",resource="release",kind="${kind}"}`

test('log.level: as the configuration has it, and at once where that changes', async () => {
  const issuer = kept(await createTokenIssuer())
  const east = await site()
  const config = (level: string): object => ({
    auth: { issuers: [issuer.config] },
    regions: [{ region_name: 'east', usm: east.url }],
    log: { level },
  })
  const fault = encodeURIComponent('Promise.reject(new Error("planted"))')
  const planted = `data:text/javascript,process.on('SIGUSR2',()=>{${fault}})`
  const gateway = await start({}, () => config('info'), { nodeFlags: ['--import', planted] })
  await until(async () => (await counts(gateway, issuer)).includes('fresh=1'))
  const levels = (): Set<number> =>
    new Set(
      gateway
        .output()
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { level: number }).level),
    )
  expect(levels()).toEqual(new Set([30]))
  await gateway.configure(config('debug'))
  gateway.hangUp()
  await until(async () => {
    await counts(gateway, issuer)
    return levels().has(20)
  })
  expect(gateway.output()).toContain('"route":"/v1/release","method":"GET","status":200')

  await gateway.configure({ ...config('error'), regions: [] })
  gateway.hangUp()
  await until(async () => (await counts(gateway, issuer)).includes('total=0'))
  const quiet = { 'x-auth-token': await issuer.sign(), 'x-request-id': 'quiet' }
  expect((await fetch(`${gateway.url}/v1/release`, { headers: quiet })).status).toBe(200)
  await gateway.configure({ ...config('error'), mistaken: true })
  gateway.hangUp()
  await until(() => gateway.output().includes('has mistakes'))
  expect(gateway.output()).not.toContain('quiet')

  await gateway.configure(config('silent'))
  gateway.hangUp()
  await until(async () => (await counts(gateway, issuer)).includes('total=1'))
  const said = gateway.output()
  gateway.signal('SIGUSR2')
  expect(await gateway.exited).toBe(1)
  // What it dies of it says all the same.
  await until(() => gateway.output().length > said.length)
  expect(gateway.output().slice(said.length)).toMatch(/^Error: planted\n {4}at /)
})
