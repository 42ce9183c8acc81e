import { getRequestListener, RequestError } from '@hono/node-server'
import { readFile } from 'node:fs/promises'
import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext } from 'node:tls'
import { followConnections } from './connections.ts'
import { Problem, problemBody } from './problem.ts'

export interface Listener {
  readonly url: string
  /** Reads certificate and key anew; rejects where they can't be used. The result puts them to use for new connections. */
  readCertificate(): Promise<() => void>
  /** From now on each answer is the last of its connection. */
  retire(): void
  /** Takes nothing new, and resolves once all that was asked is answered and read. */
  drain(): Promise<void>
  /** The same, but whoever stalls is cut off. */
  close(): Promise<void>
}

interface FetchApp {
  readonly fetch: Parameters<typeof getRequestListener>[0]
}

/** ms; longer than the proxies and scrapers in front of us keep theirs, so that they never write to a closing one. */
const keepAlive = 75_000
/** ms for answers under way when it closes: whoever stalls must not hold the process. */
const grace = 1_000
/** Bytes: a selection may name hundreds of regions in its query. */
const maxHeaderSize = 64 * 1024

export interface ListenAt {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly tls?: { readonly cert_file: string; readonly key_file: string } | undefined
}

/** Rejects with the system's error, `EADDRINUSE` among them. */
export async function listen(app: FetchApp, { host, port, tls }: ListenAt): Promise<Listener> {
  const certificate = tls && (await certificateOf(tls))
  const answer = getRequestListener(app.fetch, {
    // A health check by HTTP/1.0 names no host.
    hostname: 'localhost',
    errorHandler(error) {
      const problem =
        error instanceof RequestError
          ? malformed('the target and the Host of the request make no URL')
          : new Problem(500, 'internal', 'the gateway failed')
      return new Response(problemBody(problem, ''), { status: problem.status, headers: closing })
    },
  })
  // Node itself answers a missing Host without a body, and passes over a second one.
  const take = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    if (!connections.asked(incoming, outgoing)) return void incoming.resume()
    const fault = faultOfHead(incoming)
    if (fault === undefined) return void answer(incoming, outgoing)
    const body = problemBody(malformed(fault), '')
    outgoing.writeHead(400, { ...closing, 'content-length': Buffer.byteLength(body) }).end(body)
  }
  const settings = { maxHeaderSize, requireHostHeader: false, ...certificate }
  const server = certificate ? createTlsServer(settings, take) : createServer(settings, take)
  const connections = followConnections(server, certificate !== undefined)
  server.keepAliveTimeout = keepAlive
  // An upload may take hours; whoever reads a body has its own limit for a sender that stops.
  server.requestTimeout = 0
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy()
    else if (!connections.garbled(socket)) refuseMalformed(error, socket)
  })
  server.on('connect', (_, socket) =>
    refuse(
      socket,
      new Problem(405, 'method-not-allowed', 'this is no proxy', { headers: { allow: 'GET, HEAD' } }),
    ),
  )
  // What a client expects beyond `100-continue` may be passed over; Node would answer without a body.
  server.on('checkExpectation', (incoming, outgoing) => server.emit('request', incoming, outgoing))
  let ended: Promise<void> | undefined
  const drain = (): Promise<void> => {
    ended ??= new Promise((done) => void server.close(() => done()))
    connections.retire()
    connections.closeIdle()
    return ended
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const bound = server.address() as AddressInfo
      const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
      resolve({
        async readCertificate() {
          if (!tls || !('setSecureContext' in server)) return () => undefined
          const renewed = await certificateOf(tls)
          // Throws where the key is not the certificate's: one of the two files may be the old one still.
          createSecureContext(renewed)
          return () => server.setSecureContext(renewed)
        },
        url: `${tls ? 'https' : 'http'}://${shown.includes(':') ? `[${shown}]` : shown}:${bound.port}`,
        retire: connections.retire,
        drain,
        close() {
          setTimeout(connections.closeAll, grace).unref()
          return drain()
        },
      })
    })
  })
}

// What is refused here never reaches the app. It is answered as JSON like everything else, and its connection closed.
const closing = { 'content-type': 'application/json', connection: 'close' }

function malformed(detail: string): Problem {
  return new Problem(400, 'malformed-request', detail)
}

/** RFC 9112 §3.2: HTTP/1.1 names exactly one host; of two, readers differ on which one counts. */
function faultOfHead({ rawHeaders, httpVersion }: IncomingMessage): string | undefined {
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length
  if (hosts > 1) return 'the request has more than one Host'
  // A line break in a target that someone before us took over makes what is before it a request of HTTP/0.9.
  if (httpVersion === '0.9') return 'the request has no version'
  return hosts === 0 && httpVersion === '1.1' ? 'the request has no Host' : undefined
}

function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const detail = `the request's head is larger than ${maxHeaderSize} bytes`
  refuse(
    socket,
    tooLarge ? new Problem(431, 'malformed-request', detail) : malformed('the request is not HTTP'),
  )
}

function refuse(socket: Duplex, problem: Problem): void {
  const body = problemBody(problem, '')
  const headers = { ...closing, 'content-length': Buffer.byteLength(body), ...problem.headers }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`, ...lines, '', body].join('\r\n'))
}

async function certificateOf(tls: NonNullable<ListenAt['tls']>): Promise<{ cert: Buffer; key: Buffer }> {
  return { cert: await readFile(tls.cert_file), key: await readFile(tls.key_file) }
}
