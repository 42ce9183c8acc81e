import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { audience, badTokens, issuer, keySet, signed } from '../support/bad-tokens.ts'
import { exchange, rawGet, type RawAnswer } from '../support/fleet-socket.ts'
import { createRawRegion } from '../support/raw-region.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'

// Each door with each method: who brings no good token gets in nowhere, and no header makes anybody more than the token says.

const trap = await createRawRegion((socket) => socket.destroy())
let gateway: Served
let folder: string
let writer: string
let reader: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stx-fleet-doors-'))
  await writeFile(join(folder, 'jwks.json'), JSON.stringify(keySet))
  const own = { listen: { host: '127.0.0.1', port: 0 }, sw_patch_listen: { port: 0 } }
  const trusted = { issuer, audience, jwks_file: join(folder, 'jwks.json') }
  gateway = await serveRegions({
    regions: { boston: own },
    config: {
      auth: { issuers: [{ ...trusted, claims: { regions: 'regions' } }] },
      limits: { requests_per_second: 0, concurrent: 0 },
    },
  })
  writer = await signed({ roles: ['configurator'], regions: ['*'] })
  reader = await signed({ roles: ['operator'], regions: ['*'] })
})
afterAll(async () => {
  await gateway.close()
  await trap.close()
  await rm(folder, { recursive: true, force: true })
})

const writes = (): number => gateway.region('boston').writes().length
/** Nothing, but for the last test. */
let meant = 0
afterEach(() => expect(writes()).toBe(meant))

type Door = 'main' | 'listen' | 'swPatch'
const doors: readonly (readonly [Door, string])[] = [
  ['main', '/'],
  ['main', '/v1'],
  ['main', '/v1/release?region_name=boston'],
  ['main', '/v1/deploy/abort?region_name=boston'],
  ['main', '/patching/v1/apply/P-1?region_name=boston'],
  ['main', '/regions/boston/v1/deploy/abort'],
  ['main', '/regions/boston/patching/v1/query'],
  ['main', '/metrics'],
  ['main', '/fleet/v1/whoami'],
  ['main', '/nothing'],
  ['listen', '/v1/release'],
  ['listen', '/v1/deploy/abort'],
  ['listen', '/nothing'],
  ['swPatch', '/patch/query'],
  ['swPatch', '/patch/apply/P-1'],
]
const methods = ['GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']
const urlOf = (door: Door): string => (door === 'main' ? gateway.url : gateway.urlOf('boston', door))

async function ask(door: Door, method: string, path: string, ...headers: string[]): Promise<RawAnswer> {
  return rawGet(urlOf(door), path, headers, method)
}

/** `401` of all doors; the one for `sw-patch` tells it as Patching itself tells errors. */
function refusalOf(door: Door, method: string, { status, body }: RawAnswer): unknown {
  if (method === 'HEAD') return door === 'swPatch' && status === 200 && body.length === 0 ? 401 : status
  const { status: told } = JSON.parse(body.toString()) as { status: number }
  return status === (door === 'swPatch' ? 200 : 401) ? told : status
}

describe('no door lets in', () => {
  test.each(badTokens(trap.url))('%s', async (_, make) => {
    const token = await make()
    for (const [door, path] of doors) {
      for (const method of methods) {
        const answer = await ask(door, method, path, `X-Auth-Token: ${token}`)
        expect([door, method, path, refusalOf(door, method, answer)]).toEqual([door, method, path, 401])
      }
    }
    expect(trap.connections()).toBe(0)
  })

  test.each<[string, () => string[]]>([
    ['two credentials', () => [`X-Auth-Token: ${writer}`, `Authorization: Bearer ${writer}`]],
    ['one of them empty', () => [`X-Auth-Token: ${writer}`, 'OIDC-Token:']],
    ['an empty one', () => ['X-Auth-Token:']],
    ['Basic', () => ['Authorization: Basic YWRtaW46YWRtaW4=']],
    ['a token of Keystone, which is not asked here', () => [`X-Auth-Token: gAAAAA${'B'.repeat(177)}`]],
  ])('%s', async (_, headers) => {
    for (const [door, path] of doors) {
      for (const method of methods) {
        const answer = await ask(door, method, path, ...headers())
        expect([door, method, path, refusalOf(door, method, answer)]).toEqual([door, method, path, 401])
      }
    }
  })

  test.each<[string, string[]]>([
    ['nothing', []],
    ['a cookie', ['Cookie: token=x; X-Auth-Token=x']],
    ['a token of storage', ['X-Storage-Token: x']],
    ['a token of a service', ['X-Service-Token: x']],
    ['a name with an underscore', ['X_Auth_Token: x']],
    ['an identity that is confirmed', ['X-Identity-Status: Confirmed', 'X-Roles: admin', 'X-User-Id: admin']],
  ])('%s in the place of a token', async (_, headers) => {
    for (const [door, path] of doors.filter(([each]) => each !== 'swPatch')) {
      for (const method of methods) {
        const answer = await ask(door, method, path, ...headers)
        expect([door, method, path, answer.status]).toEqual([door, method, path, 401])
      }
    }
  })
})

const spoofs = [
  'X-Roles: admin',
  'X-Role: admin',
  'X-User: admin',
  'X-User-Id: admin',
  'X-User-Name: admin',
  'X-User-Domain-Name: Default',
  'X-Project-Name: admin',
  'X-Project-Id: admin',
  'X-Tenant: admin',
  'X-Tenant-Name: admin',
  'X-Domain-Name: Default',
  'X-Is-Admin-Project: True',
  'X-Identity-Status: Confirmed',
  'X-Service-Identity-Status: Confirmed',
  'X-Service-Token: x',
  'X-Service-Roles: admin',
  'X-Service-Catalog: []',
  'X-Storage-Token: x',
  'X-Subject-Token: x',
  'OpenStack-System-Scope: all',
  'User-Header: eyJyb2xlIjoiYWRtaW4ifQ==',
  'X-Forwarded-User: admin',
  'X-Forwarded-For: 127.0.0.1',
  'Forwarded: for=127.0.0.1;by=admin',
  'X-Real-IP: 127.0.0.1',
  'X-Remote-User: admin',
  'Remote-User: admin',
  'Proxy-Authorization: Bearer x',
  'Client-Cert: :AAAA:',
  'X-SSL-Client-Verify: SUCCESS',
  'Impersonate-User: admin',
  'X-HTTP-Method-Override: GET',
]

describe('a header makes nobody more', () => {
  const writing: readonly (readonly [Door, string])[] = [
    ['main', '/v1/deploy/abort?region_name=boston'],
    ['main', '/regions/boston/v1/deploy/abort'],
    ['main', '/regions/boston/patching/v1/apply/P-1'],
    ['listen', '/v1/deploy/abort'],
  ]
  test.each(spoofs)('%s', async (header) => {
    for (const [door, path] of writing) {
      const answer = await ask(door, 'POST', path, `X-Auth-Token: ${reader}`, header)
      expect([door, path, answer.status]).toEqual([door, path, 403])
    }
    const told = await ask('swPatch', 'POST', '/patch/apply/P-1', header)
    expect(JSON.parse(told.body.toString())).toMatchObject({ status: 403 })
  })

  test.each(spoofs)('%s does not reach a region', async (header) => {
    const name = header.split(':')[0]?.toLowerCase() ?? ''
    const before = gateway.region('boston').requests.length
    await ask('main', 'GET', '/regions/boston/v1/deploy', `X-Auth-Token: ${reader}`, header)
    await ask('listen', 'GET', '/v1/deploy_host', `X-Auth-Token: ${reader}`, header)
    const seen = gateway.region('boston').requests.slice(before)
    expect(seen.length).toBeGreaterThan(0)
    for (const { headers } of seen) expect(Object.keys(headers)).not.toContain(name)
  })
})

describe('a write hidden in a read is not carried out', () => {
  const abort = (to: Door): string => (to === 'main' ? '/regions/boston/v1/deploy/abort' : '/v1/deploy/abort')
  /** After each of these heads comes a whole request of a writer, which is either a body or not read at all. */
  const heads: readonly (readonly [string, (token: string) => string])[] = [
    [
      'both lengths',
      (token) => `${token}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'both, the other way round',
      (token) => `${token}\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', (token) => `${token}\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n`],
    ['a length in hex', (token) => `${token}\r\nContent-Length: 0x0\r\n\r\n`],
    ['a length that is empty', (token) => `${token}\r\nContent-Length:\r\n\r\n`],
    [
      'two codings',
      (token) => `${token}\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['chunked twice', (token) => `${token}\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
    [
      'a coding after chunked',
      (token) => `${token}\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    ],
    ['a coding with a tab', (token) => `${token}\r\nTransfer-Encoding:\tchunked\x0b\r\n\r\n0\r\n\r\n`],
    ['a folded coding', (token) => `${token}\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
    ['a folded token', (token) => `${token.replace(': ', ':\r\n ')}\r\n\r\n`],
    ['a bare CR', (token) => `${token}\r\nX: a\rContent-Length: 0\r\n\r\n`],
    ['bare LFs', (token) => `${token}\nContent-Length: 0\n\n`],
    ['a chunk size that ends in LF', (token) => `${token}\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n`],
    [
      'a chunk extension with LF',
      (token) => `${token}\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nb\r\nx\r\n0\r\n\r\n`,
    ],
    [
      'a chunk longer than said',
      (token) => `${token}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n`,
    ],
    [
      'a chunk size beyond measure',
      (token) => `${token}\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`,
    ],
    [
      'a trailer that is a head',
      (token) => `${token}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n`,
    ],
    ['a name with a space', (token) => `${token}\r\nContent-Length : 0\r\n\r\n`],
    ['a head that begins with a space', (token) => ` X: y\r\n${token}\r\n\r\n`],
    ['HTTP/1.0 with a coding', (token) => `${token}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ]
  test.each(heads)('%s', async (name, head) => {
    for (const door of ['main', 'listen'] as const) {
      const get = door === 'main' ? '/regions/boston/v1/deploy' : '/v1/deploy'
      const version = name.startsWith('HTTP/1.0') ? '1.0' : '1.1'
      const hidden = `POST ${abort(door)} HTTP/1.1\r\nHost: a\r\nX-Auth-Token: ${writer}\r\nContent-Length: 0\r\n\r\n`
      const first = `GET ${get} HTTP/${version}\r\nHost: a\r\nConnection: close\r\n${head(`X-Auth-Token: ${reader}`)}`
      const text = (await exchange(urlOf(door), first + hidden)).toString('latin1')
      expect(text.split(/^HTTP\/1\.1 /m).length - 1).toBeLessThanOrEqual(1)
      expect(writes()).toBe(0)
    }
  })

  test('repeated headers: the token that counts is the only one there is', async () => {
    for (const [first, second] of [
      [reader, writer],
      [writer, reader],
    ]) {
      for (const lines of [
        [`X-Auth-Token: ${first}`, `X-Auth-Token: ${second}`],
        [`X-Auth-Token: ${first}`, `x-auth-token: ${second}`],
        [`X-Auth-Token: ${first}, ${second}`],
        [`Authorization: Bearer ${first}, Bearer ${second}`],
        [`Authorization: Bearer ${first} ${second}`],
      ]) {
        expect((await ask('main', 'POST', abort('main'), ...lines)).status).toBe(401)
        expect((await ask('listen', 'POST', abort('listen'), ...lines)).status).toBe(401)
      }
    }
  })
})

test('the same writes, not hidden and by a writer, are carried out', async () => {
  for (const [door, path] of [
    ['main', '/regions/boston/v1/deploy/abort'],
    ['listen', '/v1/deploy/abort'],
  ] as const) {
    expect((await ask(door, 'POST', path, `X-Auth-Token: ${writer}`)).status).toBe(200)
    meant++
  }
})
