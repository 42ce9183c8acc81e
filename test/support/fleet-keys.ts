import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type CryptoKey,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose'

export interface KeyPair {
  readonly kid: string
  readonly algorithm: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export async function createKeyPair(kid: string, algorithm = 'ES256'): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  return { kid, algorithm, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm } }
}

export function keySetOf(...pairs: readonly KeyPair[]): JWTVerifyGetKey {
  return createLocalJWKSet({ keys: pairs.map(({ publicJwk }) => publicJwk) })
}
