import type { Attributes, Telling } from '../model/span.ts'
import { currentTrace } from '../model/trace.ts'
import { UpstreamError } from './error.ts'
import type { CreateHttpClient, HttpAnswer, HttpClient, HttpRequest } from './http.ts'

/** Clients whose requests are told where they work for a request that is; what they send stays the same elsewhere. */
export function withSpans(create: CreateHttpClient): CreateHttpClient {
  return (origin) => {
    const client = create(origin)
    const where = {
      'server.address': origin.hostname.replaceAll(/[[\]]/g, ''),
      'server.port': Number(origin.port) || (origin.protocol === 'https:' ? 443 : 80),
    }
    const base = origin.href.replace(/\/+$/, '')
    return {
      ...client,
      send(request) {
        const telling = currentTrace()?.telling
        if (telling === undefined) return client.send(request)
        const { method } = request
        // Without the query: what a caller says there is a caller's own.
        const path = request.path.replace(/\?.*/, '')
        const about = { ...where, 'http.request.method': method, 'url.full': base + path }
        return sendTold(client, request, telling, `${method} ${path}`, about)
      },
    }
  }
}

async function sendTold(
  client: HttpClient,
  request: HttpRequest,
  { begin }: Telling,
  name: string,
  about: Attributes,
): Promise<HttpAnswer> {
  // Only regions are sent a trace; each request is then its own span of it.
  const toRegion = 'traceparent' in request.headers
  const span = begin(name, toRegion ? 'region' : 'service', about)
  const headers = { ...request.headers, ...(toRegion && { traceparent: span.traceparent }) }
  try {
    const answer = await client.send({ ...request, headers })
    span.add({ 'http.response.status_code': answer.status })
    span.end(answer.status >= 400 ? String(answer.status) : undefined)
    return answer
  } catch (error) {
    if (error instanceof UpstreamError && error.status !== undefined) {
      span.add({ 'http.response.status_code': error.status })
    }
    span.end(error instanceof UpstreamError ? error.kind : 'fault')
    throw error
  }
}
