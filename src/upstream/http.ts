import { createSecureContext, rootCertificates } from 'node:tls'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { Client, type buildConnector } from 'undici'
import { createConnector, endOfCertificate } from './connect.ts'
import { UpstreamError } from './error.ts'
import { exchange, type InFlight } from './exchange.ts'
import { createHandshakeTurns, type HandshakeTurns } from './handshake-turns.ts'
import { inflated } from './inflate.ts'

/** Times in ms, sizes in bytes. They nest: connect < first byte < total. */
export interface HttpLimits {
  readonly connectTimeout: number
  readonly firstByteTimeout: number
  /** Of a region that stops answering, or that stops reading what it is sent. */
  readonly idleTimeout: number
  readonly totalTimeout: number
  readonly maxResponse: number
  /** Of all answers under way together: a fleet that sends much at once must not exhaust our memory. */
  readonly maxInFlight: number
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  /** `content-length` is not among them: it is made here, as regions drop a body that comes in chunks. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | StreamedBody
  /** In place of the client's own. */
  readonly limits?: Partial<Omit<HttpLimits, 'connectTimeout'>>
}

/** A body that is not held in memory. */
export interface StreamedBody {
  /** Exactly as many bytes as the stream gives; any other number fails the request. */
  readonly length: number
  /** Called once; the stream is destroyed when the request ends before it. */
  readonly stream: () => Readable
}

export interface HttpAnswer {
  readonly status: number
  /** Of the answer's headers, by lower-case name; a repeated one joined by commas. */
  readonly header: (name: string) => string
  readonly body: Buffer
}

/** One service of one region. Its caller sends one request at a time. */
export interface HttpClient {
  /** Throws `UpstreamError`. A redirect is an answer like any other: it is never followed. */
  send(request: HttpRequest): Promise<HttpAnswer>
  /** When the certificate that was last shown ends, ms since the epoch. */
  certificateEndsAt(): number | undefined
  close(): void
}

export type CreateHttpClient = (origin: URL) => HttpClient

// A front closes idle connections after 10 s (docs/quirks.md, "Fronts keep connections, services do not").
const keepAlive = 8_000

/** Shares one TLS context over all regions: a CA bundle costs 8 ms whenever it is parsed. */
export function createHttp(
  limits: HttpLimits,
  ca: string | undefined,
  turns: HandshakeTurns = createHandshakeTurns(),
): CreateHttpClient {
  const secureContext = createSecureContext({ ca: ca === undefined ? [...rootCertificates] : ca })
  const connect = createConnector(secureContext, limits.connectTimeout, turns)
  const inFlight: InFlight = { bytes: 0 }
  return (origin) => createHttpClient(origin, limits, connect, inFlight)
}

function createHttpClient(
  origin: URL,
  limits: HttpLimits,
  connect: buildConnector.connector,
  inFlight: InFlight,
): HttpClient {
  let client: Client | undefined
  let socket: Socket | undefined
  /** The last answer said that the connection stays open: true of fronts only. */
  let keptOpen = false
  /** It said nothing of the connection: an open one would block a serial service, so the next is closed by us. */
  let closing = false
  let closed = false
  let certificateEndsAt: number | undefined
  const base = origin.pathname.replace(/\/+$/, '')

  function open(): Client {
    client ??= new Client(origin.origin, {
      connect: (target, callback) =>
        connect(target, (...result) => {
          socket = result[1] ?? undefined
          certificateEndsAt = endOfCertificate(socket) ?? certificateEndsAt
          callback(...result)
        }),
      pipelining: 1,
      keepAliveTimeout: keepAlive,
      keepAliveMaxTimeout: keepAlive,
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    return client
  }
  function drop(): void {
    const dropped = client
    client = undefined
    keptOpen = false
    dropped?.destroy().catch(() => undefined)
  }

  async function send(request: HttpRequest): Promise<HttpAnswer> {
    // What was still waiting for its turn must not open a connection that nobody closes.
    if (closed) {
      const why = `${request.method} ${base}${request.path}: the connection was given up`
      throw new UpstreamError('unreachable', why, { sent: false })
    }
    // A write gets a connection of its own: on a kept one that just closed, nobody could tell whether it was carried out.
    if (keptOpen && request.method !== 'GET') drop()
    const reused = keptOpen
    keptOpen = false
    const within = { ...limits, ...request.limits }
    try {
      const sent = { ...request, path: base + request.path }
      const used = { client: open(), socket: () => socket }
      const answer = await exchange(used, sent, closing, within, inFlight)
      const connection = answer.header('connection')
      keptOpen = /\bkeep-alive\b/i.test(connection)
      const silent = !keptOpen && !/\bclose\b/i.test(connection)
      if (silent && !closing) drop()
      closing = silent
      const body = await inflated(answer, within.maxResponse, `${request.method} ${sent.path}`)
      return { ...answer, body }
    } catch (error) {
      drop()
      // The front may close a kept connection just as we use it: nothing was answered, so ask once more.
      const stale = reused && request.method === 'GET'
      if (stale && error instanceof UpstreamError && error.kind === 'unreachable') return send(request)
      throw error
    }
  }
  return {
    send,
    certificateEndsAt: () => certificateEndsAt,
    close() {
      closed = true
      drop()
    },
  }
}
