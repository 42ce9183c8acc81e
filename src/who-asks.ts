import { createAuthenticate, type Authenticate, type Issuer } from './api/authenticate.ts'
import { issuersOf } from './api/issuers.ts'
import { toKeystoneCaller } from './api/keystone-caller.ts'
import { createKeystoneCallers, type KeystoneCallers } from './api/keystone-callers.ts'
import type { Config } from './config/schema.ts'
import { createTokenValidation } from './upstream/keystone-validation.ts'
import type { Upstream } from './upstream/open-upstream.ts'

type Auth = Config['auth']

/** All issuers of callers' tokens, Keystone among them, as they are configured now. */
export interface WhoAsks {
  readonly authenticate: Authenticate
  /** Takes over another configuration once the result is called; rejects where a key file can't be used. */
  prepare(auth: Auth): Promise<(upstream: Upstream) => void>
  close(): void
}

export interface WhoAsksOptions {
  readonly userAgent: string
  /** ms since the epoch. */
  readonly now: () => number
  /** Keystone gave no verdict on a token: the reason, which names no token. */
  readonly onFailure: (error: unknown) => void
}

interface OfKeystone {
  readonly callers: KeystoneCallers
  close(): void
}

/** What is remembered of callers ends with the configuration that let them in. */
export async function createWhoAsks(
  auth: Auth,
  upstream: Upstream,
  options: WhoAsksOptions,
): Promise<WhoAsks> {
  const { now, userAgent } = options
  let keystone = ofKeystone(auth, upstream)
  let authenticate = createAuthenticate(await issuersOf(auth.issuers), now, keystone?.callers)

  function ofKeystone({ keystone: configured }: Auth, { accounts, http }: Upstream): OfKeystone | undefined {
    if (configured === undefined) return undefined
    const session = accounts.sessionAt(configured.url, configured.credentials)
    if (session === undefined) return undefined
    const validation = createTokenValidation({ keystone: configured.url, session, http, userAgent, now })
    const callers = createKeystoneCallers({
      validate: (token) =>
        validation.validate(token).catch((error: unknown) => {
          options.onFailure(error)
          throw error
        }),
      toCaller: (token) => toKeystoneCaller(token, configured.url.href, configured.region_scopes),
      monotonic: () => performance.now(),
    })
    return { callers, close: () => validation.close() }
  }

  return {
    authenticate: (rawHeaders) => authenticate(rawHeaders),
    async prepare(next) {
      const issuers: readonly Issuer[] = await issuersOf(next.issuers)
      return (nextUpstream) => {
        keystone?.close()
        keystone = ofKeystone(next, nextUpstream)
        authenticate = createAuthenticate(issuers, now, keystone?.callers)
      }
    },
    close: () => keystone?.close(),
  }
}
