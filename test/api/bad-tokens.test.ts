import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportSPKI, importJWK, SignJWT, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { start, type Gateway } from '../../src/start.ts'
import { createKeyPair } from '../support/fleet-keys.ts'
import { rawGet, type RawAnswer } from '../support/fleet-socket.ts'
import { createRawRegion, type RawRegion } from '../support/raw-region.ts'

// Every bad token that callers are known to bring, through the whole gateway over real sockets.

const issuer = 'https://idp.test/realms/noc'
const audience = 'stx-fleet-gateway'
const es = await createKeyPair('es-1')
const rs = await createKeyPair('rs-1', 'RS256')
const strange = await createKeyPair('es-1')

let folder: string
let gateway: Gateway
/** What tokens name, and what must never be contacted. */
let trap: RawRegion
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stx-fleet-bad-tokens-'))
  const jwks = join(folder, 'jwks.json')
  await writeFile(jwks, JSON.stringify({ keys: [es.publicJwk, rs.publicJwk] }))
  trap = await createRawRegion((socket) => socket.destroy())
  const loopback = { host: '127.0.0.1', port: 0 }
  const config = {
    listen: loopback,
    admin: loopback,
    auth: { issuers: [{ issuer, audience, jwks_file: jwks }] },
  }
  gateway = await start(parseConfig(JSON.stringify(config), 'tokens.json'), { logLevel: 'silent' })
})
afterAll(async () => {
  await gateway.close()
  await trap.close()
  await rm(folder, { recursive: true, force: true })
})

const now = Math.floor(Date.now() / 1000)
const good: JWTPayload = {
  iss: issuer,
  aud: audience,
  sub: 'anna',
  iat: now,
  exp: now + 3_600,
  roles: ['reader'],
}

/** A token by a key that the gateway knows, unless told otherwise; undefined leaves a claim out. */
function signed(
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
  { kid, algorithm: alg, privateKey } = es,
): Promise<string> {
  return new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function unsigned(header: object, claims: object = good, signature = ''): string {
  return `${encoded(header)}.${encoded(claims)}.${signature}`
}

/** As if the public key were a shared secret. */
async function hmacOfPublicKey(alg: string): Promise<string> {
  const key = (await importJWK(rs.publicJwk, 'RS256', { extractable: true })) as CryptoKey
  return new SignJWT(good).setProtectedHeader({ alg, kid: rs.kid }).sign(Buffer.from(await exportSPKI(key)))
}

async function tampered(): Promise<string> {
  const [header, , signature] = (await signed()).split('.')
  return [header, encoded({ ...good, roles: ['admin'] }), signature].join('.')
}

function presented(...headers: readonly string[]): Promise<RawAnswer> {
  return rawGet(gateway.url, '/v1/release', headers)
}

test('the good one that all of these are made from is accepted', async () => {
  expect((await presented(`Authorization: Bearer ${await signed()}`)).status).toBe(200)
})

describe('a 401 of which nothing is fetched and nothing believed', () => {
  const at = (path: string): string => `${trap.url.href}${path}`

  test.each<[string, () => string | Promise<string>, string?]>([
    ['alg none', () => unsigned({ alg: 'none' })],
    ['alg none, and something for a signature', () => unsigned({ alg: 'none', kid: 'es-1' }, good, 'AAAA')],
    ['alg NoNe', () => unsigned({ alg: 'NoNe' })],
    ['no alg', () => unsigned({ typ: 'JWT' })],
    [
      'RS256 made HS256',
      () => hmacOfPublicKey('HS256'),
      'the token is signed with an algorithm that is not allowed',
    ],
    [
      'RS256 made HS512',
      () => hmacOfPublicKey('HS512'),
      'the token is signed with an algorithm that is not allowed',
    ],
    ['expired', () => signed({ exp: now - 60 }), 'the token has expired'],
    ['without an end', () => signed({ exp: undefined }), 'the token\'s claim "exp" does not fit'],
    [
      'an end that is no number',
      () => signed({ exp: `${now + 600}` }),
      'the token\'s claim "exp" does not fit',
    ],
    ['of the future', () => signed({ nbf: now + 600 }), 'the token\'s claim "nbf" does not fit'],
    ['another audience', () => signed({ aud: 'other' }), 'the token\'s claim "aud" does not fit'],
    ['no audience', () => signed({ aud: undefined }), 'the token\'s claim "aud" does not fit'],
    [
      'another issuer',
      () => signed({ iss: 'https://elsewhere.test' }),
      'the token is of an issuer that this gateway does not know',
    ],
    ['no issuer', () => signed({ iss: undefined })],
    ['a list of issuers', () => signed({ iss: [issuer] })],
    ['another typ', () => signed({}, { typ: 'logout+jwt' }), 'the token is of another type'],
    ['a proof', () => signed({}, { typ: 'dpop+jwt' }), 'the token is of another type'],
    ['huge', () => signed({ more: 'x'.repeat(16 * 1024) }), 'the token is too long'],
    [
      'a critical header',
      () => unsigned({ alg: 'ES256', kid: 'es-1', crit: ['exp'], exp: 1 }, good, 'A'.repeat(86)),
    ],
    ['crit of nothing', () => unsigned({ alg: 'ES256', kid: 'es-1', crit: [] }, good, 'A'.repeat(86))],
    ['b64 false', () => unsigned({ alg: 'ES256', kid: 'es-1', b64: false, crit: ['b64'] }, good, 'AAAA')],
    ['an unknown key', () => signed({}, { kid: 'other' })],
    ['a key of the same name', () => signed({}, {}, strange)],
    ['the key of another algorithm', () => signed({}, { kid: 'rs-1' })],
    ['claims that were changed', tampered],
    ['a key id that is a path', () => signed({}, { kid: '../../../../dev/null' })],
    ['a key id that is a URL', () => signed({}, { kid: at('kid') }, strange)],
    ['jku', () => signed({}, { jku: at('jku') }, strange)],
    ['jku, and an unknown key', () => signed({}, { jku: at('jku'), kid: 'other' }, strange)],
    ['x5u', () => signed({}, { x5u: at('x5u'), kid: 'other' }, strange)],
    ['x5c', () => signed({}, { x5c: ['AAAA'] }, strange)],
    ['jwk', () => signed({}, { jwk: strange.publicJwk }, strange)],
    ['jwk without a key id', () => signed({}, { jwk: strange.publicJwk, kid: undefined }, strange)],
    ['an issuer that listens', () => signed({ iss: trap.url.origin }, {}, strange)],
    [
      'an issuer that listens, and its jku',
      () => signed({ iss: trap.url.origin }, { jku: at('jku') }, strange),
    ],
    ['encrypted', () => `${encoded({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
    ['one part', () => 'AAAA'],
    ['four parts', () => 'a.b.c.d'],
    ['claims that are no object', () => unsigned({ alg: 'ES256' }, [], 'AAAA')],
    [
      'claims of the prototype',
      () => unsigned({ alg: 'ES256', kid: '__proto__' }, { ...good, iss: '__proto__' }, 'AAAA'),
    ],
    ['bytes', () => '\x80\xff\xfe'],
  ])('%s', async (_, make, error) => {
    const token = await make()
    for (const header of [
      `Authorization: Bearer ${token}`,
      `X-Auth-Token: ${token}`,
      `OIDC-Token: ${token}`,
    ]) {
      const answer = await presented(header)
      expect([
        answer.status,
        answer.headers.get('www-authenticate'),
        answer.headers.get('content-type'),
      ]).toEqual([401, 'Bearer realm="stx-fleet-gateway", error="invalid_token"', 'application/json'])
      const body = JSON.parse(answer.body.toString()) as Record<string, unknown>
      expect(body).toMatchObject({ type: '/problems/unauthenticated', status: 401 })
      expect(body['error']).toEqual(error ?? expect.stringMatching(/./))
      expect(answer.body.toString()).not.toContain(token)
    }
    expect(trap.connections()).toBe(0)
  })

  test.each<[string, (token: string, other: string) => string[]]>([
    ['two that differ', (token, other) => [`Authorization: Bearer ${token}`, `X-Auth-Token: ${other}`]],
    ['two alike', (token) => [`X-Auth-Token: ${token}`, `OIDC-Token: ${token}`]],
    [
      'one header twice',
      (token, other) => [`Authorization: Bearer ${token}`, `Authorization: Bearer ${other}`],
    ],
    ['a good one and a bad one', (token) => [`Authorization: Bearer ${token}`, 'OIDC-Token: x']],
    ['a good one and Basic', (token) => [`X-Auth-Token: ${token}`, 'Authorization: Basic YTpi']],
  ])('two credentials: %s', async (_, headers) => {
    const answer = await presented(...headers(await signed(), await signed({ sub: 'bob' })))
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
      401,
      { type: '/problems/unauthenticated', error: 'more than one credential: send exactly one' },
    ])
  })
})
