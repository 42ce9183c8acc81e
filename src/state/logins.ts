import { createHash, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { Log } from './log.ts'

/** Refused logins by account and password, of which only a slow hash is kept. */
export interface KeptLogins {
  /** The same for the same password as long as the store lives; hashed once for each password. */
  digest(password: string): Promise<string>
  refusals(): Iterable<readonly [key: string, count: number]>
  /**
   * 0: it was taken. Resolves once it is on the disk, or could not be written: a gateway that fails to start is started
   * again and again.
   */
  keep(key: string, count: number, at: number): Promise<void>
}

const slowly = promisify<string, Buffer, number, object, Buffer>(scrypt)
/** About 0.1 s in a thread beside, and 32 MB for as long. */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 }
const salt = 'salt'
const nothing = Buffer.alloc(0)

export function keepLogins(log: Log, now: number): KeptLogins {
  if (log.get(salt) === undefined) log.put(salt, { at: now, note: '', body: randomBytes(16) })
  const salted = log.get(salt)?.body ?? nothing
  const known = new Map<string, Promise<string>>()
  return {
    digest(password) {
      const quick = createHash('sha256').update(password).digest('base64')
      const slow =
        known.get(quick) ?? slowly(password, salted, 32, cost).then((hash) => hash.toString('base64'))
      known.set(quick, slow)
      return slow
    },
    refusals: () =>
      [...log.keys()].filter((key) => key !== salt).map((key) => [key, Number(log.get(key)?.note)] as const),
    keep(key, count, at) {
      if (count === 0) log.drop(key)
      else log.put(key, { at, note: String(count), body: nothing })
      return log.flush()
    },
  }
}
