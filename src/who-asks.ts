import { createAuthenticate, type Authenticate } from './api/authenticate.ts'
import { issuersOf } from './api/issuers.ts'
import { toKeystoneCaller } from './api/keystone-caller.ts'
import { createKeystoneCallers, type KeystoneCallers } from './api/keystone-callers.ts'
import type { Config } from './config/schema.ts'
import { UpstreamError } from './upstream/error.ts'
import { createTokenValidation } from './upstream/keystone-validation.ts'
import type { Upstream } from './upstream/open-upstream.ts'

type Auth = Config['auth']

/** All issuers of callers' tokens, Keystone among them, as they are configured now. */
export interface WhoAsks {
  readonly authenticate: Authenticate
  /** Rejects where a key file can't be used. */
  prepare(auth: Auth): Promise<TakeOver>
  close(): void
}

/** Takes over another configuration. `outside`: of the way to Keystone; `callers`: of who may ask. */
export type TakeOver = (
  upstream: Upstream,
  changed: { readonly outside: boolean; readonly callers: boolean },
) => void

export interface WhoAsksOptions {
  readonly userAgent: string
  /** ms since the epoch. */
  readonly now: () => number
  /** Keystone gave no verdict on a token: the reason, which names no token. Told once in a while. */
  readonly onFailure: (error: unknown) => void
}

/** ms for which the same reason is not told again: every request may have it. */
const silence = 10_000

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
  let told = { reason: '', at: -Infinity }
  let issuers = await issuersOf(auth.issuers)
  let keystone = ofKeystone(auth, upstream)
  let authenticate = createAuthenticate(issuers, now, keystone?.callers)

  function ofKeystone({ keystone: configured }: Auth, { accounts, http }: Upstream): OfKeystone | undefined {
    if (configured === undefined) return undefined
    const session = accounts.sessionAt(configured.url, configured.credentials)
    if (session === undefined) return undefined
    const validation = createTokenValidation({ keystone: configured.url, session, http, userAgent, now })
    const callers = createKeystoneCallers({
      validate: (token) =>
        validation.validate(token).catch((error: unknown) => {
          tell(error)
          throw error
        }),
      isDown: (error) => !(error instanceof UpstreamError) || error.ofService,
      toCaller: (token) => toKeystoneCaller(token, configured.url.href, configured.region_scopes),
      monotonic: () => performance.now(),
    })
    return { callers, close: () => validation.close() }
  }

  function tell(error: unknown): void {
    const [reason, at] = [String(error), performance.now()]
    if (reason === told.reason && at - told.at < silence) return
    told = { reason, at }
    options.onFailure(error)
  }

  return {
    authenticate: (rawHeaders) => authenticate(rawHeaders),
    async prepare(next) {
      const nextIssuers = await issuersOf(next.issuers)
      return (nextUpstream, { outside, callers }) => {
        // Else keys that were fetched stay: their provider may be down just now.
        if (callers) issuers = nextIssuers
        if (callers || outside) {
          keystone?.close()
          keystone = ofKeystone(next, nextUpstream)
          authenticate = createAuthenticate(issuers, now, keystone?.callers)
        }
      }
    },
    close: () => keystone?.close(),
  }
}
