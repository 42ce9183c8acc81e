import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { until } from './simulated-fleet.ts'

/** A span as a collector is told of it, attributes as an object. */
export interface ReceivedSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  /** Empty where there is none. */
  readonly parentSpanId: string
  readonly traceState: string | undefined
  readonly failed: boolean
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** ns since the epoch. */
  readonly start: bigint
  readonly end: bigint
}

/** Kinds of OTLP. */
export const kind = { internal: 1, server: 2, client: 3 } as const

/** A status to answer with, no answer, or one that never ends. */
export type ReceiverReply = number | 'hang' | 'drip'

/** A collector that a test plays: OTLP as JSON over HTTP. */
export interface OtlpReceiver {
  /** Of traces. */
  readonly url: string
  readonly batches: readonly { readonly headers: IncomingHttpHeaders; readonly text: string }[]
  /** Taken, that is answered by 200. */
  spans(): readonly ReceivedSpan[]
  /** All spans of a trace, once so many have come. */
  ofTrace(traceId: string, count: number): Promise<readonly ReceivedSpan[]>
  /** Attributes of what tells the spans. */
  resource(): ReceivedSpan['attributes']
  plays(reply: ReceiverReply): void
  close(): Promise<void>
}

interface Attribute {
  readonly key: string
  readonly value: Readonly<Record<string, string | number | boolean>>
}
interface Told extends Omit<ReceivedSpan, 'attributes' | 'failed' | 'start' | 'end' | 'parentSpanId'> {
  readonly parentSpanId?: string
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code: number }
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly Told[] }[]
  }[]
}

export async function createOtlpReceiver(tls?: ServerOptions): Promise<OtlpReceiver> {
  const batches: { headers: IncomingHttpHeaders; text: string }[] = []
  const taken: ReceivedSpan[] = []
  let resource: ReceivedSpan['attributes'] = {}
  let reply: ReceiverReply = 200
  const take: RequestListener = (request, response) => {
    void json(request).then((told) => {
      batches.push({ headers: request.headers, text: JSON.stringify(told) })
      if (reply === 'hang') return
      if (reply === 'drip') return drip(response)
      if (request.url !== '/v1/traces' || request.method !== 'POST') reply = 404
      if (reply === 200) {
        for (const each of (told as Export).resourceSpans) {
          resource = toObject(each.resource.attributes)
          taken.push(...each.scopeSpans.flatMap(({ spans }) => spans.map(toSpan)))
        }
      }
      response.writeHead(reply, { 'content-type': 'application/json' }).end('{}')
    })
  }
  const server = tls ? createSecureServer(tls, take) : createServer(take)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}/v1/traces`,
    batches,
    spans: () => taken,
    async ofTrace(traceId, count) {
      const found = (): ReceivedSpan[] => taken.filter((span) => span.traceId === traceId)
      await until(() => found().length >= count)
      return found()
    },
    resource: () => resource,
    plays: (next) => void (reply = next),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 20)
  response.on('close', () => clearInterval(timer))
}

function toSpan({
  startTimeUnixNano,
  endTimeUnixNano,
  status,
  parentSpanId = '',
  ...told
}: Told): ReceivedSpan {
  const { name, kind: of, traceId, spanId, traceState } = told
  return {
    name,
    kind: of,
    traceId,
    spanId,
    parentSpanId,
    traceState,
    failed: status.code === 2,
    attributes: toObject(told.attributes),
    start: BigInt(startTimeUnixNano),
    end: BigInt(endTimeUnixNano),
  }
}

function toObject(attributes: readonly Attribute[]): ReceivedSpan['attributes'] {
  return Object.fromEntries(
    attributes.map(({ key, value }) => {
      const [first] = Object.entries(value)
      if (first === undefined) throw new Error(`${key} has no value`)
      return [key, first[0] === 'intValue' ? Number(first[1]) : first[1]]
    }),
  )
}
