import { UpstreamError } from './error.ts'
import type { CreateHttpClient } from './http.ts'
import { logIn, LoginRefused, type Account, type Login } from './keystone.ts'
import { createLoginGuard, type LoginGuard } from './login-guard.ts'

export interface KeystoneSessionOptions {
  readonly http: CreateHttpClient
  /** Reads the account, its password included, as the configuration and the password file have it now. */
  readonly account: () => Promise<Account>
  readonly userAgent: string
  /** Shared by all regions with this Keystone and account: it is the account that Keystone locks. */
  readonly guard?: LoginGuard
  /** ms, never going back; a wall clock that is set would void or prolong tokens. */
  readonly monotonic: () => number
  /** Gives 0 ≤ x < 1. */
  readonly random: () => number
}

interface Session {
  readonly login: Login
  /** By `monotonic`: when to log in again while this token still serves, and when it serves no more. */
  readonly renewAt: number
  readonly endsAt: number
  /** Until then a refusal is no fault of this token: it was fetched because another one was refused. */
  readonly believedUntil: number
}

/** ms before a token's end: spread, so that regions that logged in together don't renew together. */
const renewal = { earliest: 460_000, latest: 300_000 }
/** A token is not used in its last moments (ms): the region must still find it valid. */
const lastMoments = 30_000
/** A region that refuses new tokens too is logged in to no oftener than this (ms), however often it is asked. */
const betweenRefusals = 60_000

/** Why a password is not tried. */
const noLogin = {
  this: 'Keystone refused this password twice; no further login until it changes',
  many: 'many Keystones refuse this password; this one is not asked until it changes',
} as const

/** One account at one Keystone. */
export interface KeystoneSession {
  /** A login that serves now. Throws `UpstreamError`. */
  current(): Promise<Login>
  /** The last login's, whether or not it serves. */
  last(): Login | undefined
  /** A service answered 401 to this token; false where another login would not help. */
  refused(token: string): boolean
  close(): void
}

/** Logs in once for everyone who waits, and again before the token ends. */
export function createKeystoneSession(keystone: URL, options: KeystoneSessionOptions): KeystoneSession {
  const client = options.http(keystone)
  const { guard = createLoginGuard() } = options
  let session: Session | undefined
  let flight: Promise<Session> | undefined
  let wasRefused = false
  let latest: Login | undefined

  async function start(): Promise<Session> {
    const account = await options.account()
    const refusedBy = await guard.refusedBy(account.password)
    if (refusedBy) throw new UpstreamError('unauthorized', `"${account.username}": ${noLogin[refusedBy]}`)
    const before = options.monotonic()
    try {
      const login = (latest = await logIn(client, account, options.userAgent))
      await guard.succeeded(account.password)
      const margin = renewal.latest + (renewal.earliest - renewal.latest) * options.random()
      // A token that lives shorter than the margin is renewed after two thirds of its life.
      const renewAfter = Math.max(login.lifetime - margin, login.lifetime * (2 / 3))
      const usable = Math.max(login.lifetime - lastMoments, login.lifetime * 0.9)
      const believedUntil = wasRefused ? before + betweenRefusals : before
      wasRefused = false
      return (session = { login, renewAt: before + renewAfter, endsAt: before + usable, believedUntil })
    } catch (error) {
      if (error instanceof LoginRefused) await guard.failed(account.password)
      throw error
    }
  }

  function login(): Promise<Session> {
    flight ??= start().finally(() => (flight = undefined))
    return flight
  }

  return {
    async current() {
      const now = options.monotonic()
      if (session === undefined || now >= session.endsAt) return (await login()).login
      // Renewed behind the caller's back; should that fail, this token serves until its end.
      if (now >= session.renewAt) login().catch(() => undefined)
      return session.login
    },
    last: () => latest,
    refused(token) {
      if (session?.login.token !== token) return true
      if (options.monotonic() < session.believedUntil) return false
      session = undefined
      return (wasRefused = true)
    },
    close: () => client.close(),
  }
}
