import { createHash } from 'node:crypto'
import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { LRUCache } from 'lru-cache'
import { toCaller, type Caller, type ClaimPaths } from './caller.ts'
import { presentedToken, unauthenticated } from './credential.ts'
import type { KeystoneCallers } from './keystone-callers.ts'
import { Problem } from './problem.ts'

export interface Issuer {
  readonly issuer: string
  readonly audience: string
  readonly keys: JWTVerifyGetKey
  readonly claims: ClaimPaths
}

/** Who asks, from a request's raw headers. Throws a 401 `Problem`. */
export type Authenticate = (rawHeaders: readonly string[]) => Promise<Caller>

/** Asymmetric only: with a shared secret, whoever can verify could also sign. */
const algorithms = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
  'Ed25519',
]
/** What an access token may call itself; other typed tokens (logout, DPoP proofs) are not meant for us. */
const types = new Set([undefined, 'jwt', 'at+jwt', 'application/at+jwt'])
const longestToken = 16 * 1024
/** Some 400 in fact; a front before Keystone would refuse a long header, which says nothing of Keystone. */
const longestOfKeystone = 1024
/** s; clocks of the provider and ours may differ so much. */
const leeway = 5
/** ms: a verified token is remembered so long at most, whatever its own end. */
const remembered = 60_000

interface Verified {
  readonly caller: Caller
  /** s since the epoch */
  readonly notBefore: number
  readonly expires: number
}

/** Keystone's tokens are Fernet: a version byte, then a time whose first four bytes are 0 until 2106. */
const fernet = /^gAAAAA[A-Za-z0-9_-]{94,1016}={0,2}$/

/**
 * Verifies each token once; `now` in ms since the epoch. What a token is shows in the token, not in the header that
 * brings it: clients can't choose theirs.
 */
export function createAuthenticate(
  issuers: readonly Issuer[],
  now: () => number,
  ofKeystone?: KeystoneCallers,
): Authenticate {
  // Only tokens that were verified get in, so that garbage can't push them out; never the tokens themselves.
  const verified = new LRUCache<string, Verified>({
    max: 10_000,
    ttl: remembered,
    ttlResolution: 0,
    perf: { now },
  })

  return async (rawHeaders) => {
    const token = presentedToken(rawHeaders)
    if (token.length > longestToken) throw unauthenticated('the token is too long', true)
    if (ofKeystone !== undefined && fernet.test(token)) return ofKeystone(token)
    const digest = createHash('sha256').update(token).digest('base64')
    const known = verified.get(digest)
    const seconds = now() / 1000
    if (known && seconds <= known.expires + leeway && seconds >= known.notBefore - leeway) return known.caller
    const claims = claimsOf(token)
    if (ofKeystone !== undefined && token.length <= longestOfKeystone && isOfKeystone(claims)) {
      return ofKeystone(token)
    }
    const fresh = await verify(token, issuerOf(claims))
    verified.set(digest, fresh)
    return fresh.caller
  }

  async function verify(token: string, issuer: Issuer): Promise<Verified> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, issuer.keys, {
        issuer: issuer.issuer,
        audience: issuer.audience,
        algorithms,
        clockTolerance: leeway,
        currentDate: new Date(now()),
        requiredClaims: ['exp'],
      })
      if (!types.has(protectedHeader.typ?.toLowerCase()))
        throw unauthenticated('the token is of another type', true)
      return {
        caller: toCaller(payload, issuer.issuer, issuer.claims),
        notBefore: payload.nbf ?? 0,
        expires: payload.exp ?? 0,
      }
    } catch (error) {
      if (error instanceof Problem) throw error
      throw error instanceof errors.JOSEError &&
        !(error instanceof errors.JWKSTimeout) &&
        error.code !== 'ERR_JOSE_GENERIC'
        ? unauthenticated(reasonOf(error), true)
        : providerDown(issuer.issuer)
    }
  }

  /** Decides only which configured keys are tried: nothing in a token that is not verified is believed. */
  function issuerOf({ iss }: JWTPayload): Issuer {
    const issuer = issuers.find((each) => each.issuer === iss)
    if (issuer) return issuer
    throw unauthenticated('the token is of an issuer that this gateway does not know', true)
  }
}

/**
 * Keystone signs tokens of this form too where it is told to: without an issuer, and worth only what Keystone says
 * (its provider `jws`).
 */
function isOfKeystone(claims: JWTPayload): boolean {
  return claims.iss === undefined && Array.isArray(claims['openstack_methods'])
}

function claimsOf(token: string): JWTPayload {
  try {
    return decodeJwt(token)
  } catch {
    throw unauthenticated('not a token that this gateway knows', true)
  }
}

/** Not the caller's fault: the keys to check the token with could not be fetched. */
function providerDown(issuer: string): Problem {
  return new Problem(503, 'identity-provider-down', `the keys of ${issuer} could not be fetched`, {
    headers: { 'retry-after': '5' },
  })
}

function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's claim "${error.claim}" does not fit`
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'the token is signed with an algorithm that is not allowed'
  return 'the token could not be verified'
}
