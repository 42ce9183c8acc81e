import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Answer } from '../answers/answer.ts'
import { pythonJson } from '../answers/pythonJson.ts'
import type { SimRequest } from '../answers/request.ts'
import type { Account } from './account.ts'
import { idOf } from './account.ts'
import type { CatalogService } from './catalog.ts'
import type { IssuedToken } from './tokens.ts'

/** What answering needs of a Keystone. */
export interface Desk {
  readonly account: Account
  readonly url: () => string
  readonly catalog: () => readonly CatalogService[]
  readonly check: (token: string | undefined) => IssuedToken | undefined
  /** Issued here, however long ago. */
  readonly known: (token: string) => boolean
  readonly issue: (scoped: boolean) => IssuedToken
  readonly revoke: (token: string) => void
}

/** Keystone 22 as recorded: its version, tokens and the catalog; the rest is its 404. */
export function answerKeystone(desk: Desk, request: SimRequest): Answer {
  const path = (request.target.split('?')[0] ?? '').replace(/\/+$/, '')
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (path === '' && reads) return versions(desk)
  if (path === '/healthcheck' && reads) return answer(200, { detailed: false, reasons: [] }, [], false)
  if (path === '/v3' && reads) return answer(200, { version: version(desk) })
  if (path === '/v3/auth/tokens') return tokens(desk, request)
  if (path === '/v3/auth/catalog' && reads) return ownCatalog(desk, request)
  return notFound()
}

function tokens(desk: Desk, request: SimRequest): Answer {
  if (request.method === 'POST') return logIn(desk, request)
  if (!['GET', 'HEAD', 'DELETE'].includes(request.method)) {
    const message = 'The method is not allowed for the requested URL.'
    return answer(405, { message }, [['Allow', 'DELETE, OPTIONS, POST, GET, HEAD']])
  }
  if (!desk.check(request.headers['x-auth-token'])) return unauthorized(desk)
  const subject = request.headers['x-subject-token']
  if (subject === undefined) return failure(404, 'No token in the request')
  const found = desk.check(subject)
  if (!found) {
    return failure(404, desk.known(subject) ? 'Failed to validate token' : 'Could not recognize Fernet token')
  }
  if (request.method !== 'DELETE') return described(desk, request, found, 200)
  desk.revoke(found.token)
  return { status: 204, headers: trailer(), body: '' }
}

const credentialsSchema = z.object({
  user: z.object({
    name: z.string(),
    password: z.string(),
    domain: z.object({ name: z.string() }).or(z.object({ id: z.string() })),
  }),
})
const scopeSchema = z.object({
  project: z.object({
    name: z.string(),
    domain: z.object({ name: z.string() }).or(z.object({ id: z.string() })),
  }),
})
const authSchema = z.object({
  auth: z.object({
    identity: z.looseObject({ methods: z.array(z.string()), password: z.unknown().optional() }),
    scope: z.unknown().optional(),
  }),
})

function logIn(desk: Desk, request: SimRequest): Answer {
  const body = authSchema.safeParse(parsed(request.body?.text))
  if (!body.success) {
    const what = parsed(request.body?.text) === undefined ? 'valid JSON' : 'auth'
    return failure(400, `Expecting to find ${what} in request body. ${malformed}`)
  }
  const { identity, scope } = body.data.auth
  if (identity.methods.join() !== 'password') {
    const message = 'Attempted to authenticate with an unsupported method.'
    const value = { code: 401, identity: { methods: supported }, message, title: 'Unauthorized' }
    return answer(401, { error: value }, challenge(desk))
  }
  const given = credentialsSchema.safeParse(identity.password)
  if (!given.success || !isDefault(given.data.user.domain)) return unauthorized(desk)
  const outcome = desk.account.logIn(given.data.user.name, given.data.user.password)
  if (outcome === 'expired') {
    const { userId } = desk.account
    const message = `The password is expired and needs to be changed for user: ${userId}.`
    return failure(401, message, challenge(desk))
  }
  if (outcome === 'wrong') return unauthorized(desk)
  if (scope === undefined) return described(desk, request, desk.issue(false), 201)
  const wanted = scopeSchema.safeParse(scope)
  const mine = wanted.success && wanted.data.project.name === desk.account.project
  if (!mine || !isDefault(wanted.data.project.domain)) return unauthorized(desk)
  return described(desk, request, desk.issue(true), 201)
}

/** The body of a token; the token itself stands in a header only. */
function described(desk: Desk, request: SimRequest, issued: IssuedToken, status: 200 | 201): Answer {
  const { account } = desk
  const roles = account.roles.map((name) => ({ id: idOf(`role ${name}`), name }))
  const project = { domain, id: idOf(`project ${account.project}`), name: account.project }
  const bare = /[?&]nocatalog\b/.test(request.target)
  const token = {
    methods: ['password'],
    user: {
      domain,
      id: account.userId,
      name: account.user,
      password_expires_at: account.passwordExpiresAt(),
    },
    audit_ids: [issued.auditId],
    expires_at: instant(issued.expiresAt),
    issued_at: instant(issued.issuedAt),
    ...(issued.scoped ? { project, is_domain: false, roles } : {}),
    ...(issued.scoped && !bare ? { catalog: desk.catalog() } : {}),
  }
  return answer(status, { token }, [['X-Subject-Token', issued.token]])
}

function ownCatalog(desk: Desk, request: SimRequest): Answer {
  if (!desk.check(request.headers['x-auth-token'])) return unauthorized(desk)
  return answer(200, { catalog: desk.catalog(), links: { self: `${desk.url()}/auth/catalog` } })
}

function versions(desk: Desk): Answer {
  return answer(300, { versions: { values: [version(desk)] } }, [['Location', `${desk.url()}/`]])
}

function version(desk: Desk): Record<string, unknown> {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${desk.url()}/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  }
}

const domain = { id: 'default', name: 'Default' }
const supported = ['external', 'password', 'token', 'oauth1', 'mapped', 'application_credential']
const malformed =
  'The server could not comply with the request since it is either malformed or otherwise incorrect. ' +
  'The client is assumed to be in error.'
const titles: Readonly<Record<number, string>> = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found' }

function isDefault(given: { name: string } | { id: string }): boolean {
  return 'name' in given ? given.name === domain.name : given.id === domain.id
}

function unauthorized(desk: Desk): Answer {
  return failure(401, 'The request you have made requires authentication.', challenge(desk))
}

function challenge(desk: Desk): Answer['headers'] {
  return [['WWW-Authenticate', `Keystone uri="${desk.url()}"`]]
}

/** An error of Keystone's own, as where its database is gone. */
export function keystoneError(status: number): Answer {
  return failure(status, 'An unexpected error prevented the server from fulfilling your request.')
}

function failure(code: number, message: string, headers: Answer['headers'] = []): Answer {
  return answer(code, { error: { code, message, title: titles[code] ?? 'Error' } }, headers)
}

function answer(status: number, json: unknown, headers: Answer['headers'] = [], varies = true): Answer {
  const first: Answer['headers'] = [
    ['Content-Type', 'application/json'],
    ['Content-Length', ''],
  ]
  return { status, headers: [...first, ...headers, ...trailer(varies)], body: pythonJson(json), json }
}

function notFound(): Answer {
  const body =
    '<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n' +
    '<p>The requested URL was not found on the server. If you entered the URL manually please check your ' +
    'spelling and try again.</p>\n'
  const type = ['Content-Type', 'text/html; charset=utf-8'] as const
  return { status: 404, headers: [type, ['Content-Length', ''], ...trailer()], body }
}

function trailer(varies = true): Answer['headers'] {
  const id = ['x-openstack-request-id', `req-${randomUUID()}`] as const
  return varies ? [['Vary', 'X-Auth-Token'], id] : [id]
}

/** Keystone's times are whole seconds, written with six zeros. */
function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.000000Z`
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '') as unknown
  } catch {
    return undefined
  }
}
