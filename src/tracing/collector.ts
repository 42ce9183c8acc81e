import { randomUUID } from 'node:crypto'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { hostname } from 'node:os'
import * as otel from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace'
import type { BeginSpan, Span, SpanKind, Telling } from '../model/span.ts'
import type { TellRequest, Trace } from '../model/trace.ts'
import { waitFor } from '../model/wait-for.ts'

/** Where spans go, and how many. */
export interface CollectorSettings {
  /** Of OTLP over HTTP, with its path. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** Trust anchors in place of Node's. */
  readonly ca: string | undefined
  /** ms for one batch, its repetitions included. */
  readonly timeout: number
  /** Share of the requests that come with no decision of their caller's. */
  readonly sample: number
  /** Spans that are held at most; those that are being sent among them. */
  readonly maxSpans: number
  readonly version: string
  readonly onLost: OnLost
}

/** Spans that the collector never got: of too many held at once, or since it did not take them. */
export type OnLost = (count: number, reason: 'too_many' | 'not_taken', why: string) => void

/** Who is told of requests; nobody waits for it. */
export interface Collector {
  readonly tell: TellRequest
  /** Sends what is held, for `limit` ms at most. */
  close(limit: number): Promise<void>
}

/** Spans of one request to the collector. */
const batch = 512
/** ms that a span waits for others. */
const delay = 1_000

const kinds: Readonly<Record<SpanKind, otel.SpanKind>> = {
  region: otel.SpanKind.CLIENT,
  service: otel.SpanKind.CLIENT,
  own: otel.SpanKind.INTERNAL,
}

/** The only place that knows OpenTelemetry's library, which is loaded with it. */
export function openCollector(settings: CollectorSettings): Collector {
  const sending = createSending(settings)
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'stx-fleet-gateway',
      'service.version': settings.version,
      'service.instance.id': randomUUID(),
      'host.name': hostname(),
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.sample) }),
    spanProcessors: [sending.processor],
  })
  const tracer = provider.getTracer('stx-fleet-gateway', settings.version)

  return {
    tell(own) {
      const attributes = { 'fleet.request_id': own.requestId }
      const span = tracer.startSpan('request', { kind: otel.SpanKind.SERVER, attributes }, parentOf(own))
      if (!span.isRecording()) return undefined
      const context = otel.trace.setSpan(otel.ROOT_CONTEXT, span)
      const request = toSpan(span)
      const begin: BeginSpan = (name, kind, about, began) => {
        const options = {
          kind: kinds[kind],
          attributes: about,
          ...(began !== undefined && { startTime: began }),
        }
        return toSpan(tracer.startSpan(name, options, context))
      }
      const { traceId } = span.spanContext()
      const telling: Telling = { add: (more) => request.add(more), begin }
      return {
        trace: { ...own, traceId, traceparent: request.traceparent, telling },
        end(route, method, status) {
          const known = method !== 'other'
          span.updateName(`${known ? method : 'HTTP'} ${route}`)
          request.add({
            'http.request.method': known ? method : '_OTHER',
            'http.route': route,
            'http.response.status_code': status,
          })
          request.end(status >= 500 ? String(status) : undefined)
        },
      }
    },
    close: sending.close,
  }
}

/** Where the caller's span is known, and whether it is sampled. */
function parentOf({ traceId, parent, tracestate }: Trace): otel.Context {
  if (parent === undefined) return otel.ROOT_CONTEXT
  return otel.trace.setSpanContext(otel.ROOT_CONTEXT, {
    traceId,
    spanId: parent.spanId,
    traceFlags: parent.sampled ? otel.TraceFlags.SAMPLED : otel.TraceFlags.NONE,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: otel.createTraceState(tracestate) }),
  })
}

function toSpan(span: otel.Span): Span {
  const { traceId, spanId } = span.spanContext()
  return {
    traceparent: `00-${traceId}-${spanId}-01`,
    add(attributes) {
      // What comes after the end, such as the tally of a late answer, is nobody's any more.
      if (span.isRecording()) span.setAttributes(attributes)
    },
    end(failure, at) {
      if (failure !== undefined) {
        span.setAttribute('error.type', failure)
        span.setStatus({ code: otel.SpanStatusCode.ERROR })
      }
      span.end(at)
    },
  }
}

interface Sending {
  readonly processor: SpanProcessor
  readonly close: Collector['close']
}

/** The library's batches, with what it lacks: all that is held counts, and all that is lost is told. */
function createSending({ url, headers, ca, timeout, maxSpans, onLost }: CollectorSettings): Sending {
  let held = 0
  let closing = false
  let over = false
  const options = { keepAlive: true, ...(ca !== undefined && { ca }) }
  const agent = url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
  const exporter = new OTLPTraceExporter({
    url: url.href,
    headers: { ...headers },
    timeoutMillis: timeout,
    // The end sends all batches at once.
    concurrencyLimit: Math.ceil(maxSpans / batch) + 1,
    httpAgentOptions: () => agent,
  })
  // The library limits silence, not the whole: one that drips, or a connection that never comes, takes longer.
  const longest = timeout + 1_000

  const counted: SpanExporter = {
    export(spans, done) {
      let settled = false
      const settle = (failure: string | undefined): void => {
        if (settled || over) return
        settled = true
        clearTimeout(late)
        held -= spans.length
        if (failure !== undefined) onLost(spans.length, 'not_taken', failure)
      }
      const late = setTimeout(() => settle(`no answer within ${timeout / 1000} s`), longest)
      late.unref()
      exporter.export(spans, (result) => {
        settle(result.error && reasonOf(result.error))
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
  const batches = new BatchSpanProcessor({
    exporter: counted,
    maxQueueSize: maxSpans,
    maxExportBatchSize: batch,
    scheduledDelayMillis: delay,
    exportTimeoutMillis: longest,
  })

  return {
    processor: {
      onStart: () => undefined,
      onEnd(span) {
        if (closing) return onLost(1, 'not_taken', 'the gateway sends there no more')
        if (held >= maxSpans) return onLost(1, 'too_many', `${maxSpans} spans are held already`)
        held++
        batches.onEnd(span)
      },
      forceFlush: () => batches.forceFlush(),
      shutdown: () => batches.shutdown(),
    },
    async close(limit) {
      closing = true
      await waitFor(
        batches.shutdown().catch(() => undefined),
        limit,
      )
      over = true
      agent.destroy()
      if (held > 0) onLost(held, 'not_taken', 'the gateway sends there no more')
    },
  }
}

/** What the collector said is its own business; its status, or the system's error, is enough. */
function reasonOf(error: Error): string {
  return 'code' in error && typeof error.code === 'number' ? `HTTP ${error.code}` : error.message
}
