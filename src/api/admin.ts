import { Hono } from 'hono'

export interface AdminOptions {
  readonly metrics: () => Promise<string>
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
export function createAdminApp({ metrics, notReady, inventory }: AdminOptions): Hono {
  const app = new Hono()
  app.get('/livez', (context) => context.json({ status: 'alive' }))
  app.get('/readyz', (context) => {
    const reason = notReady()
    return reason === undefined
      ? context.json({ status: 'ready' })
      : context.json({ status: 'not ready', reason }, 503)
  })
  app.get('/metrics', async (context) =>
    context.body(await metrics(), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    }),
  )
  app.get('/discovery', (context) =>
    context.json({ sources: inventory.states(), conflicts: inventory.conflicts() }),
  )
  app.post('/discovery/confirm', (context) => {
    // A web page could make a browser on this machine send a form, but not this.
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
