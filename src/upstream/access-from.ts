import { readFile } from 'node:fs/promises'
import { UpstreamError } from './error.ts'
import type { CreateHttpClient } from './http.ts'
import { createKeystoneAccess } from './keystone-access.ts'
import {
  createKeystoneSession,
  type KeystoneSession,
  type KeystoneSessionOptions,
} from './keystone-session.ts'
import type { Refusals } from './login-guard.ts'
import { withoutLogin, type AccessTo } from './token.ts'

/** An account as the configuration gives it. */
export interface Credential {
  readonly username: string
  readonly password_file: string
  readonly project_name: string
  readonly user_domain_name: string
  readonly project_domain_name: string
}

async function passwordOf(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  } catch {
    // Its path is the operator's business: it goes to no caller.
    throw new UpstreamError('unauthorized', 'the password file cannot be read')
  }
}

/** Logins by the configured accounts. Outlives a reload: what Keystone refused stays refused. */
export interface Accounts {
  /** One account at one Keystone; undefined where the configuration has no such credentials. */
  sessionAt(keystone: URL, credentials: string): KeystoneSession | undefined
  readonly accessTo: AccessTo
}

/** What `credentials` are asked for is read when it is needed, and passwords for each login. */
export function accountsOf(
  credentials: Readonly<Record<string, Credential>>,
  http: CreateHttpClient,
  userAgent: string,
  refusals: Refusals,
): Accounts {
  function optionsFor(keystone: URL, name: string): KeystoneSessionOptions | undefined {
    const credential = credentials[name]
    if (credential === undefined) return undefined
    const account = `${credential.username}\n${credential.user_domain_name}`
    return {
      guard: refusals.guardOf(keystone.href, account),
      http,
      userAgent,
      monotonic: () => performance.now(),
      random: Math.random,
      account: async () => ({
        username: credential.username,
        password: await passwordOf(credential.password_file),
        projectName: credential.project_name,
        userDomainName: credential.user_domain_name,
        projectDomainName: credential.project_domain_name,
      }),
    }
  }
  return {
    sessionAt(keystone, name) {
      const options = optionsFor(keystone, name)
      return options && createKeystoneSession(keystone, options)
    },
    accessTo(region) {
      const { keystone } = region.endpoints
      const options = keystone && optionsFor(keystone, region.credentials)
      return options ? createKeystoneAccess(region, keystone, options) : withoutLogin
    },
  }
}
