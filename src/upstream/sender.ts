import { mayHave, type Region, type Service } from '../model/region.ts'
import { UpstreamError } from './error.ts'
import type { CreateHttpClient, HttpAnswer, HttpClient, HttpRequest } from './http.ts'
import type { AccessTo } from './token.ts'

/** Sends GETs to one region's services with the gateway's own token, and with no header but our own. */
export interface Sender {
  /** Throws `UpstreamError`. */
  send(service: Service, path: string): Promise<HttpAnswer>
  /** Where a service is; undefined where the region has none. Throws `UpstreamError`. */
  endpointOf(service: Service): Promise<URL | undefined>
  close(): void
}

export interface SenderOptions {
  readonly http: CreateHttpClient
  readonly accessTo: AccessTo
  readonly userAgent: string
}

export function createSender(region: Region, options: SenderOptions): Sender {
  const access = options.accessTo(region)
  const clients: { [S in Service]?: { readonly at: string; readonly client: HttpClient } } = {}

  async function endpointOf(service: Service): Promise<URL | undefined> {
    return region.endpoints[service] ?? (mayHave(region, service) ? access.endpoint(service) : undefined)
  }

  async function send(service: Service, path: string): Promise<HttpAnswer> {
    const endpoint = await endpointOf(service)
    if (endpoint === undefined) {
      throw new UpstreamError('unreachable', `no ${service} endpoint`, { sent: false })
    }
    const client = clientAt(service, endpoint)
    const token = await access.token()
    const answer = await client.send(requestFor(path, token))
    if (answer.status !== 401 || token === undefined) return answer
    // Revoked, or its Keystone's keys were replaced: log in once, and send a read once more.
    access.refused(token)
    return client.send(requestFor(path, await access.token()))
  }

  /** A service whose address changed in the catalog gets a new client, and its old connection is closed. */
  function clientAt(service: Service, endpoint: URL): HttpClient {
    const known = clients[service]
    if (known?.at === endpoint.href) return known.client
    known?.client.close()
    const client = options.http(endpoint)
    clients[service] = { at: endpoint.href, client }
    return client
  }

  function requestFor(path: string, token: string | undefined): HttpRequest {
    const headers = {
      accept: 'application/json',
      'user-agent': options.userAgent,
      ...(token !== undefined && { 'x-auth-token': token }),
    }
    return { method: 'GET', path, headers }
  }

  return {
    send,
    endpointOf,
    close() {
      clients.usm?.client.close()
      clients.patching?.client.close()
      access.close()
    },
  }
}
