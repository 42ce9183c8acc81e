import { randomBytes } from 'node:crypto'

/** A token that was issued, and what its issuer knows of it. */
export interface IssuedToken {
  readonly token: string
  readonly order: number
  readonly auditId: string
  /** ms */
  readonly issuedAt: number
  readonly expiresAt: number
  /** Unscoped, it has neither project nor roles. */
  readonly scoped: boolean
}

/** Whoever holds it can read its tokens: one Keystone, or all that share their Fernet keys. */
export interface TokenStore {
  issue(facts: Omit<IssuedToken, 'token' | 'order' | 'auditId'>): IssuedToken
  find(token: string): IssuedToken | undefined
  /** The order of the latest one. */
  latest(): number
}

/** So many are remembered, expired ones too, since Keystone tells those from garbage. */
const most = 20_000

export function createTokenStore(): TokenStore {
  const issued = new Map<string, IssuedToken>()
  let order = 0
  return {
    issue(facts) {
      // 183 characters, as a Fernet token with a project has.
      const token = `gAAAAAB${randomBytes(132).toString('base64url')}`
      const made = { ...facts, token, order: ++order, auditId: randomBytes(16).toString('base64url') }
      issued.set(token, made)
      for (const oldest of issued.keys()) {
        if (issued.size <= most) break
        issued.delete(oldest)
      }
      return made
    },
    find: (token) => issued.get(token),
    latest: () => order,
  }
}
