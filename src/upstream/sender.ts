import { mayHave, type Region, type Service } from '../model/region.ts'
import { currentTrace } from '../model/trace.ts'
import { unsent, UpstreamError } from './error.ts'
import type { CreateHttpClient, HttpAnswer, HttpClient, HttpRequest } from './http.ts'
import type { Access, AccessTo } from './token.ts'
import { withoutToken } from './without-token.ts'

type Request = Pick<HttpRequest, 'method' | 'path' | 'body'> & { readonly contentType?: string }

export interface WriteOptions {
  /** ms for the whole exchange; regions work on a write before their first byte. */
  readonly total: number
  /** It changes the release list, which the system controller has another endpoint for. */
  readonly toRelease: boolean
}

/** Sends requests to one region's services with the gateway's own token, and with no header but our own and a trace. */
export interface Sender {
  /** A GET. Throws `UpstreamError`. */
  send(service: Service, path: string): Promise<HttpAnswer>
  /** The same for a read that may be a POST. */
  read(service: Service, request: Request): Promise<HttpAnswer>
  /** Never sent twice: a 401 is thrown, after which the next write has a new token. Throws `UpstreamError`. */
  write(service: Service, request: Request, options: WriteOptions): Promise<HttpAnswer>
  /** Where a service is; undefined where the region has none. Throws `UpstreamError`. */
  endpointOf(service: Service): Promise<URL | undefined>
  passwordExpiresAt(): number | undefined
  /** The earliest end of the certificates that its services showed, ms since the epoch. */
  certificateEndsAt(): number | undefined
  close(): void
}

export interface SenderOptions {
  readonly http: CreateHttpClient
  readonly accessTo: AccessTo
  readonly userAgent: string
}

/** ms for which a region may neither read nor answer in the middle of a write. */
const writeIdle = 60_000

/** Reads and writes have a connection each: a write may take minutes, and fronts send it to another port. */
type Lane = Service | `${Service} writes` | 'release writes'

/** `answered` is told of every answer of a service, whatever it says. */
export function createSender(
  region: Region,
  options: SenderOptions,
  answered: (service: Service) => void = () => undefined,
): Sender {
  const access: Access = options.accessTo(region)
  let closed = false
  const clients = new Map<Lane, { readonly at: string; readonly client: HttpClient }>()

  async function endpointOf(service: Service): Promise<URL | undefined> {
    return region.endpoints[service] ?? (mayHave(region, service) ? access.endpoint(service) : undefined)
  }

  async function read(service: Service, request: Request): Promise<HttpAnswer> {
    const client = clientAt(service, await locate(service))
    const token = await access.token().catch(notOfTheService)
    const answer = await sendWith(client, request, token)
    answered(service)
    if (answer.status !== 401 || token === undefined) return answer
    // Revoked, or its Keystone's keys were replaced: log in once, and send a read once more.
    if (!access.refused(token)) return answer
    return sendWith(client, request, await access.token())
  }

  async function write(service: Service, request: Request, options: WriteOptions): Promise<HttpAnswer> {
    const { total, toRelease } = options
    const elsewhere = toRelease ? region.endpoints.usmReleaseWrites : undefined
    const client = elsewhere
      ? clientAt('release writes', elsewhere)
      : clientAt(`${service} writes`, await locate(service).catch(unsent))
    const token = await access.token().catch(unsent)
    // Progress shows only when the kernel's buffer drains: on a slow link that takes longer than a read's idle limit.
    const limits = { firstByteTimeout: total, totalTimeout: total, idleTimeout: Math.min(total, writeIdle) }
    const answer = await sendWith(client, request, token, limits)
    answered(service)
    if (answer.status === 401 && token !== undefined) {
      access.refused(token)
      const why = `${request.method} ${request.path}: HTTP 401; not carried out, send it again to try with a new token`
      throw new UpstreamError('unauthorized', why, { status: 401 })
    }
    return answer
  }

  async function sendWith(
    client: HttpClient,
    request: Request,
    token: string | undefined,
    limits: HttpRequest['limits'] = {},
  ): Promise<HttpAnswer> {
    return withoutToken(await client.send({ ...withHeaders(request, token), limits }), token)
  }

  async function locate(service: Service): Promise<URL> {
    const endpoint = await endpointOf(service)
    if (endpoint === undefined)
      throw new UpstreamError('unreachable', `no ${service} endpoint`, { sent: false })
    return endpoint
  }

  /** A service whose address changed in the catalog gets a new client, and its old connection is closed. */
  function clientAt(lane: Lane, endpoint: URL): HttpClient {
    const known = clients.get(lane)
    if (known?.at === endpoint.href) return known.client
    known?.client.close()
    const client = options.http(endpoint)
    // Who was still logging in then learns from its client that it came too late.
    if (closed) client.close()
    clients.set(lane, { at: endpoint.href, client })
    return client
  }

  function withHeaders({ contentType, ...request }: Request, token: string | undefined): HttpRequest {
    const trace = currentTrace()
    const headers = {
      accept: 'application/json',
      'user-agent': options.userAgent,
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(token !== undefined && { 'x-auth-token': token }),
      ...(trace && { 'x-request-id': trace.requestId, traceparent: trace.traceparent }),
      ...(trace?.tracestate !== undefined && { tracestate: trace.tracestate }),
    }
    return { ...request, headers }
  }

  return {
    send: (service, path) => read(service, { method: 'GET', path }),
    read,
    write,
    endpointOf,
    passwordExpiresAt: () => access.passwordExpiresAt(),
    certificateEndsAt() {
      let earliest: number | undefined
      for (const { client } of clients.values()) {
        const end = client.certificateEndsAt()
        if (end !== undefined && (earliest === undefined || end < earliest)) earliest = end
      }
      return earliest
    },
    close() {
      closed = true
      for (const { client } of clients.values()) client.close()
      access.close()
    },
  }
}

/** Where its Keystone refuses connections, nothing is known of the service. */
function notOfTheService(error: unknown): never {
  if (!(error instanceof UpstreamError)) throw error
  const { kind, message, status, ofService } = error
  throw new UpstreamError(kind, message, { status, ofService })
}
