import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listener {
  readonly url: string
  close(): Promise<void>
}

interface FetchApp {
  readonly fetch: Parameters<typeof createAdaptorServer>[0]['fetch']
}

/** ms; longer than the proxies and scrapers in front of us keep theirs, so that they never write to a closing one. */
const keepAlive = 75_000

/** Port 0: any free one. Rejects with the system's error, `EADDRINUSE` among them. */
export function listen(app: FetchApp, { host, port }: { host: string; port: number }): Promise<Listener> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.keepAliveTimeout = keepAlive
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const bound = server.address() as AddressInfo
      const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
      resolve({
        url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${bound.port}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            server.closeIdleConnections()
            // Answers under way may end; whoever stalls must not hold the process.
            setTimeout(() => server.closeAllConnections(), 1_000).unref()
          }),
      })
    })
  })
}
