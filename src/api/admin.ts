import { Hono } from 'hono'

export interface AdminOptions {
  readonly metrics: () => Promise<string>
  /** Why the gateway is not ready; undefined when it is. */
  readonly notReady: () => string | undefined
}

/** The admin port: no token, so it listens on loopback unless told otherwise. */
export function createAdminApp({ metrics, notReady }: AdminOptions): Hono {
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
  app.notFound((context) => context.json({ error: 'the admin port has /livez, /readyz and /metrics' }, 404))
  return app
}
