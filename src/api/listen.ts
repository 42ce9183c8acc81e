import { createAdaptorServer } from '@hono/node-server'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Problem, problemBody } from './problem.ts'

export interface Listener {
  readonly url: string
  close(): Promise<void>
}

interface FetchApp {
  readonly fetch: Parameters<typeof createAdaptorServer>[0]['fetch']
}

/** ms; longer than the proxies and scrapers in front of us keep theirs, so that they never write to a closing one. */
const keepAlive = 75_000
/** Bytes: a selection may name hundreds of regions in its query. */
const maxHeaderSize = 64 * 1024

/** Port 0: any free one. Rejects with the system's error, `EADDRINUSE` among them. */
export function listen(app: FetchApp, { host, port }: { host: string; port: number }): Promise<Listener> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: { maxHeaderSize },
    // A health check by HTTP/1.0 names no host.
    hostname: 'localhost',
  }) as Server
  server.keepAliveTimeout = keepAlive
  // An upload takes as long as it takes: whoever reads a body limits how long its sender may pause.
  server.requestTimeout = 0
  server.on('clientError', refuseMalformed)
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

/** What is not HTTP never reaches the app: it is answered here, as JSON like everything else. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const detail = tooLarge
    ? `the request's head is larger than ${maxHeaderSize} bytes`
    : 'the request is not HTTP'
  const problem = new Problem(tooLarge ? 431 : 400, 'malformed-request', detail)
  const body = problemBody(problem, '')
  socket.end(
    `HTTP/1.1 ${problem.status} ${tooLarge ? 'Request Header Fields Too Large' : 'Bad Request'}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}
