import { Hono } from 'hono'
import type { Directory } from '../fleet/directory.ts'
import type { Scrape } from '../metrics/scrape.ts'
import { isLoopback } from '../model/loopback.ts'
import { rawHeadersOf } from './base-app.ts'
import { scrapedRegions, sendMetrics } from './metrics.ts'
import { Problem } from './problem.ts'
import { refusePages } from './refuse-pages.ts'
import type { Env } from './send.ts'

export interface AdminOptions {
  /** Where it listens. */
  readonly host?: string
  readonly directory: () => Directory
  readonly metrics: Scrape
  /** Ready or not, it stops. */
  readonly stopping?: () => boolean
  /** Why the gateway is not ready; undefined when it is. */
  readonly notReady: () => string | undefined
  readonly inventory: {
    /** How each source of regions is doing. */
    readonly states: () => readonly unknown[]
    /** Where sources say different things of one region. */
    readonly conflicts: () => readonly string[]
    /** Takes over lists of regions that were held back; how many there were. */
    readonly confirm: () => number
  }
}

/** The admin port: no token, so it listens on loopback unless told otherwise. */
export function createAdminApp(options: AdminOptions): Hono<Env> {
  const { directory, metrics, notReady, inventory } = options
  const app = new Hono<Env>()
  app.use(async (context, next) => {
    // Elsewhere it is asked by whatever name it has there.
    if (options.host !== undefined && isLoopback(options.host)) refusePages(rawHeadersOf(context))
    await next()
  })
  app.get('/livez', (context) => context.json({ status: 'alive' }))
  app.get('/readyz', (context) => {
    if (options.stopping?.()) return context.json({ status: 'stopping' }, 503)
    const reason = notReady()
    return reason === undefined
      ? context.json({ status: 'ready' })
      : context.json({ status: 'not ready', reason }, 503)
  })
  app.get('/metrics', (context) => {
    const scope = scrapedRegions(new URL(context.req.url).searchParams, directory(), () => true)
    return sendMetrics(context, (format) =>
      scope === undefined ? metrics.whole(format) : metrics.regions(scope, format),
    )
  })
  app.onError((error, context) => {
    if (error instanceof Problem) return context.json({ error: error.message }, error.status)
    return context.json({ error: 'the gateway failed' }, 500)
  })
  app.get('/discovery', (context) =>
    context.json({ sources: inventory.states(), conflicts: inventory.conflicts() }),
  )
  app.post('/discovery/confirm', (context) => {
    // A web page could make a browser send a form, but not this.
    if (!/^application\/json *(?:;|$)/i.test(context.req.header('content-type') ?? '')) {
      return context.json({ error: 'send it with Content-Type: application/json' }, 415)
    }
    return context.json({ confirmed: inventory.confirm() })
  })
  app.notFound((context) =>
    context.json({ error: 'the admin port has /livez, /readyz, /metrics and /discovery' }, 404),
  )
  return app
}
