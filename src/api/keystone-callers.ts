import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { KeystoneToken } from '../model/keystone-token.ts'
import type { Caller } from './caller.ts'
import { unauthenticated } from './credential.ts'
import { Problem } from './problem.ts'
import { createBucket } from './token-bucket.ts'

export interface KeystoneCallersOptions {
  /** Asks Keystone: undefined where it knows no such token. Rejects where it gave no verdict. */
  readonly validate: (token: string) => Promise<KeystoneToken | undefined>
  /** Whether a failure is Keystone's as a whole: what is odd about one token must not shut out all others. */
  readonly isDown: (error: unknown) => boolean
  readonly toCaller: (token: KeystoneToken) => Caller
  /** ms, never going back: how long something is remembered does not depend on a clock that is set. */
  readonly monotonic: () => number
}

/** Who presents a token of Keystone. Throws a 401 `Problem`, or a 503 where that can't be found out. */
export type KeystoneCallers = (token: string) => Promise<Caller>

/** ms */
const remembered = {
  /** A token that holds; a revoked one is served so long at most, and never to write. */
  good: 60_000,
  /** A token that Keystone does not know. */
  bad: 5_000,
  /** A token that held once is asked for again whatever floods us meanwhile. */
  trusted: 86_400_000,
  /** A Keystone that is down is left alone so long. */
  failure: 1_000,
}
/** Tokens that were never seen to hold: Keystone answers some fifty a second, and has others to answer. */
const unknownTokens = { perSecond: 20, burst: 100 }

interface Known {
  readonly caller: Caller
  /** By `monotonic`. */
  readonly until: number
}

/** Remembers whom Keystone knows, by a digest of the token. A write is never let in by memory: `Caller.confirm`. */
export function createKeystoneCallers(options: KeystoneCallersOptions): KeystoneCallers {
  const { monotonic } = options
  const perf = { now: monotonic }
  // Apart, so that garbage can't push out the good ones.
  const good = new LRUCache<string, Known>({ max: 10_000, ttl: remembered.trusted, ttlResolution: 0, perf })
  const bad = new LRUCache<string, true>({ max: 1_000, ttl: remembered.bad, ttlResolution: 0, perf })
  const flights = new Map<string, Promise<Caller>>()
  const unknown = createBucket(unknownTokens, monotonic)
  let failedAt = -Infinity

  async function ask(digest: string, token: string): Promise<Caller> {
    if (monotonic() - failedAt < remembered.failure) throw noVerdict()
    // From before it is asked: what Keystone hears meanwhile is not in its answer.
    const askedAt = monotonic()
    let described: KeystoneToken | undefined
    try {
      described = await options.validate(token)
    } catch (error) {
      if (options.isDown(error)) failedAt = monotonic()
      throw noVerdict()
    }
    if (described === undefined) {
      good.delete(digest)
      bad.set(digest, true)
      throw refused()
    }
    const caller = options.toCaller(described)
    good.set(digest, { caller, until: askedAt + Math.min(remembered.good, described.left) })
    return caller
  }

  /** Known by what was asked before this request came: not good enough to write. */
  function byMemory(caller: Caller, digest: string, token: string): Caller {
    return { ...caller, confirm: () => ask(digest, token) }
  }

  return async (token) => {
    const digest = createHash('sha256').update(token).digest('base64')
    const known = good.get(digest)
    if (known !== undefined && monotonic() < known.until) return byMemory(known.caller, digest, token)
    if (bad.has(digest)) throw refused()
    const flight = flights.get(digest)
    if (flight !== undefined) return byMemory(await flight, digest, token)
    if (known === undefined) {
      const wait = unknown.take()
      if (wait > 0) throw tooMany(wait)
    }
    const own = ask(digest, token).finally(() => flights.delete(digest))
    flights.set(digest, own)
    return own
  }
}

function refused(): Problem {
  return unauthenticated('Keystone knows no such token: it has expired, was revoked, or never was', true)
}

/** Not the caller's fault. */
function noVerdict(): Problem {
  return new Problem(503, 'identity-provider-down', 'Keystone gave no verdict on the token', {
    headers: { 'retry-after': '5' },
  })
}

function tooMany(wait: number): Problem {
  const why = 'too many tokens that this gateway has not seen before are presented just now'
  return new Problem(503, 'too-many-tokens', why, {
    headers: { 'retry-after': String(Math.ceil(wait / 1000)) },
  })
}
