import { afterEach, expect, test } from 'vitest'
import type { KeystoneOptions } from '../../src/simulator/keystone/account.ts'
import type { StxRelease } from '../../src/simulator/region/release.ts'
import { parseStxRelease } from '../../src/simulator/region/release.ts'
import type { SimulatorOptions } from '../../src/simulator/simulator.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { planOf } from './oneRegion.ts'
import type { RawAnswer, RawRequest } from './rawHttp.ts'
import { headerOf, rawGet } from './rawHttp.ts'
import { differencesFrom, recordedKeystone } from './recordedKeystone.ts'
import { loadRecordings } from './recordings.ts'

const account: KeystoneOptions = { user: 'admin', password: 'Admin123!', project: 'admin' }
let simulator: Simulator
afterEach(() => simulator.close())

/** A system controller of this release, and a subcloud of another one. */
async function start(
  keystone: Partial<KeystoneOptions> = {},
  releases: readonly StxRelease[] = ['12'],
  options: SimulatorOptions = {},
) {
  const plans = releases.map((release, i) =>
    planOf({ name: i === 0 ? 'RegionOne' : `region-${i}`, subcloud: `name-${i}`, release, mode: 'front' }),
  )
  simulator = await createSimulator({
    plans,
    keystone: { ...account, ...keystone },
    frontDownMs: 0,
    ...options,
  })
  const places = simulator.regions().map(({ endpoints }) => endpoints as Place)
  const [central = nowhere, subcloud = nowhere] = places
  return { central, subcloud, places }
}

/** The addresses of a region that this test has. */
interface Place {
  readonly usm: string
  readonly patching: string
  readonly keystone: string
}
const nowhere: Place = { usm: '', patching: '', keystone: '' }

function loginBody(password: string, user = 'admin', project = 'admin'): string {
  const domain = { name: 'Default' }
  const identity = { methods: ['password'], password: { user: { name: user, domain, password } } }
  return JSON.stringify({ auth: { identity, scope: { project: { name: project, domain } } } })
}

const logIn = (keystone: string, password = 'Admin123!') =>
  rawGet(`${keystone}/auth/tokens`, { method: 'POST', body: loginBody(password) })
const tokenOf = (answer: RawAnswer) => headerOf(answer, 'x-subject-token') ?? ''
const withToken = (token: string): RawRequest => ({ headers: { 'X-Auth-Token': token } })

test('Keystone answers as the recorded one', async () => {
  const { keystone } = (await start()).central
  const origin = keystone.replace('/v3', '')
  const recordings = recordedKeystone()
  const mine = tokenOf(await logIn(keystone))
  const other = tokenOf(await logIn(keystone))
  const toRevoke = tokenOf(await logIn(keystone))
  simulator.cloud.changeKeystone({ token_ms: 1 })
  const expired = tokenOf(await logIn(keystone))
  simulator.cloud.changeKeystone({ token_ms: 3_600_000 })
  /** What stands in for the tokens of the recording: the asker's, and the one asked about. */
  const tokens = (name: string): { auth: string; subject: string } => {
    if (/revoke/.test(name)) return { auth: name.startsWith('063') ? toRevoke : mine, subject: toRevoke }
    if (/expired/.test(name)) return { auth: name.startsWith('101') ? expired : mine, subject: expired }
    return { auth: mine, subject: /self/.test(name) ? mine : other }
  }
  const found: string[] = []
  for (const [name, exchange] of recordings) {
    // Locked and expired accounts are below; the others have their own accounts in the recordings.
    if (/^(118|160|023)/.test(name)) continue
    const { method, path, body, headers } = exchange.request
    const { auth, subject } = tokens(name)
    const sent = Object.entries(headers).map(([header, value]) => {
      if (!value.startsWith('gAAAA')) return [header, value]
      return [header, header === 'X-Auth-Token' ? auth : subject]
    })
    const answer = await rawGet(`${origin}${path}`, {
      method,
      // Nothing else ends an answer without a body.
      headers: { ...(Object.fromEntries(sent) as Record<string, string>), Connection: 'close' },
      ...(body === null ? {} : { body }),
    })
    found.push(...differencesFrom(exchange, answer).map((difference) => `${name}: ${difference}`))
    if (answer.status === 201 || name.startsWith('040')) expect(tokenOf(answer)).toHaveLength(183)
  }
  expect(found).toEqual([])
  expect(recordings.size).toBeGreaterThan(30)
})

test('an unscoped token has neither project nor catalog, and opens nothing', async () => {
  const { keystone, usm } = (await start()).central
  const { scope: _, ...unscoped } = (JSON.parse(loginBody('Admin123!')) as { auth: { scope: unknown } }).auth
  const answer = await rawGet(`${keystone}/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({ auth: unscoped }),
  })
  const recorded = recordedKeystone().get('023-token-unscoped')
  expect(recorded && differencesFrom(recorded, answer)).toEqual([])
  expect((await rawGet(`${usm}/v1/release`, withToken(tokenOf(answer)))).status).toBe(403)
})

test('five wrong passwords lock the account, at that Keystone alone', async () => {
  const { central, subcloud } = await start({}, ['12', '12'])
  for (let i = 0; i < 4; i++) expect((await logIn(central.keystone, 'wrong')).status).toBe(401)
  expect((await logIn(central.keystone)).status).toBe(201)
  for (let i = 0; i < 5; i++) expect((await logIn(central.keystone, 'wrong')).status).toBe(401)
  const locked = await logIn(central.keystone)
  const recorded = recordedKeystone().get('118-lockout-right-password-401')
  expect(recorded && differencesFrom(recorded, locked)).toEqual([])
  expect((await logIn(subcloud.keystone)).status).toBe(201)
  simulator.cloud.changeKeystone({ lock: false }, 'RegionOne')
  expect((await logIn(central.keystone)).status).toBe(201)
})

test('a password can expire, be changed, and says when it expires', async () => {
  const { keystone, usm } = (await start({ passwordExpiresAt: '2040-01-01T00:00:00.000000' })).central
  const first = await logIn(keystone)
  expect(JSON.parse(first.body)).toMatchObject({
    token: { user: { password_expires_at: '2040-01-01T00:00:00.000000' } },
  })
  simulator.cloud.changeKeystone({ password_expires_at: '2020-01-01T00:00:00.000000' })
  const recorded = recordedKeystone().get('160-password-expired-401')
  expect(recorded && differencesFrom(recorded, await logIn(keystone))).toEqual([])
  simulator.cloud.changeKeystone({ password_expires_at: null, password: 'another' })
  expect((await logIn(keystone)).status).toBe(401)
  expect((await logIn(keystone, 'another')).status).toBe(201)
  expect((await rawGet(`${usm}/v1/release`, withToken(tokenOf(first)))).status).toBe(401)
})

test('a region takes the tokens of its own Keystone until they are revoked', async () => {
  const { central, subcloud } = await start({}, ['12', '8'])
  const token = tokenOf(await logIn(subcloud.keystone))
  const ask = async (sent: RawRequest) => rawGet(`${subcloud.patching}/v1/query`, sent)
  const refused = await ask({})
  expect([refused.status, headerOf(refused, 'www-authenticate')]).toEqual([
    401,
    `Keystone uri="${subcloud.keystone.replace('/v3', '')}"`,
  ])
  expect((await ask(withToken(token))).status).toBe(200)
  expect((await ask(withToken(tokenOf(await logIn(central.keystone))))).status).toBe(401)
  simulator.cloud.changeKeystone({ revoke: true }, 'region-1')
  expect((await ask(withToken(token))).status).toBe(401)
})

test('with shared keys a token is good everywhere, and revoked where it was revoked', async () => {
  const { central, subcloud } = await start({ sharedKeys: true }, ['12', '12'])
  const token = tokenOf(await logIn(central.keystone))
  simulator.cloud.changeKeystone({ revoke: true }, 'RegionOne')
  expect((await rawGet(`${subcloud.usm}/v1/release`, withToken(token))).status).toBe(200)
  expect((await rawGet(`${central.usm}/v1/release`, withToken(token))).status).toBe(401)
})

test('while Keystone is down, only tokens that were seen before are taken', async () => {
  const { keystone, usm } = (await start()).central
  const [seen, unseen] = [tokenOf(await logIn(keystone)), tokenOf(await logIn(keystone))]
  expect((await rawGet(`${usm}/v1/release`, withToken(seen))).status).toBe(200)
  await simulator.setFault('RegionOne', { kind: 'refuse' }, 'keystone')
  await expect(logIn(keystone)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  const statuses = [seen, unseen, 'garbage'].map(async (token) => {
    return (await rawGet(`${usm}/v1/release`, withToken(token))).status
  })
  expect(await Promise.all(statuses)).toEqual([200, 503, 503])
  await simulator.clearFault('RegionOne', 'keystone')
  expect((await rawGet(`${usm}/v1/release`, withToken(unseen))).status).toBe(200)
})

test('a catalog: up to stx 9 all subclouds, later only the two names of the system controller', async () => {
  const regionsOf = async (release: StxRelease) => {
    const { keystone } = (await start({}, [release, '8', '12'], { dcmanager: true })).central
    const { token } = JSON.parse((await logIn(keystone)).body) as {
      token: { catalog: { type: string; endpoints: { interface: string; region: string; url: string }[] }[] }
    }
    const rows = token.catalog.flatMap(({ type, endpoints }) =>
      endpoints.map((each) => `${type} ${each.interface} ${each.region} ${new URL(each.url).port}`),
    )
    return rows.filter((row) => row.includes(' admin '))
  }
  const own = [
    'identity admin RegionOne 5000',
    'usm admin RegionOne 5497',
    'usm admin SystemController 25497',
    'dcmanager admin SystemController 8119',
  ]
  expect(await regionsOf('12')).toEqual(own)
  await simulator.close()
  const early = await regionsOf('9')
  expect(early.filter((row) => !own.includes(row))).toEqual([
    'identity admin region-1 5000',
    'identity admin region-2 5000',
    'usm admin region-2 5497',
    'patching admin RegionOne 5491',
    'patching admin region-1 5491',
  ])
})

test('roles are refused as recorded, by release', async () => {
  const roles = /auth-(demo-admin|adminonly|reader|member|operator|configurator)-get/
  const found: string[] = []
  const recordings = loadRecordings().filter(({ name }) => name.startsWith('usm/') && roles.test(name))
  for (const who of new Set(recordings.map(({ name }) => roles.exec(name)?.[1] ?? ''))) {
    const mine = recordings.filter(({ name }) => name.includes(`auth-${who}-get`))
    const releases = [...new Set(mine.map(({ release }) => parseStxRelease(release)))]
    const known = { 'demo-admin': ['admin', 'member', 'reader'], adminonly: ['admin'] }[who] ?? [who]
    const project = who === 'demo-admin' ? 'demo' : 'admin'
    const { places } = await start({ roles: known, project }, releases)
    for (const recording of mine) {
      const region = places[releases.indexOf(parseStxRelease(recording.release))] ?? nowhere
      const login = loginBody('Admin123!', 'admin', project)
      const token = tokenOf(await rawGet(`${region.keystone}/auth/tokens`, { method: 'POST', body: login }))
      const headers = { ...recording.headers, 'X-Auth-Token': token, Connection: 'close' }
      const answer = await rawGet(region.usm + recording.path, { headers })
      const refused = answer.status === 403 ? answer.body : ''
      const wanted = recording.status === 403 ? recording.body : ''
      if (answer.status !== recording.status || refused !== wanted) {
        found.push(`${recording.name}: ${answer.status} ${refused}, recorded ${recording.status} ${wanted}`)
      }
    }
    await simulator.close()
  }
  expect(found).toEqual([])
  expect(recordings.length).toBeGreaterThan(20)
})
