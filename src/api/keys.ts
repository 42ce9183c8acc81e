import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'

export interface KeySource {
  readonly issuer: string
  readonly jwksFile: string | undefined
  readonly jwksUri: URL | undefined
}

/** ms */
const remote = { timeoutDuration: 5_000, cooldownDuration: 30_000, cacheMaxAge: 600_000 }

/** An issuer's public keys: from a file, a URL, or what its discovery document names. Never from a token. */
export async function keysOf({ issuer, jwksFile, jwksUri }: KeySource): Promise<JWTVerifyGetKey> {
  if (jwksFile !== undefined) {
    return createLocalJWKSet(JSON.parse(await readFile(jwksFile, 'utf8')) as JSONWebKeySet)
  }
  return jwksUri === undefined ? discoveredKeys(issuer) : createRemoteJWKSet(jwksUri, remote)
}

/** Discovery happens with the first token, so that a provider that is down does not keep the gateway from starting. */
function discoveredKeys(issuer: string): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined
  let failedAt = -Infinity
  return async (header, token) => {
    if (found === undefined) {
      if (performance.now() - failedAt < remote.timeoutDuration)
        throw new Error('discovery failed a moment ago')
      found = discover(issuer).catch((error: unknown) => {
        found = undefined
        failedAt = performance.now()
        throw error
      })
    }
    return (await found)(header, token)
  }
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    redirect: 'error',
    signal: AbortSignal.timeout(remote.timeoutDuration),
  })
  if (!answer.ok) throw new Error(`OIDC discovery at ${issuer}: HTTP ${answer.status}`)
  const document = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown }
  if (document.issuer !== issuer || typeof document.jwks_uri !== 'string') {
    throw new Error(`OIDC discovery at ${issuer}: the document is of another issuer, or names no keys`)
  }
  return createRemoteJWKSet(new URL(document.jwks_uri), remote)
}
