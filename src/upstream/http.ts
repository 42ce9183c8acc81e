import { createSecureContext, rootCertificates } from 'node:tls'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { Client, type buildConnector, type Dispatcher } from 'undici'
import { createConnector } from './connect.ts'
import { UpstreamError } from './error.ts'

/** Times in ms, sizes in bytes. They nest: connect < first byte < total. */
export interface HttpLimits {
  readonly connectTimeout: number
  readonly firstByteTimeout: number
  readonly idleTimeout: number
  readonly totalTimeout: number
  readonly maxResponse: number
  /** Of all answers under way together: a fleet that sends much at once must not exhaust our memory. */
  readonly maxInFlight: number
}

/** Bytes of answers under way, over all regions. */
interface InFlight {
  bytes: number
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
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
  close(): void
}

export type CreateHttpClient = (origin: URL) => HttpClient

// A front closes idle connections after 10 s (docs/quirks.md, "Fronts keep connections, services do not").
const keepAlive = 8_000

const inflaters: Readonly<
  Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = { gzip: promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) }

const tlsCodes = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|HOSTNAME_MISMATCH)/
const dnsCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'])

/** Shares one TLS context over all regions: a CA bundle costs 8 ms whenever it is parsed. */
export function createHttp(limits: HttpLimits, ca: string | undefined): CreateHttpClient {
  const secureContext = createSecureContext({ ca: ca === undefined ? [...rootCertificates] : ca })
  const connect = createConnector(secureContext, limits.connectTimeout)
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
  /** The last answer said that the connection stays open: true of fronts only. */
  let keptOpen = false
  /** It said nothing of the connection: an open one would block a serial service, so the next is closed by us. */
  let closing = false
  const base = origin.pathname.replace(/\/+$/, '')

  function open(): Client {
    client ??= new Client(origin.origin, {
      connect,
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
    const reused = keptOpen
    keptOpen = false
    try {
      const sent = { ...request, path: base + request.path }
      const answer = await exchange(open(), sent, closing, limits, inFlight)
      const connection = answer.header('connection')
      keptOpen = /\bkeep-alive\b/i.test(connection)
      if (connection === '' && !closing) drop()
      closing = connection === ''
      return { ...answer, body: await inflated(answer, limits) }
    } catch (error) {
      drop()
      // The front may close a kept connection just as we use it: nothing was answered, so ask once more.
      const stale = reused && request.method === 'GET'
      if (stale && error instanceof UpstreamError && error.kind === 'unreachable') return send(request)
      throw error
    }
  }
  return { send, close: drop }
}

function exchange(
  client: Client,
  { method, path, headers, body }: HttpRequest,
  closing: boolean,
  limits: HttpLimits,
  inFlight: InFlight,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const call = `${method} ${path}`
    const startedAt = performance.now()
    const chunks: Buffer[] = []
    let controller: Dispatcher.DispatchController | undefined
    let head: Omit<HttpAnswer, 'body'> | undefined
    let received = 0
    let ended = false
    let lastByteAt = startedAt
    let phase: 'connect' | 'first byte' | 'idle' = 'connect'
    const phaseLimit = {
      connect: limits.connectTimeout,
      'first byte': limits.firstByteTimeout,
      idle: limits.idleTimeout,
    }
    let timer = setTimeout(check, limits.connectTimeout)

    /** One timer for all limits: when it fires, either a limit is passed or it is set again for what remains. */
    function check(): void {
      const now = performance.now()
      const ofPhase = phaseLimit[phase] - (now - lastByteAt)
      const ofTotal = limits.totalTimeout - (now - startedAt)
      if (ofTotal < 1) return fail('timeout', `${call}: not finished within ${seconds(limits.totalTimeout)}`)
      if (ofPhase < 1) return fail('timeout', `${call}: ${timeoutOf(phase, limits)}`)
      timer = setTimeout(check, Math.min(ofPhase, ofTotal))
    }
    function enter(next: 'first byte' | 'idle'): void {
      if (ended) return
      phase = next
      lastByteAt = performance.now()
      clearTimeout(timer)
      check()
    }
    function end(): void {
      if (ended) return
      ended = true
      clearTimeout(timer)
      inFlight.bytes -= received
    }
    function fail(kind: UpstreamError['kind'], message: string, refused = false): void {
      if (ended) return
      end()
      reject(new UpstreamError(kind, message, { refused, ...(head && { status: head.status }) }))
      if (controller) controller.abort(new Error(message))
      else client.destroy().catch(() => undefined)
    }

    client.dispatch(
      { path, method, headers: { ...headers }, reset: closing, ...(body !== undefined && { body }) },
      {
        onRequestStart(started) {
          controller = started
          enter('first byte')
        },
        onResponseStart(_, status, responseHeaders) {
          if (status < 200) return
          head = { status, header: (name) => text(responseHeaders[name]) }
          enter('idle')
        },
        onResponseData(_, chunk) {
          lastByteAt = performance.now()
          if (ended) return
          received += chunk.length
          inFlight.bytes += chunk.length
          if (received > limits.maxResponse) {
            fail('too_large', `${call}: more than ${limits.maxResponse} bytes`)
          } else if (inFlight.bytes > limits.maxInFlight) {
            fail('too_large', `${call}: all answers under way exceed ${limits.maxInFlight} bytes`)
          } else chunks.push(chunk)
        },
        onResponseEnd() {
          if (head === undefined) return fail('broken', `${call}: no answer`)
          end()
          resolve({ ...head, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) })
        },
        onResponseError(_, error) {
          const { kind, message, refused } = explain(error, head !== undefined, limits)
          fail(kind, `${call}: ${message}`, refused)
        },
      },
    )
  })
}

async function inflated(answer: HttpAnswer, limits: HttpLimits): Promise<Buffer> {
  const encoding = answer.header('content-encoding').toLowerCase()
  if (encoding === '' || encoding === 'identity') return answer.body
  const inflater = inflaters[encoding]
  if (inflater === undefined) throw new UpstreamError('malformed', `unknown Content-Encoding "${encoding}"`)
  try {
    return await inflater(answer.body, { maxOutputLength: limits.maxResponse })
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') {
      throw new UpstreamError('too_large', `more than ${limits.maxResponse} bytes once inflated`)
    }
    throw new UpstreamError('malformed', `not the ${encoding} that it says it is`)
  }
}

function explain(
  error: Error,
  midway: boolean,
  limits: HttpLimits,
): { kind: UpstreamError['kind']; message: string; refused: boolean } {
  const code = codeOf(error)
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return { kind: 'timeout', message: timeoutOf('connect', limits), refused: false }
  }
  if (tlsCodes.test(code)) return { kind: 'tls', message: `TLS: ${error.message} (${code})`, refused: false }
  if (dnsCodes.has(code)) return { kind: 'unreachable', message: `name not found (${code})`, refused: false }
  if (code === 'ECONNREFUSED') return { kind: 'unreachable', message: 'connection refused', refused: true }
  if (code.startsWith('HPE_')) {
    return { kind: 'malformed', message: `not HTTP (${code})`, refused: false }
  }
  if (midway) return { kind: 'broken', message: 'the answer was cut off midway', refused: false }
  return {
    kind: 'unreachable',
    message: `connection lost before an answer (${code || error.name})`,
    refused: false,
  }
}

function timeoutOf(phase: 'connect' | 'first byte' | 'idle', limits: HttpLimits): string {
  if (phase === 'connect') return `no connection within ${seconds(limits.connectTimeout)}`
  if (phase === 'first byte') return `no answer within ${seconds(limits.firstByteTimeout)}`
  return `the answer stopped for ${seconds(limits.idleTimeout)}`
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}

function text(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(', ') : (header ?? '')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
