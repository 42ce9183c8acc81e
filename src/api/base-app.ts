import { Hono, type Context } from 'hono'
import { matchedRoutes } from 'hono/route'
import { traceFrom, within, type TellRequest } from '../model/trace.ts'
import type { Authenticate } from './authenticate.ts'
import type { Caller } from './caller.ts'
import { nowhere, Problem, problemBody, problemDetails } from './problem.ts'
import type { OpenPages } from './open-pages.ts'
import type { ReadsUnderWay } from './reads-under-way.ts'
import type { Env } from './send.ts'

export interface BaseOptions {
  readonly authenticate: Authenticate
  /** Takes a place among this caller's requests, and gives the function that leaves it; throws a 429 `Problem`. */
  readonly admit?: (caller: Caller) => () => void
  /** Reads that a gateway which stops gives up. */
  readonly reads?: Pick<ReadsUnderWay, 'orGivenUp'>
  /** Told of each request that failed by our own fault. */
  readonly onError: (error: unknown) => void
  /** Told of each answer: which route it was, not which path. */
  readonly onAnswered?: OnAnswered | undefined
  /** Has a collector told of each request that is sampled. */
  readonly tell?: TellRequest
  /** What the requests of an app with one route only are counted as. */
  readonly route?: string
  /** For clients that read errors only where the status says that there is none. */
  readonly errorsAs200?: boolean
  /** Pages that need no token. */
  readonly openPages?: OpenPages
  /** Below this path errors are told as RFC 9457 has it. */
  readonly detailsBelow?: string
}

export type OnAnswered = (route: string, method: string, status: number, seconds: number) => void

/** What all our faces share: a request id, a caller, and JSON whatever happens. */
export function createBaseApp(options: BaseOptions): Hono<Env> {
  const { authenticate, admit, onError, errorsAs200 = false, openPages, detailsBelow } = options
  const app = new Hono<Env>()

  app.use(async (context, next) => {
    const began = performance.now()
    const trace = traceFrom((name) => context.req.header(name))
    context.set('requestId', trace.requestId)
    const told = options.tell?.(trace)
    await within(told?.trace ?? trace, async () => {
      await next()
      const [route, method, { status }] = [options.route ?? routeOf(context), methodOf(context), context.res]
      options.onAnswered?.(route, method, status, (performance.now() - began) / 1000)
      told?.end(route, method, status)
    })
  })

  app.use(async (context, next) => {
    context.header('x-request-id', context.get('requestId'))
    refuseDots(rawPathOf(context))
    const { method } = context.req.raw
    const page =
      method === 'GET' || method === 'HEAD'
        ? openPages?.(context.req.path, context.req.raw.headers)
        : undefined
    if (page) return method === 'HEAD' ? new Response(null, page) : page
    const orGivenUp = options.reads?.orGivenUp ?? ((step) => step)
    const caller = await orGivenUp(authenticate(rawHeadersOf(context)))
    context.set('caller', caller)
    const leave = admit?.(caller)
    const outgoing = context.env?.outgoing
    // Other methods may write: what becomes of a write, only who sends it can say.
    const answered = method === 'GET' || method === 'HEAD' ? orGivenUp(next()) : next()
    if (leave === undefined || outgoing === undefined || outgoing.closed) return answered.finally(leave)
    // Whoever does not read the answer keeps the place.
    outgoing.once('close', leave)
    await answered
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
    if (problem.status === 500) onError(error)
    const inDetail = detailsBelow !== undefined && context.req.path.startsWith(detailsBelow)
    const body = inDetail ? problemDetails(problem, requestId) : problemBody(problem, requestId)
    return new Response(context.req.raw.method === 'HEAD' ? null : body, {
      status: errorsAs200 ? 200 : problem.status,
      headers: {
        'cache-control': 'no-store',
        ...problem.headers,
        'content-type': inDetail ? 'application/problem+json' : 'application/json',
        'x-request-id': requestId,
      },
    })
  })
  return app
}

/** Names and values in turn, as they were sent: Node folds or drops repeated ones elsewhere. */
export function rawHeadersOf(context: Context<Env>): readonly string[] {
  return context.env?.incoming?.rawHeaders ?? [...context.req.raw.headers].flat()
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
