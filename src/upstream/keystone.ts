import { UpstreamError } from './error.ts'
import type { HttpClient } from './http.ts'
import { field, isObject, parseJson } from './json.ts'

/** Whom the gateway logs in as. The password is read anew for each login, so that a changed file takes effect. */
export interface Account {
  readonly username: string
  readonly password: string
  readonly projectName: string
  readonly userDomainName: string
  readonly projectDomainName: string
}

/** A Keystone token as its issuer described it. */
export interface Login {
  readonly token: string
  /** ms: by the issuer's clock alone, so that clocks which differ do no harm. */
  readonly lifetime: number
  /** Of the account's password, as Keystone wrote it; null where it does not expire. */
  readonly passwordExpiresAt: string | null
  readonly catalog: readonly CatalogEndpoint[]
}

export interface CatalogEndpoint {
  readonly type: string
  readonly interface: string
  readonly region: string
  readonly url: string
}

/** A login that Keystone refused: the password, the account or its role is wrong, or the account is locked. */
export class LoginRefused extends UpstreamError {}

const call = 'POST /auth/tokens'

/**
 * Password authentication (recording keystone/22.0.2/020-token-password-project-scope): 201, the token only in
 * `X-Subject-Token`. Throws `LoginRefused` for a 401, else `UpstreamError`; never repeats Keystone's own words,
 * which may hold tokens and user ids.
 */
export async function logIn(keystone: HttpClient, account: Account, userAgent: string): Promise<Login> {
  const body = JSON.stringify({
    auth: {
      identity: {
        methods: ['password'],
        password: {
          user: {
            name: account.username,
            domain: { name: account.userDomainName },
            password: account.password,
          },
        },
      },
      scope: { project: { name: account.projectName, domain: { name: account.projectDomainName } } },
    },
  })
  const answer = await keystone.send({
    method: 'POST',
    path: '/auth/tokens',
    headers: { accept: 'application/json', 'content-type': 'application/json', 'user-agent': userAgent },
    body,
  })
  const { status } = answer
  if (status === 401)
    throw new LoginRefused('unauthorized', `Keystone refused the login of "${account.username}"`)
  if (status !== 201) {
    const kind =
      status >= 500 || (status >= 300 && status < 400) ? 'broken' : status >= 400 ? 'rejected' : 'malformed'
    throw new UpstreamError(kind, `Keystone: ${call}: HTTP ${status}`, { status })
  }
  const token = answer.header('x-subject-token')
  const value = parseJson(answer.body, `Keystone: ${call}`)
  const described = isObject(value) ? field(value, 'token') : undefined
  if (!/^[\x21-\x7e]{1,4096}$/.test(token) || !isObject(described)) {
    throw new UpstreamError('malformed', `Keystone: ${call}: no token in the answer`)
  }
  const lifetime = instant(field(described, 'expires_at')) - instant(field(described, 'issued_at'))
  if (!(lifetime > 0)) throw new UpstreamError('malformed', `Keystone: ${call}: a token without a lifetime`)
  const user = field(described, 'user')
  const expiry = isObject(user) ? field(user, 'password_expires_at') : undefined
  return {
    token,
    lifetime,
    passwordExpiresAt: typeof expiry === 'string' ? expiry : null,
    catalog: toCatalog(field(described, 'catalog')),
  }
}

/** Interfaces in the order of preference: subclouds are reached by `admin`, stand-alone clouds by the others. */
const interfaces = ['admin', 'internal', 'public']

const longestUrl = 2_000

/**
 * The endpoint of a service in a catalog that may hold several regions; without the `/v1` that some carry. Of the
 * interfaces, the first that has a usable one.
 */
export function catalogEndpoint(
  catalog: readonly CatalogEndpoint[],
  type: string,
  keystoneRegion: string,
  wanted: readonly string[] = interfaces,
): URL | undefined {
  for (const name of wanted) {
    const found = catalog.find(
      (each) => each.type === type && each.region === keystoneRegion && each.interface === name,
    )
    // Longer ones are none, and trimming would take time by the square of their length.
    const url =
      (found?.url.length ?? 0) > longestUrl ? undefined : found?.url.replace(/\/+$/, '').replace(/\/v1$/, '')
    // One that holds an account would show it wherever addresses are told.
    if (url !== undefined && URL.canParse(url) && /^https?:\/\/[^@]*$/.test(url)) return new URL(url)
  }
  return undefined
}

function toCatalog(catalog: unknown): CatalogEndpoint[] {
  if (!Array.isArray(catalog)) return []
  return catalog.flatMap((service: unknown) => {
    const endpoints = isObject(service) ? field(service, 'endpoints') : undefined
    if (!isObject(service) || !Array.isArray(endpoints)) return []
    return endpoints.flatMap((endpoint: unknown) =>
      isObject(endpoint)
        ? [
            {
              type: text(field(service, 'type')),
              interface: text(field(endpoint, 'interface')),
              region: text(field(endpoint, 'region_id') ?? field(endpoint, 'region')),
              url: text(field(endpoint, 'url')),
            },
          ]
        : [],
    )
  })
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function instant(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : NaN
}
