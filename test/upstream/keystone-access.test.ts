import { afterEach, expect, test } from 'vitest'
import { createHttp } from '../../src/upstream/http.ts'
import { createKeystoneAccess } from '../../src/upstream/keystone-access.ts'
import type { Access } from '../../src/upstream/token.ts'
import { answer, createRawRegion, type RawRegion } from '../support/raw-region.ts'
import { regionAt } from './ask-setup.ts'
import { failureOf } from './failure-of.ts'
import { limits } from './http-setup.ts'

const hour = 3_600_000

interface Keystone {
  /** What it answers to a login; the token is `t` and the number of the login. */
  play: (login: number) => Buffer
  password: string
  /** ms, as the gateway's monotonic clock. */
  now: number
  readonly logins: () => number
  readonly access: Access
  readonly server: RawRegion
}

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const endpoint = (interfaceName: string, region: string, url: string): object => ({
  interface: interfaceName,
  region_id: region,
  region,
  url,
})

const catalog = [
  {
    type: 'usm',
    name: 'usm',
    endpoints: [
      endpoint('public', 'RegionOne', 'https://10.0.0.1:15497/v1'),
      endpoint('admin', 'RegionOne', 'http://10.0.0.2:5497/v1/'),
      endpoint('admin', 'SystemController', 'http://10.0.0.3:5498/v1'),
    ],
  },
  {
    type: 'patching',
    name: 'patching',
    endpoints: [endpoint('public', 'SystemController', 'http://x:15491')],
  },
]

function granted(login: number, token: object = {}): Buffer {
  const body = {
    token: {
      expires_at: '2026-11-21T23:27:53.000000Z',
      issued_at: '2026-11-21T22:27:53.000000Z',
      user: { name: 'fleet', password_expires_at: null },
      catalog,
      ...token,
    },
  }
  return answer(JSON.stringify(body), { status: '201 Created', headers: [`X-Subject-Token: t${login}`] })
}

const refusal = answer(
  '{"error": {"code": 401, "message": "The account is locked for user: 548b4ef7", "title": "Unauthorized"}}',
  { status: '401 Unauthorized' },
)

async function keystone(): Promise<Keystone> {
  const server = await createRawRegion((socket) => socket.end(played.play(server.heads.length)), {
    path: '/v3',
  })
  const access = createKeystoneAccess(regionAt({}), server.url, {
    http: createHttp(limits, undefined),
    account: () =>
      Promise.resolve({
        username: 'fleet',
        password: played.password,
        projectName: 'services',
        userDomainName: 'Default',
        projectDomainName: 'Default',
      }),
    userAgent: 'gateway/1',
    monotonic: () => played.now,
    random: () => 0,
  })
  const played: Keystone = {
    play: (login) => granted(login),
    password: 'first',
    now: 0,
    logins: () => server.heads.length,
    access,
    server,
  }
  cleanups.push(async () => {
    access.close()
    await server.close()
  })
  return played
}

test('one login serves everyone who asks, for as long as it lasts', async () => {
  const played = await keystone()
  const tokens = await Promise.all([played.access.token(), played.access.token(), played.access.token()])
  expect(tokens).toEqual(['t1', 't1', 't1'])
  played.now = hour / 2
  expect(await played.access.token()).toBe('t1')
  expect(played.server.heads.map((head) => head.split('\r\n')[0])).toEqual(['POST /v3/auth/tokens HTTP/1.1'])
})

test('the catalog tells where a service is: of its own region, admin first, without /v1', async () => {
  const { access } = await keystone()
  expect((await access.endpoint('usm'))?.href).toBe('http://10.0.0.2:5497/')
  expect(await access.endpoint('patching')).toBeUndefined()
})

test('an endpoint that can not be used, or that shows an account, gives way to the next interface', async () => {
  const played = await keystone()
  const endpoints = [
    endpoint('admin', 'RegionOne', 'https://fleet:secret@10.0.0.2:5498'),
    endpoint('internal', 'RegionOne', 'controller'),
    endpoint('public', 'RegionOne', 'https://10.0.0.1:15497/v1'),
  ]
  played.play = (login) => granted(login, { catalog: [{ type: 'usm', name: 'usm', endpoints }] })
  expect((await played.access.endpoint('usm'))?.href).toBe('https://10.0.0.1:15497/')
})

test('a token is renewed before its end, while the old one still serves', async () => {
  const played = await keystone()
  await played.access.token()
  played.now = hour - 200_000
  expect(await played.access.token()).toBe('t1')
  await expect.poll(() => played.access.token(), { timeout: 10_000 }).toBe('t2')
})

test('a token that has ended is not used any more', async () => {
  const played = await keystone()
  await played.access.token()
  played.now = hour
  expect(await played.access.token()).toBe('t2')
  played.now = 3 * hour
  played.play = () => answer('', { status: '503 Service Unavailable' })
  expect(await failureOf(played.access.token())).toEqual({
    kind: 'broken',
    message: 'Keystone: POST /auth/tokens: HTTP 503',
    status: 503,
  })
})

test('a token that its region refused is not used any more; refusing an older one again changes nothing', async () => {
  const played = await keystone()
  await played.access.token()
  played.access.refused('t1')
  expect(await played.access.token()).toBe('t2')
  played.access.refused('t1')
  expect(await played.access.token()).toBe('t2')
  expect(played.logins()).toBe(2)
})

test('a token fetched because of a refusal, and refused too, stays for a minute: another would not help', async () => {
  const played = await keystone()
  await played.access.token()
  expect(played.access.refused('t1')).toBe(true)
  expect(await played.access.token()).toBe('t2')
  played.now = 59_000
  expect(played.access.refused('t2')).toBe(false)
  expect(await played.access.token()).toBe('t2')
  played.now = 60_000
  expect(played.access.refused('t2')).toBe(true)
  expect(await played.access.token()).toBe('t3')
  expect(played.logins()).toBe(3)
})

test('a refused password is tried twice, and then not before it changes', async () => {
  const played = await keystone()
  played.play = () => refusal
  const refused = { kind: 'unauthorized', message: 'Keystone refused the login of "fleet"' }
  const given = {
    kind: 'unauthorized',
    message: '"fleet": Keystone refused this password twice; no further login until it changes',
  }
  expect(await failureOf(played.access.token())).toEqual(refused)
  expect(await failureOf(played.access.token())).toEqual(refused)
  expect(await failureOf(played.access.token())).toEqual(given)
  expect(await failureOf(played.access.endpoint('usm'))).toEqual(given)
  expect(played.logins()).toBe(2)

  played.password = 'second'
  played.play = (login) => granted(login)
  expect(await played.access.token()).toBe('t3')
  played.password = 'first'
  played.access.refused('t3')
  expect(await failureOf(played.access.token())).toEqual(given)
  expect(played.logins()).toBe(3)
})

test('a Keystone that is down is no refusal of the password', async () => {
  const played = await keystone()
  played.play = () => answer('', { status: '503 Service Unavailable' })
  for (let i = 0; i < 4; i++) expect(await failureOf(played.access.token())).toMatchObject({ kind: 'broken' })
  played.play = (login) => granted(login)
  expect(await played.access.token()).toBe('t5')
})

test.each([
  ['no token in the header', answer('{"token": {}}', { status: '201 Created' }), 'malformed'],
  [
    'no token in the body',
    answer('{}', { status: '201 Created', headers: ['X-Subject-Token: t'] }),
    'malformed',
  ],
  ['no JSON', answer('<html>', { status: '201 Created', headers: ['X-Subject-Token: t'] }), 'malformed'],
  ['no lifetime', granted(1, { expires_at: null }), 'malformed'],
  ['an end before its beginning', granted(1, { expires_at: '2026-11-21T22:00:00Z' }), 'malformed'],
  ['200', answer('{}'), 'malformed'],
  ['300, as at the root', answer('{"versions": {}}', { status: '300 Multiple Choices' }), 'broken'],
  ['404', answer('{}', { status: '404 Not Found' }), 'rejected'],
] as const)('a login answered with %s', async (_, bytes, kind) => {
  const played = await keystone()
  played.play = () => bytes
  expect(await failureOf(played.access.token())).toMatchObject({ kind })
})

test('a catalog of strange shapes is an empty one', async () => {
  for (const strange of [
    null,
    {},
    [null],
    [{ endpoints: [null, 1, {}] }],
    [{ type: 'usm', endpoints: {} }],
  ]) {
    const played = await keystone()
    played.play = (login) => granted(login, { catalog: strange })
    expect(await played.access.endpoint('usm')).toBeUndefined()
  }
})

test('a token that lives shorter than the margin of renewal is used for most of its life', async () => {
  const played = await keystone()
  played.play = (login) => granted(login, { expires_at: '2026-11-21T22:28:53.000000Z' })
  await played.access.token()
  played.now = 30_000
  expect(await played.access.token()).toBe('t1')
  expect(played.logins()).toBe(1)
  played.now = 60_000
  expect(await played.access.token()).toBe('t2')
})
