import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type CryptoKey,
  exportSPKI,
  importJWK,
  SignJWT,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose'
import { describe, expect, test } from 'vitest'
import { createAuthenticate, type Authenticate, type Issuer } from '../../src/api/authenticate.ts'
import type { Problem } from '../../src/api/problem.ts'
import { createClock, startOfTests, type Clock } from '../support/fleet-clock.ts'
import { createKeyPair, keySetOf, type KeyPair } from '../support/fleet-keys.ts'

const issuer = 'https://idp.test/realms/noc'
const audience = 'stx-fleet-gateway'
const start = startOfTests / 1000

const es = await createKeyPair('es-1')
const rs = await createKeyPair('rs-1', 'RS256')
const strange = await createKeyPair('es-1')
const keys = keySetOf(es, rs)

interface Gate {
  readonly clock: Clock
  readonly authenticate: Authenticate
  /** `ok`, or the 401's sentence. */
  readonly verdict: (token: string) => Promise<string>
}

function gate(issuers: readonly Issuer[] = [{ issuer, audience, keys, claims: { roles: 'roles' } }]): Gate {
  const clock = createClock()
  const authenticate = createAuthenticate(issuers, clock.now)
  return {
    clock,
    authenticate,
    async verdict(token) {
      try {
        await authenticate(['Authorization', `Bearer ${token}`])
        return 'ok'
      } catch (error) {
        const { status, message, headers } = error as Problem
        expect([status, headers['www-authenticate']]).toEqual([
          401,
          'Bearer realm="stx-fleet-gateway", error="invalid_token"',
        ])
        return message
      }
    },
  }
}

const good: JWTPayload = { iss: issuer, aud: audience, sub: 'anna', exp: start + 3_600, roles: ['reader'] }

async function signed(
  claims: JWTPayload = {},
  header: Partial<JWTHeaderParameters> = {},
  by: KeyPair = es,
): Promise<string> {
  const { kid, algorithm: alg } = by
  return new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(by.privateKey)
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

describe('a token that was signed for this gateway', () => {
  test.each<[string, JWTPayload, Partial<JWTHeaderParameters>]>([
    ['as it stands', {}, {}],
    ['with the audience in a list', { aud: ['other', audience] }, {}],
    ['of type JWT', {}, { typ: 'JWT' }],
    ['of type at+jwt', {}, { typ: 'at+jwt' }],
    ['of type application/at+jwt', {}, { typ: 'application/at+jwt' }],
    ['without a key id, where the algorithm tells the key', {}, { kid: undefined as unknown as string }],
    ['that has begun', { nbf: start }, {}],
    ['of a clock a little ahead', { nbf: start + 5 }, {}],
    ['of a clock a little behind', { exp: start - 4 }, {}],
  ])('is believed %s', async (_, claims, header) => {
    expect(await gate().verdict(await signed(claims, header))).toBe('ok')
  })

  test('is believed whichever of the keys signed it', async () => {
    expect(await gate().verdict(await signed({}, {}, rs))).toBe('ok')
  })

  test('tells who asks', async () => {
    const headers = ['X-Auth-Token', await signed({ roles: ['reader', 'operator', 'offline_access'] })]
    expect(await gate().authenticate(headers)).toMatchObject({ subject: 'anna', issuer, role: 'operator' })
  })
})

describe('a token is refused', () => {
  test.each<[string, JWTPayload, Partial<JWTHeaderParameters>, string]>([
    ['that has expired', { exp: start - 5 }, {}, 'the token has expired'],
    ['that has not begun', { nbf: start + 6 }, {}, `the token's claim "nbf" does not fit`],
    [
      'that never expires',
      { exp: undefined as unknown as number },
      {},
      `the token's claim "exp" does not fit`,
    ],
    [
      'whose expiry is no number',
      { exp: 'tomorrow' as unknown as number },
      {},
      `the token's claim "exp" does not fit`,
    ],
    ['for another audience', { aud: 'other' }, {}, `the token's claim "aud" does not fit`],
    ['for no audience', { aud: undefined as unknown as string }, {}, `the token's claim "aud" does not fit`],
    [
      'of another issuer',
      { iss: 'https://elsewhere' },
      {},
      'the token is of an issuer that this gateway does not know',
    ],
    [
      'of an issuer spelt otherwise',
      { iss: `${issuer}/` },
      {},
      'the token is of an issuer that this gateway does not know',
    ],
    [
      'of no issuer',
      { iss: undefined as unknown as string },
      {},
      'the token is of an issuer that this gateway does not know',
    ],
    ['of a key that is not known', {}, { kid: 'other' }, 'the token could not be verified'],
    ['of the key of another algorithm', {}, { kid: 'rs-1' }, 'the token could not be verified'],
    ['meant for logging out', {}, { typ: 'logout+jwt' }, 'the token is of another type'],
    ['meant as a proof', {}, { typ: 'dpop+jwt' }, 'the token is of another type'],
    ['of an unheard-of type', {}, { typ: 'secevent+jwt' }, 'the token is of another type'],
  ])('%s', async (_, claims, header, reason) => {
    expect(await gate().verdict(await signed(claims, header))).toBe(reason)
  })

  test('with a critical header that is not understood', async () => {
    const token = `${encoded({ alg: 'ES256', kid: 'es-1', crit: ['exp'], exp: 1 })}.${encoded(good)}.${'A'.repeat(86)}`
    expect(await gate().verdict(token)).toBe('the token could not be verified')
  })

  test('signed by another key of the same name', async () => {
    expect(await gate().verdict(await signed({}, {}, strange))).toBe('the token could not be verified')
  })

  test('whose claims were changed', async () => {
    const [header = '', , signature = ''] = (await signed()).split('.')
    const token = [header, encoded({ ...good, roles: ['admin'] }), signature].join('.')
    expect(await gate().verdict(token)).toBe('the token could not be verified')
  })

  test.each(['none', 'None', 'NONE', ''])('that is not signed: alg %o', async (alg) => {
    for (const signature of ['', 'AAAA']) {
      expect(await gate().verdict(`${encoded({ alg, typ: 'JWT' })}.${encoded(good)}.${signature}`)).not.toBe(
        'ok',
      )
    }
  })

  test.each(['HS256', 'HS384', 'HS512'])(
    'signed with a public key as if it were a shared secret: %s',
    async (alg) => {
      const key = (await importJWK(rs.publicJwk, 'RS256', { extractable: true })) as CryptoKey
      const secrets = [await exportSPKI(key), JSON.stringify(rs.publicJwk), rs.publicJwk.n ?? '']
      for (const secret of secrets) {
        const token = await new SignJWT(good)
          .setProtectedHeader({ alg, kid: 'rs-1' })
          .sign(Buffer.from(secret))
        expect(await gate().verdict(token)).toBe('the token is signed with an algorithm that is not allowed')
      }
    },
  )

  test('that brings its own key, or says where to fetch one; nothing is fetched', async () => {
    const fetched: string[] = []
    const server = createServer((request, response) => {
      fetched.push(request.url ?? '')
      response.end(JSON.stringify({ keys: [strange.publicJwk] }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const headers: readonly Partial<JWTHeaderParameters>[] = [
      { jwk: strange.publicJwk },
      { jku: `${url}/jku`, kid: 'other' },
      { x5u: `${url}/x5u`, kid: 'other' },
      { jku: `${url}/jku`, x5u: `${url}/x5u` },
    ]
    const verdicts: string[] = []
    for (const header of headers) verdicts.push(await gate().verdict(await signed({}, header, strange)))
    verdicts.push(await gate().verdict(await signed({ iss: url }, {}, strange)))
    await new Promise((resolve) => server.close(resolve))

    expect(verdicts).toEqual([
      ...headers.map(() => 'the token could not be verified'),
      'the token is of an issuer that this gateway does not know',
    ])
    expect(fetched).toEqual([])
  })

  test('that is huge, before anything is made of it', async () => {
    const token = await signed({ more: 'x'.repeat(16 * 1024) })
    expect(await gate().verdict(token)).toBe('the token is too long')
  })

  test.each([
    'x',
    '..',
    'a.b.c',
    'a.b.c.d.e',
    'é.é.é',
    `${encoded({ alg: 'ES256' })}.${encoded([])}.AAAA`,
    `${encoded({ alg: 'ES256' })}.${encoded(null)}.AAAA`,
    `${encoded({ alg: 'ES256' })}.bm90IGpzb24.AAAA`,
    `${encoded(null)}.${encoded(good)}.AAAA`,
    `${encoded([])}.${encoded(good)}.AAAA`,
    `${encoded({ alg: ['ES256'] })}.${encoded(good)}.AAAA`,
    `${encoded({ alg: 'ES256', kid: { a: 1 } })}.${encoded(good)}.AAAA`,
    `${encoded({ alg: 'ES256', kid: 'es-1', typ: 7 })}.${encoded(good)}.AAAA`,
    `${encoded({ alg: 'ES256', kid: 'es-1', b64: false, crit: ['b64'] })}.${encoded(good)}.AAAA`,
    `${encoded({ alg: 'ES256', kid: 'es-1' })}.${encoded(good)}.A`,
    `${encoded({ alg: 'ES256', kid: 'es-1' })}.${encoded(good)}.!!!!`,
    `${encoded({ alg: 'toString', kid: 'es-1' })}.${encoded(good)}.AAAA`,
    `${encoded({ alg: 'ES256', kid: '__proto__' })}.${encoded({ ...good, iss: '__proto__' })}.AAAA`,
  ])('that is garbage: %s', async (token) => {
    expect(await gate().verdict(token)).toMatch(/token/)
  })
})

describe('two issuers whose keys have the same name', () => {
  const ours = { issuer, audience, keys: keySetOf(es), claims: { roles: 'roles' } }
  const theirs = {
    issuer: 'https://other.test',
    audience: 'gw',
    keys: keySetOf(strange),
    claims: { roles: ['resource_access', 'gw.roles'], regions: 'regions' },
  }

  test('are each believed only with their own', async () => {
    const { verdict } = gate([ours, theirs])
    const their = { iss: theirs.issuer, aud: 'gw' }
    expect([
      await verdict(await signed()),
      await verdict(await signed(their, {}, strange)),
      await verdict(await signed({}, {}, strange)),
      await verdict(await signed(their)),
      await verdict(await signed({ iss: theirs.issuer }, {}, strange)),
    ]).toEqual([
      'ok',
      'ok',
      'the token could not be verified',
      'the token could not be verified',
      `the token's claim "aud" does not fit`,
    ])
  })

  test('have their claims read as each is configured', async () => {
    const token = await signed(
      { iss: theirs.issuer, aud: 'gw', roles: ['admin'], resource_access: { 'gw.roles': ['reader'] } },
      {},
      strange,
    )
    expect(await gate([ours, theirs]).authenticate(['OIDC-Token', token])).toMatchObject({
      issuer: theirs.issuer,
      role: 'reader',
    })
  })
})

describe('a token that was verified before', () => {
  test('is not verified again for a minute', async () => {
    let verified = 0
    const counting: Issuer['keys'] = (...given) => {
      verified++
      return keys(...given)
    }
    const { clock, verdict } = gate([{ issuer, audience, keys: counting, claims: { roles: 'roles' } }])
    const token = await signed()
    for (const wait of [0, 1_000, 58_000, 2_000, 0]) {
      clock.pass(wait)
      expect(await verdict(token)).toBe('ok')
    }
    expect(verified).toBe(2)
  })

  test('is refused once it has expired', async () => {
    const { clock, verdict } = gate()
    const token = await signed({ exp: start + 20 })
    expect(await verdict(token)).toBe('ok')
    clock.pass(24_900)
    expect(await verdict(token)).toBe('ok')
    clock.pass(101)
    expect(await verdict(token)).toBe('the token has expired')
  })

  test('does not lend its caller to another token', async () => {
    const { authenticate } = gate()
    const [reader, admin] = [await signed(), await signed({ sub: 'bob', roles: ['admin'] })]
    const who = async (token: string): Promise<unknown> => {
      const { subject, role } = await authenticate(['X-Auth-Token', token])
      return [subject, role]
    }
    expect([await who(reader), await who(admin), await who(reader)]).toEqual([
      ['anna', 'reader'],
      ['bob', 'admin'],
      ['anna', 'reader'],
    ])
  })

  test('that was refused is refused again', async () => {
    const { verdict } = gate()
    const token = await signed({}, {}, strange)
    expect([await verdict(token), await verdict(token)]).toEqual([
      'the token could not be verified',
      'the token could not be verified',
    ])
  })
})
