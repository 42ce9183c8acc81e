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
  refusedBy(password: string): 'this' | 'many' | undefined
  failed(password: string): void
  /** A success clears the count, here as at Keystone. */
  succeeded(password: string): void
}

/** Counts of failed logins, kept while the gateway runs. */
export interface Refusals {
  /** Of one account at one Keystone; the account is counted over all Keystones too. */
  guardOf(keystone: string, account: string): LoginGuard
}

export function createLoginGuard(): LoginGuard {
  return createRefusals().guardOf('', '')
}

export function createRefusals(): Refusals {
  // Only digests: of a password that was tried nothing need be remembered but its failures.
  const failures = new Map<string, number>()
  /** By account and password: who has taken it, and who refused it since anybody last took it. */
  const everywhere = new Map<string, { readonly takenBy: Set<string>; readonly refusedBy: Set<string> }>()
  const digest = (password: string): string => createHash('sha256').update(password).digest('base64')

  return {
    guardOf(keystone, account) {
      const here = (password: string): string => `${keystone}\n${account}\n${digest(password)}`
      const all = (password: string): { readonly takenBy: Set<string>; readonly refusedBy: Set<string> } => {
        const key = `${account}\n${digest(password)}`
        const known = everywhere.get(key) ?? { takenBy: new Set<string>(), refusedBy: new Set<string>() }
        everywhere.set(key, known)
        return known
      }
      return {
        refusedBy(password) {
          if ((failures.get(here(password)) ?? 0) >= allowed) return 'this'
          const { refusedBy, takenBy } = all(password)
          return refusedBy.size >= Math.max(manyKeystones, takenBy.size * manyOfTaken) ? 'many' : undefined
        },
        failed(password) {
          failures.set(here(password), (failures.get(here(password)) ?? 0) + 1)
          const { refusedBy, takenBy } = all(password)
          // Once some take it, one that never did says nothing of the others.
          if (takenBy.size === 0 || takenBy.has(keystone)) refusedBy.add(keystone)
        },
        succeeded(password) {
          failures.delete(here(password))
          const { refusedBy, takenBy } = all(password)
          refusedBy.clear()
          takenBy.add(keystone)
        },
      }
    },
  }
}
