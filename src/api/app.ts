import { randomUUID } from 'node:crypto'
import { Hono, type Context } from 'hono'
import { readCalls, type ReadCall } from '../model/calls.ts'
import type { Authenticate } from './authenticate.ts'
import type { Caller } from './caller.ts'
import { matchesEtag } from './etag.ts'
import { acceptsGzip, gzip } from './gzip.ts'
import { bad, printable } from './parameters.ts'
import { Problem, problemBody } from './problem.ts'
import { answerRead, type ReadContext } from './read.ts'
import { sendChunks, type Env } from './send.ts'
import { versionDocument } from './version-document.ts'

export interface AppOptions extends ReadContext {
  readonly authenticate: Authenticate
  /** Told of each request that failed by our own fault. */
  readonly onError: (error: unknown, requestId: string) => void
  /** The exposition for one caller's regions. */
  readonly metrics: (caller: Caller) => string
}

/** A patch id goes into a path at the region, which decodes `%2F` before routing: so an allow-list. */
const patchId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
const longestReleaseId = 256

/** The HTTP face: routes made from the table of calls, everything answered as JSON. */
export function createApp(options: AppOptions): Hono<Env> {
  const app = new Hono<Env>()

  app.use(async (context, next) => {
    const given = context.req.header('x-request-id')
    const requestId = given !== undefined && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
    context.set('requestId', requestId)
    context.header('x-request-id', requestId)
    const raw = context.env?.incoming?.rawHeaders ?? [...context.req.raw.headers].flat()
    context.set('caller', await options.authenticate(raw))
    await next()
  })

  for (const path of ['', '/usm', '/patching']) {
    for (const end of ['/', '/v1', '/v1/']) {
      route(app, path + end, (context) => {
        refuseParameters(context)
        return context.json(versionDocument(end !== '/'))
      })
    }
  }
  for (const call of readCalls) {
    for (const documented of call.paths) {
      const path = documented.replace('{id}', ':id')
      for (const full of [path, `/${call.service}${path}`]) {
        route(app, full, (context) => read(context, call))
        route(app, `${full}/`, (context) => read(context, call))
      }
    }
  }
  route(app, '/metrics', (context) => {
    const caller = context.get('caller')
    if (caller.role === undefined) throw new Problem(403, 'forbidden', 'reading needs the role reader')
    refuseParameters(context)
    return context.body(options.metrics(caller), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    })
  })

  app.notFound((context) => {
    throw new Problem(
      404,
      'not-found',
      `this gateway has no ${context.req.method} ${printable(context.req.path)}`,
    )
  })
  app.onError((error, context) => {
    const requestId = context.get('requestId')
    const problem =
      error instanceof Problem
        ? error
        : new Problem(500, 'internal', 'the gateway failed; its log has the reason')
    if (problem.status === 500) options.onError(error, requestId)
    return new Response(context.req.raw.method === 'HEAD' ? null : problemBody(problem, requestId), {
      status: problem.status,
      headers: {
        'cache-control': 'no-store',
        ...problem.headers,
        'content-type': 'application/json',
        'x-request-id': requestId,
      },
    })
  })
  return app

  async function read(context: Context<Env>, call: ReadCall): Promise<Response> {
    const id = context.req.param('id') ?? ''
    if (call.resource === 'show' && !patchId.test(id)) {
      throw bad('id', 'letters, digits, dots, dashes and underscores, beginning with a letter or a digit')
    }
    if (id.length > longestReleaseId) throw bad('id', `at most ${longestReleaseId} characters`)
    const search = new URL(context.req.url).searchParams
    const answer = await answerRead(options, call, id, search, context.get('caller'))
    // Each coding has its own bytes, so its own ETag.
    const coding = acceptsGzip(context.req.header('accept-encoding')) ? 'gzip' : undefined
    const etag = coding === undefined ? answer.etag : answer.etag.replace(/"$/, `-${coding}"`)
    const headers: Record<string, string> = {
      ...answer.headers,
      etag,
      'x-request-id': context.get('requestId'),
    }
    if (matchesEtag(context.req.header('if-none-match'), etag)) {
      delete headers['content-type']
      return new Response(null, { status: 304, headers })
    }
    if (coding === undefined) return sendChunks(context, headers, answer.body())
    headers['content-encoding'] = coding
    return sendChunks(context, headers, await gzip(answer.body()))
  }
}

/** A path with its GET, and a 405 that says so for every other method. */
function route(
  app: Hono<Env>,
  path: string,
  handler: (context: Context<Env>) => Response | Promise<Response>,
): void {
  app.get(path, handler)
  app.all(path, (context) => {
    throw new Problem(
      405,
      'method-not-allowed',
      `${context.req.method} is not possible here; GET and HEAD are`,
      {
        headers: { allow: 'GET, HEAD' },
      },
    )
  })
}

function refuseParameters(context: Context<Env>): void {
  for (const name of new URL(context.req.url).searchParams.keys())
    throw bad(name, 'unknown here; none is allowed')
}
