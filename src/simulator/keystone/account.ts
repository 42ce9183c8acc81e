import { createHash } from 'node:crypto'

/** The account that every Keystone of the fleet has, and how Keystone treats it. */
export interface KeystoneOptions {
  readonly user: string
  readonly password: string
  /** By default `services`. */
  readonly project?: string
  /** By default those of a Keystone administrator: admin, member, reader. */
  readonly roles?: readonly string[]
  /** How long a token lives; by default 3,600,000. */
  readonly tokenMs?: number
  /** After so many failed logins the account is locked; by default 5. */
  readonly lockAfter?: number
  /** For so long; by default 1,800,000. */
  readonly lockMs?: number
  /** RFC 3339. Absent or null: the password does not expire. */
  readonly passwordExpiresAt?: string | null
  /** A token of one region is good in all, as where dcorch has replicated the Fernet keys. */
  readonly sharedKeys?: boolean
}

/** The account at one Keystone: each counts failures and locks for itself. */
export interface Account {
  readonly user: string
  readonly userId: string
  readonly project: string
  readonly roles: readonly string[]
  passwordExpiresAt(): string | null
  logIn(user: string, password: string): 'right' | 'wrong' | 'expired'
  setPassword(password: string): void
  setPasswordExpiry(at: string | null): void
  lock(): void
  unlock(): void
}

export function createAccount(options: KeystoneOptions, now: () => number): Account {
  const { user, project = 'services', roles = ['admin', 'member', 'reader'] } = options
  const { lockAfter = 5, lockMs = 1_800_000 } = options
  let password = options.password
  let expiry = options.passwordExpiresAt ?? null
  let failures = 0
  let lockedUntil = 0
  return {
    user,
    userId: idOf(`user ${user}`),
    project,
    roles,
    passwordExpiresAt: () => expiry,
    logIn(name, given) {
      if (name !== user || now() < lockedUntil) return 'wrong'
      if (given !== password) {
        failures += 1
        if (failures >= lockAfter) {
          lockedUntil = now() + lockMs
          failures = 0
        }
        return 'wrong'
      }
      failures = 0
      return expiry !== null && Date.parse(expiry) <= now() ? 'expired' : 'right'
    },
    setPassword(next) {
      password = next
    },
    setPasswordExpiry(at) {
      expiry = at
    },
    lock() {
      lockedUntil = now() + lockMs
    },
    unlock() {
      lockedUntil = 0
      failures = 0
    },
  }
}

/** An id as Keystone makes them, always the same for the same thing. */
export function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
