import type { Context, Hono } from 'hono'
import type { Scrape } from '../metrics/scrape.ts'
import { readCalls, type ReadCall } from '../model/calls.ts'
import { createBaseApp, rawPathOf, type BaseOptions } from './base-app.ts'
import { matchesEtag } from './etag.ts'
import type { FleetDoor } from './fleet-door.ts'
import { acceptsGzip, gzip } from './gzip.ts'
import { scrapedRegions, sendMetrics } from './metrics.ts'
import { oneRegion, regionNamed } from './one-region.ts'
import { bad } from './parameters.ts'
import { methodNotAllowed, Problem } from './problem.ts'
import { answerRead, type ReadContext } from './read.ts'
import type { RegionDoor } from './region-door.ts'
import { segmentsOf } from './region-path.ts'
import { sendChunks, type Env } from './send.ts'
import { versionDocument } from './version-document.ts'
import { createWhoAmI } from './who-am-i.ts'

export interface AppOptions extends ReadContext, BaseOptions {
  /** The exposition of some regions. */
  readonly metrics: Scrape['regions']
  readonly regionDoor: RegionDoor
  readonly fleetDoor: FleetDoor
  /** The stream of changes. */
  readonly events: (context: Context<Env>) => Response
}

/** A patch id goes into a path at the region, which decodes `%2F` before routing: so an allow-list. */
const patchId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
const longestReleaseId = 256

/** The HTTP face: routes made from the tables of calls, everything answered as JSON. */
export function createApp(options: AppOptions): Hono<Env> {
  const app = createBaseApp({ ...options, detailsBelow: '/fleet/' })

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
        app.get(full, (context) => read(context, call))
        app.get(`${full}/`, (context) => read(context, call))
      }
    }
  }
  route(app, '/metrics', (context) => {
    const caller = context.get('caller')
    if (caller.role === undefined) throw new Problem(403, 'forbidden', 'reading needs the role reader')
    const query = new URL(context.req.url).searchParams
    const scope = scrapedRegions(query, options.directory(), caller.scope) ?? caller.scope
    return sendMetrics(context, (format) => options.metrics(scope, format))
  })

  // What is not merged is one region's: writes, and reads that only make sense of one.
  for (const path of ['/v1/*', '/usm/v1/*', '/patching/v1/*']) {
    app.all(path, (context) => {
      const caller = context.get('caller')
      const query = new URL(context.req.url).searchParams
      return options.regionDoor({
        context,
        caller,
        segments: () => segmentsOf(rawPathOf(context)),
        regionOf: (scope, body) => oneRegion(options.directory(), scope, query, body),
        strict: true,
        base: () => '',
      })
    })
  }
  app.all('/regions/*', (context) => {
    const caller = context.get('caller')
    const segments = (): readonly string[] => segmentsOf(rawPathOf(context)).slice(1)
    const name = (): string => segments()[0] ?? ''
    return options.regionDoor({
      context,
      caller,
      segments: () => segments().slice(1),
      regionOf: (scope) => regionNamed(options.directory(), scope, name()),
      strict: false,
      base: () => `/regions/${encodeURIComponent(name())}`,
    })
  })
  const whoAmI = createWhoAmI(options.directory)
  route(app, '/fleet/v1/whoami', (context) => {
    refuseParameters(context)
    return whoAmI(context)
  })
  route(app, '/fleet/v1/events', options.events)
  app.all('/fleet/*', (context) => options.fleetDoor(context))
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
    throw methodNotAllowed(context.req.method, ['GET', 'HEAD'])
  })
}

function refuseParameters(context: Context<Env>): void {
  for (const name of new URL(context.req.url).searchParams.keys())
    throw bad(name, 'unknown here; none is allowed')
}
