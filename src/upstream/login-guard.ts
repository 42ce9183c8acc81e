import { createHash } from 'node:crypto'

/** Keystone locks an account after five failed logins, and its count does not decay: two are ours at most. */
const allowed = 2
/** Keystones that refuse one after the other what others had taken, or what none has: then it is the password. */
const manyKeystones = 5
/** Of many that take it, so many more have to (a share): a group with a password of its own is no reason. */
const manyOfTaken = 0.1

/** Counts failed logins of one account by password, so that a wrong one never locks the account. */
export interface LoginGuard {
  /** Who refused this password so often that it may not be tried: this Keystone, or many. Undefined: it may. */
  refusedBy(password: string): Promise<'this' | 'many' | undefined>
  failed(password: string): Promise<void>
  /** A success clears the count, here as at Keystone. */
  succeeded(password: string): Promise<void>
}

/** Counts of failed logins. */
export interface Refusals {
  /** Of one account at one Keystone; the account is counted over all Keystones too. */
  guardOf(keystone: string, account: string): LoginGuard
}

/** Where the counts outlive the gateway. */
export interface RefusalMemory {
  /** What stands for a password: nobody can tell it from that. */
  digest(password: string): Promise<string>
  refusals(): Iterable<readonly [key: string, count: number]>
  /** Resolves once it outlives even a kill. */
  keep(key: string, count: number): Promise<void>
}

export function createLoginGuard(): LoginGuard {
  return createRefusals().guardOf('', '')
}

/** Without a memory the counts end with the gateway. What holds up all Keystones at once is always found out anew. */
export function createRefusals(memory: RefusalMemory = forgetful): Refusals {
  // Only digests: of a password that was tried nothing need be remembered but its failures.
  const failures = new Map(memory.refusals())
  /** By account and password: who has taken it, and who refused it since anybody last took it. */
  const everywhere = new Map<string, { readonly takenBy: Set<string>; readonly refusedBy: Set<string> }>()
  return {
    guardOf(keystone, account) {
      const here = (digest: string): string => `${keystone}\n${account}\n${digest}`
      const all = (digest: string): { readonly takenBy: Set<string>; readonly refusedBy: Set<string> } => {
        const key = `${account}\n${digest}`
        const known = everywhere.get(key) ?? { takenBy: new Set<string>(), refusedBy: new Set<string>() }
        everywhere.set(key, known)
        return known
      }
      return {
        async refusedBy(password) {
          const digest = await memory.digest(password)
          if ((failures.get(here(digest)) ?? 0) >= allowed) return 'this'
          const { refusedBy, takenBy } = all(digest)
          return refusedBy.size >= Math.max(manyKeystones, takenBy.size * manyOfTaken) ? 'many' : undefined
        },
        async failed(password) {
          const digest = await memory.digest(password)
          const count = (failures.get(here(digest)) ?? 0) + 1
          failures.set(here(digest), count)
          const { refusedBy, takenBy } = all(digest)
          // Once some take it, one that never did says nothing of the others.
          if (takenBy.size === 0 || takenBy.has(keystone)) refusedBy.add(keystone)
          // Nobody hears of the refusal before it is kept: whoever then kills the gateway gains no further try.
          await memory.keep(here(digest), count)
        },
        async succeeded(password) {
          const digest = await memory.digest(password)
          if (failures.delete(here(digest))) void memory.keep(here(digest), 0)
          const { refusedBy, takenBy } = all(digest)
          refusedBy.clear()
          takenBy.add(keystone)
        },
      }
    },
  }
}

const forgetful: RefusalMemory = {
  digest: async (password) => createHash('sha256').update(password).digest('base64'),
  refusals: () => [],
  keep: async () => undefined,
}
