import { randomUUID } from 'node:crypto'
import { Hono, type Context } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Authenticate } from './authenticate.ts'
import { nowhere, Problem, problemBody } from './problem.ts'
import type { Env } from './send.ts'

export interface BaseOptions {
  readonly authenticate: Authenticate
  /** Told of each request that failed by our own fault. */
  readonly onError: (error: unknown, requestId: string) => void
  /** Told of each answer: which route it was, not which path. */
  readonly onAnswered?: OnAnswered | undefined
  /** What the requests of an app with one route only are counted as. */
  readonly route?: string
  /** For clients that read errors only where the status says that there is none. */
  readonly errorsAs200?: boolean
}

export type OnAnswered = (route: string, method: string, status: number, seconds: number) => void

/** What all our faces share: a request id, a caller, and JSON whatever happens. */
export function createBaseApp(options: BaseOptions): Hono<Env> {
  const { authenticate, onError, errorsAs200 = false } = options
  const app = new Hono<Env>()

  app.use(async (context, next) => {
    const began = performance.now()
    await next()
    const route = options.route ?? routeOf(context)
    options.onAnswered?.(route, methodOf(context), context.res.status, (performance.now() - began) / 1000)
  })

  app.use(async (context, next) => {
    const given = context.req.header('x-request-id')
    const requestId = given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
    context.set('requestId', requestId)
    context.header('x-request-id', requestId)
    refuseDots(rawPathOf(context))
    const raw = context.env?.incoming?.rawHeaders ?? [...context.req.raw.headers].flat()
    context.set('caller', await authenticate(raw))
    await next()
  })
  app.notFound((context) => {
    throw nowhere(context.req.method, context.req.path)
  })
  app.onError((error, context) => {
    const requestId = context.get('requestId')
    const problem =
      error instanceof Problem
        ? error
        : new Problem(500, 'internal', 'the gateway failed; its log has the reason')
    if (problem.status === 500) onError(error, requestId)
    return new Response(context.req.raw.method === 'HEAD' ? null : problemBody(problem, requestId), {
      status: errorsAs200 ? 200 : problem.status,
      headers: {
        'cache-control': 'no-store',
        ...problem.headers,
        'content-type': 'application/json',
        'x-request-id': requestId,
      },
    })
  })
  return app
}

/** The path as it was sent, in a target with or without a host: what routes see has its dot segments resolved. */
export function rawPathOf(context: Context<Env>): string {
  const sent = context.env?.incoming?.url ?? new URL(context.req.url).pathname
  const path = sent.split('?')[0] ?? ''
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/\\#]*/i, '')
}

/** The pattern that the path fits; never the path, which is a caller's own. */
function routeOf(context: Context<Env>): string {
  const fitting = matchedRoutes(context).find(({ path }) => path !== '*' && path !== '/*')
  return fitting?.path.replace(/(.)\/$/, '$1') ?? 'none'
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

function methodOf(context: Context<Env>): string {
  const { method } = context.req.raw
  return methods.has(method) ? method : 'other'
}

/** A path that means another one would pass by the rules of a proxy before us. */
function refuseDots(path: string): void {
  if (/\/(\.|%2e){1,2}(\/|$)/i.test(path)) {
    throw new Problem(400, 'malformed-request', 'a segment of the path is dots')
  }
}
