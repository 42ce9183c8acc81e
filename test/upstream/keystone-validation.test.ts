import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createHttp } from '../../src/upstream/http.ts'
import { createKeystoneSession } from '../../src/upstream/keystone-session.ts'
import { createTokenValidation, type TokenValidation } from '../../src/upstream/keystone-validation.ts'
import {
  createScriptedRegion,
  type RegionAnswer,
  type RegionReply,
  type ScriptedRegion,
} from '../support/scripted-region.ts'

// A Keystone that answers as recorded, or worse.

const recordings = join(import.meta.dirname, '../fixtures/recorded-keystone')
interface Recorded {
  readonly response: {
    readonly status: number
    readonly headers: Record<string, string>
    readonly body: string
  }
}
type Headers = RegionAnswer['headers']
function recorded(name: string, more: Headers = []): RegionAnswer {
  const { response } = JSON.parse(readFileSync(join(recordings, `${name}.json`), 'utf8')) as Recorded
  const kept = Object.entries(response.headers).filter(
    ([header]) => !/^(content-length|x-subject)/i.test(header),
  )
  return { status: response.status, headers: [...kept, ...more], body: response.body }
}
const plain = (
  status: number,
  body = '',
  headers: readonly (readonly [string, string])[] = [],
): RegionReply => ({
  status,
  headers,
  body,
})

let keystone: ScriptedRegion
/** One answer per validation; the last one serves for all that follow. */
let verdicts: RegionReply[]
let logins: number
let clock: number
let validation: TokenValidation
/** By our clock, while the recording was made. */
const now = Date.parse('2026-11-21T22:57:53Z')

beforeEach(async () => {
  verdicts = []
  logins = 0
  clock = 0
  keystone = await createScriptedRegion(({ method }) => {
    if (method === 'POST') {
      return recorded('020-token-password-project-scope', [['X-Subject-Token', `own-${++logins}`]])
    }
    return (verdicts.length > 1 ? verdicts.shift() : verdicts[0]) ?? 'reset'
  })
  const http = createHttp(
    {
      connectTimeout: 1_000,
      firstByteTimeout: 5_000,
      idleTimeout: 5_000,
      totalTimeout: 5_000,
      maxResponse: 100_000,
      maxInFlight: 10_000_000,
    },
    undefined,
  )
  const url = new URL(`${keystone.url}/v3`)
  const account = {
    username: 'fleet',
    password: 'secret',
    projectName: 'services',
    userDomainName: 'Default',
    projectDomainName: 'Default',
  }
  const session = createKeystoneSession(url, {
    http,
    userAgent: 'test',
    account: () => Promise.resolve(account),
    monotonic: () => clock,
    random: () => 0.5,
  })
  validation = createTokenValidation({ keystone: url, session, http, userAgent: 'test', now: () => now })
})
afterEach(async () => {
  validation.close()
  await keystone.close()
})

const asked = (): unknown[] =>
  keystone.requests
    .filter(({ method }) => method === 'GET')
    .map(({ path, headers }) => [path, headers['x-auth-token'], headers['x-subject-token']])

test('a token of a project: who, which roles, and how long, by the clock of the answer or else by ours', async () => {
  verdicts = [recorded('041-validate-get-nocatalog')]
  const token = {
    user: { id: '22bfa8b347334b61abf215835b78fbf3', name: 'gateway', domain: 'Default' },
    project: { id: '6374d6b98ad141d9b5fc52b20233813a', name: 'services', domain: 'Default' },
    roles: ['reader'],
    groups: [],
    expires: Date.parse('2026-11-21T23:27:53Z'),
  }
  expect(await validation.validate('theirs')).toEqual({ ...token, left: 1_800_000 })
  expect(asked()).toEqual([['/v3/auth/tokens?nocatalog', 'own-1', 'theirs']])

  verdicts = [recorded('041-validate-get-nocatalog', [['Date', 'Sat, 21 Nov 2026 23:27:23 GMT']])]
  expect(await validation.validate('theirs')).toEqual({ ...token, left: 30_000 })
  expect(logins).toBe(1)
})

test.each(['045-validate-garbage-subject-404', '062-validate-revoked-404', '102-validate-expired-404'])(
  'no such token: %s',
  async (name) => {
    verdicts = [recorded(name)]
    expect(await validation.validate('theirs')).toBeUndefined()
  },
)

test('a 401 is about our own token: one login, one more question', async () => {
  verdicts = [recorded('047-validate-bad-auth-token-401'), recorded('041-validate-get-nocatalog')]
  expect(await validation.validate('theirs')).toMatchObject({ roles: ['reader'] })
  expect(asked()).toEqual([
    ['/v3/auth/tokens?nocatalog', 'own-1', 'theirs'],
    ['/v3/auth/tokens?nocatalog', 'own-2', 'theirs'],
  ])
})

test('a Keystone that refuses our new token too is no verdict, and is not logged in to each time', async () => {
  verdicts = [recorded('047-validate-bad-auth-token-401')]
  for (let i = 0; i < 5; i++) {
    await expect(validation.validate('theirs')).rejects.toMatchObject({ kind: 'unauthorized' })
  }
  expect(logins).toBe(2)
})

describe('no verdict', () => {
  const forbidden = `{"error": {"code": 403, "message": "You are not authorized to perform the requested action: identity:validate_token.", "title": "Forbidden"}}`
  const token = (more: object): string =>
    JSON.stringify({
      token: {
        user: { id: 'u', name: 'anna', domain: { id: 'default', name: 'Default' } },
        expires_at: '2026-11-21T23:27:53.000000Z',
        ...more,
      },
    })

  test.each<[string, RegionReply, string]>([
    ['we may not ask', plain(403, forbidden), 'unauthorized'],
    ['a 404 of a front', plain(404, '<html>Not Found</html>'), 'broken'],
    ['a 404 of something else', plain(404, '{"detail": "Not Found"}'), 'broken'],
    ['an empty 404', plain(404), 'broken'],
    ['a 500', plain(500, '{"error": {"code": 500}}'), 'broken'],
    ['a front without its Keystone', plain(503, '<html>503</html>'), 'broken'],
    ['a redirect', plain(302, '', [['Location', 'http://elsewhere.test/']]), 'broken'],
    ['a list of versions', plain(300, '{"versions": {}}'), 'broken'],
    ['a page', plain(200, '<html>Login</html>'), 'malformed'],
    ['nothing', plain(200), 'malformed'],
    ['no token', plain(200, '{}'), 'malformed'],
    ['a token of nobody', plain(200, token({ user: undefined })), 'malformed'],
    ['a user without a domain', plain(200, token({ user: { id: 'u', name: 'anna' } })), 'malformed'],
    ['a user that is a list', plain(200, token({ user: [] })), 'malformed'],
    ['a token without an end', plain(200, token({ expires_at: null })), 'malformed'],
    ['an end that is no time', plain(200, token({ expires_at: 'soon' })), 'malformed'],
    ['a project that is a name', plain(200, token({ project: 'admin' })), 'malformed'],
    ['a reset', 'reset', 'unreachable'],
    ['a huge answer', plain(200, ' '.repeat(200_000)), 'too_large'],
  ])('%s', async (_, reply, kind) => {
    verdicts = [reply]
    const failure = await validation.validate('a-secret-token').catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind })
    expect(String(failure)).not.toContain('a-secret-token')
  })

  test.each<[string, object, object]>([
    ['unscoped', {}, { project: undefined, roles: [] }],
    ['of the system', { system: { all: true }, roles: [{ name: 'admin' }] }, { project: undefined }],
    [
      'of a domain',
      { domain: { id: 'default', name: 'Default' }, roles: [{ name: 'admin' }] },
      { project: undefined },
    ],
    [
      'of a project that is a domain',
      { is_domain: true, project: { id: 'p', name: 'admin', domain: { id: 'd', name: 'Default' } } },
      { project: undefined },
    ],
    ['roles that are no list', { roles: { name: 'admin' } }, { roles: [] }],
    [
      'roles of odd kinds',
      { roles: ['admin', { id: 'admin' }, null, { name: 7 }, { name: 'reader' }] },
      { roles: ['reader'] },
    ],
    [
      'of a federated user',
      {
        user: {
          id: 'u',
          name: 'anna',
          domain: { id: 'f', name: 'Federated' },
          'OS-FEDERATION': { groups: [{ id: 'g1' }, { name: 'no id' }], identity_provider: { id: 'dex' } },
        },
      },
      { groups: ['g1'], user: { id: 'u', name: 'anna', domain: 'Federated' } },
    ],
  ])('a verdict all the same: a token %s', async (_, described, expected) => {
    verdicts = [plain(200, token(described))]
    expect(await validation.validate('theirs')).toMatchObject(expected)
  })
})

test('so many at once, and no more: the rest get no verdict', async () => {
  verdicts = ['hang']
  const waiting = Array.from({ length: 40 }, () =>
    validation.validate('theirs').catch((error: unknown) => error),
  )
  const refused = await Promise.all(waiting.slice(32))
  expect(refused).toHaveLength(8)
  for (const each of refused)
    expect(each).toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('32 are under way') as string,
    })
  await keystone.close()
  expect(await Promise.all(waiting.slice(0, 32))).toHaveLength(32)
})
