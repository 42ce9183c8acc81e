import { LRUCache } from 'lru-cache'
import type { Caller } from './caller.ts'
import { Problem } from './problem.ts'
import { createBucket, type Bucket } from './token-bucket.ts'

/** What one caller may ask for; 0 is no limit. */
export interface AdmissionLimits {
  readonly requests_per_second: number
  readonly burst: number
  readonly concurrent: number
}

interface Account {
  bucket: Bucket | undefined
  /** What `bucket` was made for. */
  rate: string
  underWay: number
}

/** Callers of late; who is forgotten begins anew. */
const mostCallers = 10_000

/**
 * One caller can't take what is there for all: so many requests per second, and so many at once, by issuer and subject,
 * however many tokens. Throws a 429 `Problem` before anything is done. `monotonic` in ms.
 */
export function createAdmission(
  limits: () => AdmissionLimits,
  monotonic: () => number,
): (caller: Caller) => () => void {
  const accounts = new LRUCache<string, Account>({ max: mostCallers })

  return ({ issuer, subject }) => {
    const { requests_per_second: perSecond, burst, concurrent } = limits()
    const key = JSON.stringify([issuer, subject])
    const account = accounts.get(key) ?? { bucket: undefined, rate: '', underWay: 0 }
    accounts.set(key, account)
    if (concurrent > 0 && account.underWay >= concurrent) {
      throw refused(`${account.underWay} requests of this caller are under way already`, 1_000)
    }
    const rate = `${perSecond} ${burst}`
    if (account.rate !== rate) {
      account.rate = rate
      account.bucket = perSecond > 0 ? createBucket({ perSecond, burst }, monotonic) : undefined
    }
    const wait = account.bucket?.take() ?? 0
    if (wait > 0) throw refused(`more than ${perSecond} requests per second of this caller`, wait)
    account.underWay++
    return () => void account.underWay--
  }
}

function refused(detail: string, wait: number): Problem {
  return new Problem(429, 'too-many-requests', detail, {
    headers: { 'retry-after': String(Math.ceil(wait / 1000)) },
  })
}
