import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import type { JWK } from 'jose'

/** Who signs the tokens of a demo, and for whom. */
export const issuer = 'https://demo.stx-fleet-gateway.invalid'
export const audience = 'stx-fleet-gateway'

const algorithm = 'ES256'
const keyId = 'demo'

export interface KeyFiles {
  /** The public half, for the gateway. */
  readonly jwksFile: string
  /** The private half, readable by this user only; it leaves the folder never and goes with it. */
  readonly keyFile: string
}

/** Makes the key pair of one demo in its private folder. */
export async function createKeyFiles(folder: string): Promise<KeyFiles> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const files = { jwksFile: join(folder, 'jwks.json'), keyFile: join(folder, 'key.json') }
  const facts = { kid: keyId, alg: algorithm }
  const keys = [{ ...(await exportJWK(publicKey)), ...facts, use: 'sig' }]
  await writeFile(files.jwksFile, JSON.stringify({ keys }), { mode: 0o600 })
  await writeFile(files.keyFile, JSON.stringify({ ...(await exportJWK(privateKey)), ...facts }), {
    mode: 0o600,
  })
  return files
}

export interface TokenRequest {
  readonly roles: readonly string[]
  /** Names, globs, `group:…`, `label:k=v`. */
  readonly regions: readonly string[]
  readonly ttlSeconds: number
}

/** A JWT that the demo with this key trusts. */
export async function signToken(keyFile: string, request: TokenRequest): Promise<string> {
  const key = await importJWK(JSON.parse(await readFile(keyFile, 'utf8')) as JWK, algorithm)
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ roles: [...request.roles], regions: [...request.regions] })
    .setProtectedHeader({ alg: algorithm, kid: keyId })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject('demo')
    .setIssuedAt(now)
    .setExpirationTime(now + request.ttlSeconds)
    .sign(key)
}
