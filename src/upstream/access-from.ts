import { readFile } from 'node:fs/promises'
import { UpstreamError } from './error.ts'
import type { CreateHttpClient } from './http.ts'
import { createKeystoneAccess } from './keystone-access.ts'
import { createLoginGuard, type LoginGuard } from './login-guard.ts'
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

/** Each region's own login, by the credentials that the configuration gives it. */
export function accessFrom(
  credentials: Readonly<Record<string, Credential>>,
  http: CreateHttpClient,
  userAgent: string,
): AccessTo {
  const guards = new Map<string, LoginGuard>()
  return (region) => {
    const credential = credentials[region.credentials]
    const { keystone } = region.endpoints
    if (credential === undefined || keystone === undefined) return withoutLogin
    const account = `${keystone.href}\n${credential.username}\n${credential.user_domain_name}`
    const guard = guards.get(account) ?? createLoginGuard()
    guards.set(account, guard)
    return createKeystoneAccess(region, keystone, {
      guard,
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
    })
  }
}
