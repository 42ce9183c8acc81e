import { z } from 'zod'
import type { Answer } from '../answers/answer.ts'
import type { SimRequest } from '../answers/request.ts'
import type { Account, KeystoneOptions } from './account.ts'
import { createAccount } from './account.ts'
import { answerKeystone } from './answers.ts'
import type { CatalogService } from './catalog.ts'
import type { IssuedToken, TokenStore } from './tokens.ts'

/** What a test or a person does to a Keystone. */
export const keystoneChangeSchema = z
  .strictObject({
    revoke: z.literal(true).describe('every token issued until now'),
    password: z.string().min(1).describe('a new one; the tokens go'),
    password_expires_at: z.string().nullable(),
    lock: z.boolean(),
    token_ms: z.number().positive(),
  })
  .partial()

export type KeystoneChange = z.infer<typeof keystoneChangeSchema>

/** The Keystone of one region. */
export interface SimKeystone {
  answer(request: SimRequest): Answer
  /** The token, if it is good here and now. */
  check(token: string | undefined): IssuedToken | undefined
  account: Account
  change(change: KeystoneChange): void
}

export interface KeystoneContext {
  readonly options: KeystoneOptions
  readonly store: TokenStore
  /** With `/v3`. */
  readonly url: () => string
  readonly catalog: () => readonly CatalogService[]
  readonly now: () => number
}

export function createKeystone({ options, store, url, catalog, now }: KeystoneContext): SimKeystone {
  const account = createAccount(options, now)
  const revoked = new Set<string>()
  let revokedUntil = 0
  let tokenMs = options.tokenMs ?? 3_600_000

  const revokeAll = () => {
    revokedUntil = store.latest()
  }
  const check = (token: string | undefined) => {
    const found = token === undefined ? undefined : store.find(token.trim())
    if (!found || found.order <= revokedUntil || revoked.has(found.token)) return undefined
    return found.expiresAt > now() ? found : undefined
  }
  const desk = {
    account,
    url,
    catalog,
    check,
    known: (token: string) => store.find(token) !== undefined,
    issue: (scoped: boolean) => store.issue({ issuedAt: now(), expiresAt: now() + tokenMs, scoped }),
    revoke: (token: string) => void revoked.add(token),
  }
  return {
    account,
    check,
    answer: (request) => answerKeystone(desk, request),
    change(change) {
      if (change.revoke) revokeAll()
      if (change.password !== undefined) {
        account.setPassword(change.password)
        revokeAll()
      }
      if (change.password_expires_at !== undefined) account.setPasswordExpiry(change.password_expires_at)
      if (change.lock === true) account.lock()
      if (change.lock === false) account.unlock()
      if (change.token_ms !== undefined) tokenMs = change.token_ms
    },
  }
}
