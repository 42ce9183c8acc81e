import { createHash } from 'node:crypto'

/** Keystone locks an account after five failed logins, and its count does not decay: two are ours at most. */
const allowed = 2
/** Keystones that refuse a password which none has taken: then it is the password, and no other is asked. */
const manyKeystones = 5

/** Counts failed logins of one account by password, so that a wrong one never locks the account. */
export interface LoginGuard {
  /** Whether this password may still be tried. */
  mayTry(password: string): boolean
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
  /** By account and password: where it was refused, and whether any Keystone has taken it. */
  const everywhere = new Map<string, { readonly refusedBy: Set<string>; taken: boolean }>()
  const digest = (password: string): string => createHash('sha256').update(password).digest('base64')

  return {
    guardOf(keystone, account) {
      const here = (password: string): string => `${keystone}\n${account}\n${digest(password)}`
      const all = (password: string): { readonly refusedBy: Set<string>; taken: boolean } => {
        const key = `${account}\n${digest(password)}`
        const known = everywhere.get(key) ?? { refusedBy: new Set<string>(), taken: false }
        everywhere.set(key, known)
        return known
      }
      return {
        mayTry(password) {
          const { refusedBy, taken } = all(password)
          if (!taken && refusedBy.size >= manyKeystones) return false
          return (failures.get(here(password)) ?? 0) < allowed
        },
        failed(password) {
          failures.set(here(password), (failures.get(here(password)) ?? 0) + 1)
          all(password).refusedBy.add(keystone)
        },
        succeeded(password) {
          failures.delete(here(password))
          const known = all(password)
          known.refusedBy.delete(keystone)
          known.taken = true
        },
      }
    },
  }
}
