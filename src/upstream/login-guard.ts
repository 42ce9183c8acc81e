import { createHash } from 'node:crypto'

/** Keystone locks an account after five failed logins, and its count does not decay: two are ours at most. */
const allowed = 2

/** Counts failed logins of one account at one Keystone by password, so that a wrong one never locks the account. */
export interface LoginGuard {
  /** Whether this password may still be tried. */
  mayTry(password: string): boolean
  failed(password: string): void
  /** A success clears the count, here as at Keystone. */
  succeeded(password: string): void
}

export function createLoginGuard(): LoginGuard {
  // Only ever about the password in the file now: of one tried before nothing need be remembered but its failures.
  const failures = new Map<string, number>()
  const digest = (password: string): string => createHash('sha256').update(password).digest('base64')
  return {
    mayTry: (password) => (failures.get(digest(password)) ?? 0) < allowed,
    failed(password) {
      failures.set(digest(password), (failures.get(digest(password)) ?? 0) + 1)
    },
    succeeded: (password) => void failures.delete(digest(password)),
  }
}
