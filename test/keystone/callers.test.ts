import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuthenticate } from '../../src/api/authenticate.ts'
import { toKeystoneCaller } from '../../src/api/keystone-caller.ts'
import { createKeystoneCallers } from '../../src/api/keystone-callers.ts'
import { Problem } from '../../src/api/problem.ts'
import { createHttp } from '../../src/upstream/http.ts'
import { createKeystoneSession } from '../../src/upstream/keystone-session.ts'
import { createTokenValidation } from '../../src/upstream/keystone-validation.ts'
import type { Account } from '../../src/upstream/keystone.ts'
import type { AccountWishes, TokenScope } from '../support/keystone-admin.ts'
import { allDoors, everyDoor, outOfScope } from '../support/every-door.ts'
import { createKeystoneFront, type KeystoneFront } from '../support/keystone-front.ts'
import { startKeystone, type KeystoneServer } from '../support/keystone-server.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'
import { limits, userAgent } from './world.ts'

// Debian's real Keystone says who asks: users of each role and project, through all doors of the whole gateway.

const open: (() => Promise<unknown> | void)[] = []
afterAll(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

let keystone: KeystoneServer
let front: KeystoneFront
let gateway: Served
let scoped: Account
beforeAll(async () => {
  keystone = await startKeystone()
  open.push(() => keystone.close())
  front = await createKeystoneFront(keystone.url)
  open.push(() => front.close())
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-callers-'))
  open.push(() => rm(folder, { recursive: true, force: true }))
  const own = await keystone.admin.account()
  await writeFile(join(folder, 'password'), own.password)
  scoped = await keystone.admin.account({ roles: ['configurator'] })
  gateway = await serveRegions({
    regions: {
      '5d5b': {
        subcloud_name: 'boston-1',
        labels: { group: 'east' },
        listen: { host: '127.0.0.1', port: 0 },
        sw_patch_listen: { port: 0 },
      },
      '7e7c': { subcloud_name: 'denver', labels: { group: 'west' }, listen: { host: '127.0.0.1', port: 0 } },
    },
    keystone: keystoneWith([
      { user: scoped.username, regions: ['group:west'] },
      { project: 'admin', regions: ['*'] },
      { project: 'services', domain: 'Elsewhere', regions: ['*'] },
      { project: 'demo', regions: ['*'] },
    ]),
    config: {
      credentials: { fleet: { username: own.username, password_file: join(folder, 'password') } },
      upstream: { first_byte_timeout: '20s', read_timeout: '30s' },
    },
  })
  open.push(() => gateway.close())
}, 300_000)

/** `auth.keystone` with this mapping. */
function keystoneWith(scopes: readonly object[]): object {
  return { url: front.url.href, credentials: 'fleet', region_scopes: scopes }
}

async function tokenOf(wishes: AccountWishes, scope?: TokenScope): Promise<string> {
  return keystone.admin.token(await keystone.admin.account(wishes), scope)
}

const abort = '/v1/deploy/abort'
const boston = { name: '5d5b', subcloud: 'boston-1' }
const denver = { name: '7e7c', subcloud: 'denver' }

describe('roles and projects', () => {
  test.each<[string, AccountWishes, TokenScope, number, number]>([
    ['reader', { roles: ['reader'], project: 'admin' }, 'project', 200, 403],
    ['operator', { roles: ['operator'], project: 'admin' }, 'project', 200, 403],
    ['configurator', { roles: ['configurator'], project: 'admin' }, 'project', 200, 200],
    ['admin', { roles: ['admin'], project: 'admin' }, 'project', 200, 200],
    ['member, who is a reader too', { roles: ['member'], project: 'admin' }, 'project', 200, 403],
    ['a role of no meaning', { roles: ['auditor'], project: 'admin' }, 'project', 403, 403],
    ['admin of another project', { roles: ['admin'], project: 'demo' }, 'project', 403, 403],
    [
      'admin of services elsewhere',
      { roles: ['admin'], project: 'services', domain: 'Elsewhere' },
      'project',
      403,
      403,
    ],
    ['admin, for the whole system', { roles: ['admin'], project: 'admin' }, 'system', 403, 403],
    ['admin, for nothing', { roles: ['admin'], project: 'admin' }, 'unscoped', 403, 403],
  ])('%s', async (_, wishes, scope, reads, writes) => {
    expect(await everyDoor(gateway, await tokenOf(wishes, scope), boston)).toEqual(allDoors(reads, writes))
  })
})

test('a mapping limits what is seen and done: out of it, a region is one that does not exist', async () => {
  const token = await keystone.admin.token(scoped)
  expect(await everyDoor(gateway, token, denver)).toEqual(allDoors(200, 200))
  expect(await everyDoor(gateway, token, boston)).toEqual(outOfScope)
  const list = await gateway.ask('GET', '/v1/release', { token })
  expect(list.headers.get('fleet-regions')).toMatch(/^total=1,/)
  expect(list.body.toString() + [...list.headers].join('\n')).not.toMatch(/5d5b|boston/)

  // Somebody whom no entry is about sees nothing.
  const nobody = await gateway.ask('GET', '/v1/release', { token: await tokenOf({ roles: ['admin'] }) })
  expect([nobody.status, nobody.body.toString(), nobody.headers.get('fleet-regions')]).toEqual([
    200,
    '[]',
    expect.stringMatching(/^total=0,/),
  ])
})

test('whoami tells a user of Keystone what Keystone says, and what that comes to here', async () => {
  const account = await keystone.admin.account({ roles: ['admin'], project: 'demo' })
  const whoIs = async (token: string): Promise<unknown> =>
    JSON.parse((await gateway.ask('GET', '/fleet/v1/whoami', { token })).body.toString())
  expect(await whoIs(await keystone.admin.token(account))).toMatchObject({
    name: `${account.username}@Default`,
    issuer: front.url.href,
    project: 'demo@Default',
    roles: { granted: expect.arrayContaining(['admin', 'member', 'reader']) as unknown, effective: null },
    may: { read: false, refresh: false, write: false },
  })
  expect(await whoIs(await keystone.admin.token(scoped))).toMatchObject({
    project: 'services@Default',
    roles: { granted: ['configurator'], effective: 'configurator' },
    may: { read: true, write: true },
    regions: { all: false, visible: 1, scope: ['group:west'] },
    expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/) as unknown,
  })
})

test('an application credential is worth its roles; one with access rules is worth nothing here', async () => {
  const account = await keystone.admin.account({ roles: ['reader'], project: 'admin' })
  const plain = await keystone.admin.tokenByCredential(account)
  expect((await gateway.ask('GET', '/v1/release', { token: plain })).status).toBe(200)
  const rules = [{ service: 'usm', method: 'GET', path: '/v1/release' }]
  const limited = await keystone.admin.tokenByCredential(account, rules)
  expect((await gateway.ask('GET', '/v1/release', { token: limited })).status).toBe(401)
})

test('the header does not matter: whichever a client can send', async () => {
  const token = await tokenOf({ roles: ['reader'], project: 'admin' })
  for (const header of [`X-Auth-Token: ${token}`, `Authorization: Bearer ${token}`, `OIDC-Token: ${token}`]) {
    const answer = await gateway.ask('GET', '/v1/release', { token: '', headers: [header] })
    expect([header.slice(0, 12), answer.status]).toEqual([header.slice(0, 12), 200])
  }
})

test('a token is validated once for its reads, and anew for each write', async () => {
  const token = await tokenOf({ roles: ['admin'], project: 'admin' })
  const before = front.logins.length
  for (let i = 0; i < 5; i++) await gateway.ask('GET', '/v1/release', { token })
  // A POST that reads is a read.
  await gateway.ask('POST', '/regions/boston-1/patching/v1/query', { token })
  expect(front.logins.length).toBe(before + 1)
  for (let i = 0; i < 3; i++) await gateway.ask('POST', `/regions/boston-1${abort}`, { token })
  expect(front.logins.length).toBe(before + 4)
})

test.each<[string, (account: Account, token: string) => Promise<void>]>([
  ['revoked', (_, token) => keystone.admin.revoke(token)],
  ["its user's, who was disabled", (account) => keystone.admin.disable(account)],
])('a token that was %s writes no more, at once, and once that is known reads no more', async (_, end) => {
  const account = await keystone.admin.account({ roles: ['admin'], project: 'admin' })
  const token = await keystone.admin.token(account)
  expect((await gateway.ask('GET', '/v1/release', { token })).status).toBe(200)
  await end(account, token)
  const writes = gateway.region('5d5b').writes().length
  expect((await gateway.ask('GET', '/v1/release', { token })).status).toBe(200)
  const answer = await gateway.ask('POST', `/regions/boston-1${abort}`, { token })
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
    401,
    'Bearer realm="stx-fleet-gateway", error="invalid_token"',
  ])
  expect((await gateway.ask('GET', '/v1/release', { token })).status).toBe(401)
  expect(gateway.region('5d5b').writes().length).toBe(writes)
})

test('who wrote is in the audit log by id and by name; no token is', async () => {
  const account = await keystone.admin.account({ roles: ['configurator'], project: 'admin' })
  const token = await keystone.admin.token(account)
  await gateway.ask('POST', `/regions/boston-1${abort}`, { token })
  const line = await gateway.auditedAs(({ name }) => name === `${account.username}@Default`)
  expect(line).toMatchObject({
    subject: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    issuer: front.url.href,
    role: 'configurator',
    call: 'abort_deployment',
    status: 200,
  })
  expect(JSON.stringify(await gateway.audited(1))).not.toContain('gAAAA')
})

test('garbage of any form is a 401, and most of it is never asked for', async () => {
  const good = await tokenOf({ roles: ['reader'], project: 'admin' })
  const before = front.logins.length
  const never = [
    'x',
    'gAAAAA',
    `${good}.`,
    `${good}=x`,
    `gAAAAB${'A'.repeat(2_000)}`,
    'a'.repeat(183),
    '0'.repeat(32),
  ]
  for (const token of never) expect((await gateway.ask('GET', '/v1/release', { token })).status).toBe(401)
  expect(front.logins.length).toBe(before)
  const changed = good.slice(0, -8) + (good.endsWith('AAAAAAAA') ? 'BBBBBBBB' : 'AAAAAAAA')
  expect((await gateway.ask('GET', '/v1/release', { token: changed })).status).toBe(401)
  expect(front.logins.length).toBe(before + 1)
})

test('Keystone is down: known tokens read on, nobody is let in to write, nobody is told to log in again', async () => {
  const known = await tokenOf({ roles: ['admin'], project: 'admin' })
  const fresh = await tokenOf({ roles: ['admin'], project: 'admin' })
  expect((await gateway.ask('GET', '/v1/release', { token: known })).status).toBe(200)
  await front.down()
  try {
    expect((await gateway.ask('GET', '/v1/release', { token: known })).status).toBe(200)
    for (const [method, target, token] of [
      ['GET', '/v1/release', fresh],
      ['POST', `/regions/boston-1${abort}`, known],
      ['POST', `/regions/boston-1${abort}`, fresh],
    ] as const) {
      const answer = await gateway.ask(method, target, { token })
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
      expect(JSON.parse(answer.body.toString())).toMatchObject({ type: '/problems/identity-provider-down' })
    }
  } finally {
    await front.up()
  }
  const again = async (): Promise<number> =>
    (await gateway.ask('POST', `/regions/boston-1${abort}`, { token: known })).status
  await until(async () => (await again()) === 200)
})

test('another mapping holds from the reload on, whatever is remembered', async () => {
  const token = await keystone.admin.token(scoped)
  const seen = async (): Promise<string> =>
    (await gateway.ask('GET', '/fleet/v1/regions?fields=subcloud_name', { token })).body.toString()
  expect(await seen()).toMatch(/"items":\[\{"subcloud_name":"denver"\}\]/)
  await gateway.useKeystone(keystoneWith([{ user: scoped.username, regions: ['boston-1'] }]))
  expect(await seen()).toMatch(/"items":\[\{"subcloud_name":"boston-1"\}\]/)
  await gateway.useKeystone(keystoneWith([]))
  expect(await seen()).toMatch(/"items":\[\]/)
})

test('by the clock: a revoked token reads for a minute at most, an expired one not beyond its end', async () => {
  const http = createHttp(limits, undefined)
  const own = await keystone.admin.account()
  let passed = 0
  const monotonic = (): number => performance.now() + passed * 1_000
  const account = (): Promise<Account> => Promise.resolve(own)
  const url = new URL(keystone.url)
  const session = createKeystoneSession(url, { http, account, userAgent, monotonic, random: () => 0.5 })
  // What is left of a token is told by Keystone's own clock, which is the one that moves here.
  const now = (): number => Date.now() + passed * 1_000
  const validation = createTokenValidation({ keystone: url, session, http, userAgent, now })
  open.push(() => validation.close())
  const callers = createKeystoneCallers({
    validate: (token) => validation.validate(token),
    isDown: () => true,
    toCaller: (token) => toKeystoneCaller(token, url.href, undefined),
    monotonic,
  })
  const authenticate = createAuthenticate([], now, callers)
  const pass = (seconds: number): void => keystone.setClock((passed += seconds))
  const present = (token: string): Promise<string | number | undefined> =>
    authenticate(['x-auth-token', token]).then(
      ({ role }) => role,
      (error: unknown) => (error instanceof Problem ? error.status : 0),
    )
  const reader = await keystone.admin.account({ roles: ['reader'], project: 'admin' })
  const [revoked, lasting] = [await keystone.admin.token(reader), await keystone.admin.token(reader)]
  const issuedAt = now()
  /** The clock moves on, less what the test itself took. */
  const passTo = (seconds: number): void => pass(Math.round(seconds - (now() - issuedAt) / 1_000))
  expect([await present(revoked), await present(lasting)]).toEqual(['reader', 'reader'])
  await keystone.admin.revoke(revoked)
  passTo(40)
  expect([await present(revoked), await present(lasting)]).toEqual(['reader', 'reader'])
  passTo(65)
  expect([await present(revoked), await present(lasting)]).toEqual([401, 'reader'])

  // 3,600 s after it was given it ends: what is remembered 50 s before that ends with it.
  passTo(3_550)
  expect(await present(lasting)).toBe('reader')
  passTo(3_575)
  expect(await present(lasting)).toBe('reader')
  passTo(3_602)
  expect(await present(lasting)).toBe(401)
})
