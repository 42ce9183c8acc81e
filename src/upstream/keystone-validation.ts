import type { KeystoneName, KeystoneToken } from '../model/keystone-token.ts'
import { UpstreamError } from './error.ts'
import type { CreateHttpClient, HttpAnswer } from './http.ts'
import { field, isObject, parseJson } from './json.ts'
import type { KeystoneSession } from './keystone-session.ts'

export interface TokenValidationOptions {
  readonly keystone: URL
  /** The gateway's own login there. */
  readonly session: KeystoneSession
  readonly http: CreateHttpClient
  readonly userAgent: string
  /** ms since the epoch. */
  readonly now: () => number
}

/** What callers' tokens are, by the word of one Keystone. */
export interface TokenValidation {
  /** Undefined where Keystone knows no such token. Throws `UpstreamError` where it gave no verdict. */
  validate(token: string): Promise<KeystoneToken | undefined>
  close(): void
}

const call = 'GET /auth/tokens'
/** Validations under way at once; one takes Keystone some 20 ms. */
const most = 32

/**
 * Asks with the gateway's own token (recording keystone/22.0.2/041-validate-get-nocatalog). 404 is about the caller's
 * token, 401 about ours: to take one for the other would lock callers out, or log in for ever. Keystone's own words,
 * which may hold the token, are never repeated.
 */
export function createTokenValidation(options: TokenValidationOptions): TokenValidation {
  const { keystone, session, now } = options
  let underWay = 0

  /** A connection of its own: an idle one may close just as it is used, and validations are not queued. */
  async function ask(own: string, token: string): Promise<HttpAnswer> {
    const client = options.http(keystone)
    try {
      return await client.send({
        method: 'GET',
        path: '/auth/tokens?nocatalog',
        headers: {
          accept: 'application/json',
          'user-agent': options.userAgent,
          'x-auth-token': own,
          'x-subject-token': token,
        },
      })
    } finally {
      client.close()
    }
  }

  async function askTwice(token: string): Promise<HttpAnswer> {
    const { token: own } = await session.current()
    const answer = await ask(own, token)
    // Ours was revoked, or Keystone's keys were replaced: log in once, and ask once more.
    if (answer.status !== 401 || !session.refused(own)) return answer
    return ask((await session.current()).token, token)
  }

  return {
    async validate(token) {
      if (underWay >= most) {
        throw new UpstreamError('timeout', `Keystone: ${call}: ${underWay} are under way already`)
      }
      underWay++
      try {
        return verdictOf(await askTwice(token), now())
      } finally {
        underWay--
      }
    },
    close: () => session.close(),
  }
}

function verdictOf(answer: HttpAnswer, now: number): KeystoneToken | undefined {
  const { status } = answer
  if (status === 404 && isVerdict(answer)) return undefined
  if (status === 401)
    throw new UpstreamError('unauthorized', `Keystone: ${call}: it refuses the gateway's own token`)
  if (status === 403) {
    const why = `the gateway's account may not validate tokens: it needs the role admin or service`
    throw new UpstreamError('unauthorized', `Keystone: ${call}: HTTP 403: ${why}`)
  }
  if (status !== 200) throw new UpstreamError('broken', `Keystone: ${call}: HTTP ${status}`, { status })
  const value = parseJson(answer.body, `Keystone: ${call}`)
  const described = isObject(value) ? field(value, 'token') : undefined
  const token = isObject(described) ? toToken(described, Date.parse(answer.header('date')) || now) : undefined
  if (token === undefined)
    throw new UpstreamError('malformed', `Keystone: ${call}: not the description of a token`)
  return token
}

/** A 404 of a front, or of a path that is not Keystone's, says nothing of the token. */
function isVerdict(answer: HttpAnswer): boolean {
  try {
    const value = parseJson(answer.body, call)
    const error = isObject(value) ? field(value, 'error') : undefined
    return isObject(error) && field(error, 'code') === 404
  } catch {
    return false
  }
}

/** Undefined where what matters is not there, or of another type. */
function toToken(
  described: Readonly<Record<string, unknown>>,
  keystoneNow: number,
): KeystoneToken | undefined {
  const user = toName(field(described, 'user'))
  const end = field(described, 'expires_at')
  const expires = typeof end === 'string' ? Date.parse(end) : NaN
  if (user === undefined || Number.isNaN(expires)) return undefined
  const project = toName(field(described, 'project'))
  if (field(described, 'project') !== undefined && project === undefined) return undefined
  // A project that acts as a domain is a project in name only.
  const plain = field(described, 'is_domain') !== true && field(described, 'system') === undefined
  return {
    user,
    project: plain ? project : undefined,
    roles: listOf(field(described, 'roles'), 'name'),
    groups: groupsOf(field(described, 'user')),
    expires,
    left: Math.max(0, expires - keystoneNow),
  }
}

function toName(value: unknown): KeystoneName | undefined {
  if (!isObject(value)) return undefined
  const domain = field(value, 'domain')
  const [id, name, of] = [field(value, 'id'), field(value, 'name'), isObject(domain) && field(domain, 'name')]
  if (typeof id !== 'string' || typeof name !== 'string' || typeof of !== 'string') return undefined
  return { id, name, domain: of }
}

function groupsOf(user: unknown): readonly string[] {
  const federation = isObject(user) ? field(user, 'OS-FEDERATION') : undefined
  return isObject(federation) ? listOf(field(federation, 'groups'), 'id') : []
}

function listOf(value: unknown, key: 'id' | 'name'): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each: unknown) => {
    const found = isObject(each) ? field(each, key) : undefined
    return typeof found === 'string' ? [found] : []
  })
}
