import { type CryptoKey, exportSPKI, importJWK, SignJWT, type JWTPayload } from 'jose'
import { createKeyPair } from './fleet-keys.ts'

export const issuer = 'https://idp.test/realms/noc'
export const audience = 'stx-fleet-gateway'
const es = await createKeyPair('es-1')
const rs = await createKeyPair('rs-1', 'RS256')
const strange = await createKeyPair('es-1')

/** What the issuer of these tokens publishes. */
export const keySet = { keys: [es.publicJwk, rs.publicJwk] }

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
export function signed(
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

export type BadToken = [name: string, make: () => string | Promise<string>, error?: string]

/** Every bad token that callers are known to bring, and what is said of it; `trap` is what tokens name to have it fetched. */
export function badTokens(trap: URL): BadToken[] {
  const at = (path: string): string => `${trap.href}${path}`
  return [
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
    ['an issuer that listens', () => signed({ iss: trap.origin }, {}, strange)],
    ['an issuer that listens, and its jku', () => signed({ iss: trap.origin }, { jku: at('jku') }, strange)],
    ['encrypted', () => `${encoded({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
    ['one part', () => 'AAAA'],
    ['four parts', () => 'a.b.c.d'],
    ['claims that are no object', () => unsigned({ alg: 'ES256' }, [], 'AAAA')],
    [
      'claims of the prototype',
      () => unsigned({ alg: 'ES256', kid: '__proto__' }, { ...good, iss: '__proto__' }, 'AAAA'),
    ],
    ['bytes', () => '\x80\xff\xfe'],
  ]
}
