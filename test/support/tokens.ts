import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { JWTPayload } from 'jose'

export interface TokenWishes {
  readonly roles?: readonly string[]
  readonly regions?: readonly string[]
  /** Seconds until it expires; negative makes an expired token. */
  readonly ttl?: number
  /** Claims laid over the others; `undefined` leaves a claim out. */
  readonly claims?: JWTPayload
  /** Fields laid over the protected header, such as `typ` or `kid`. */
  readonly header?: { readonly [name: string]: unknown }
}

export interface TokenIssuer {
  readonly issuer: string
  readonly audience: string
  /** Path of a file with the public key, as `auth.issuers[].jwks_file` wants it. */
  readonly jwksFile: string
  /** The entry for `auth.issuers` of a gateway that trusts this issuer. */
  readonly config: {
    readonly issuer: string
    readonly audience: string
    readonly jwks_file: string
    readonly claims: { readonly roles: string; readonly regions?: string }
  }
  sign(wishes?: TokenWishes): Promise<string>
  close(): Promise<void>
}

export interface IssuerOptions {
  readonly issuer?: string
  readonly audience?: string
  /** Whether the gateway is told to read the `regions` claim. */
  readonly limitsRegions?: boolean
}

/** An identity provider reduced to what a gateway sees of it: a key file, and tokens signed with that key. */
export async function createTokenIssuer(options: IssuerOptions = {}): Promise<TokenIssuer> {
  const issuer = options.issuer ?? 'https://idp.test/realms/noc'
  const audience = options.audience ?? 'stx-fleet-gateway'
  const kid = 'test-key'
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-tokens-'))
  const jwksFile = join(folder, 'jwks.json')
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }
  await writeFile(jwksFile, JSON.stringify({ keys: [publicJwk] }))

  const sign = (wishes: TokenWishes = {}): Promise<string> => {
    const now = Math.floor(Date.now() / 1000)
    const claims: JWTPayload = {
      iss: issuer,
      aud: audience,
      sub: 'tester',
      iat: now,
      exp: now + (wishes.ttl ?? 3600),
      roles: [...(wishes.roles ?? ['reader'])],
      ...(wishes.regions === undefined ? {} : { regions: [...wishes.regions] }),
      ...wishes.claims,
    }
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid, ...wishes.header }).sign(privateKey)
  }

  return {
    issuer,
    audience,
    jwksFile,
    config: {
      issuer,
      audience,
      jwks_file: jwksFile,
      claims: { roles: 'roles', ...(options.limitsRegions === true ? { regions: 'regions' } : {}) },
    },
    sign,
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
