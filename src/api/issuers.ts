import type { Issuer } from './authenticate.ts'
import type { ClaimPaths } from './caller.ts'
import { keysOf } from './keys.ts'

/** An issuer as the configuration gives it; without keys of its own, they are found by discovery. */
export interface IssuerConfig {
  readonly issuer: string
  readonly audience: string
  readonly claims: ClaimPaths
  readonly jwks_file?: string | undefined
  readonly jwks_uri?: URL | undefined
}

/** The configured issuers, each with its keys; a provider that is down is asked again when a token needs it. */
export async function issuersOf(issuers: readonly IssuerConfig[]): Promise<Issuer[]> {
  return Promise.all(
    issuers.map(async ({ issuer, audience, claims, jwks_file, jwks_uri }) => ({
      issuer,
      audience,
      claims,
      keys: await keysOf({ issuer, jwksFile: jwks_file, jwksUri: jwks_uri }),
    })),
  )
}
