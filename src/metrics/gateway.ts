import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { FleetExposition } from './fleet.ts'
import { headOf, sample, type Family, type Format } from './exposition.ts'

/** How a source of regions is doing. */
export interface SourceHealth {
  readonly source: string
  readonly foundAt: number | undefined
  readonly failure: string | undefined
}

/** What is asked at each scrape. */
export interface GatewayHealth {
  /** Whether the configuration that runs is the one in the file. */
  readonly reloaded: () => boolean
  readonly sources: () => readonly SourceHealth[]
}

/** What came of asking a region one thing: `kind` is why it failed, `succeeded` that a call did what it should. */
export interface Came {
  readonly status: string
  readonly kind?: string
  readonly succeeded?: boolean
}

/** The gateway's own few hundred series: it is told what happened, and tells it as text. */
export interface GatewayMetrics {
  /** A region was asked one thing. */
  readonly asked: (dialect: string | undefined, came: Came, seconds: number) => void
  /** A caller was answered. */
  readonly answered: (route: string, method: string, status: number, seconds: number) => void
  /** A write ended at these regions; none: it was refused before it had one. */
  readonly written: (call: string | null, regions: readonly { readonly outcome: string }[]) => void
  /** Spans did not reach the collector. */
  readonly spansLost: (count: number, reason: 'too_many' | 'not_taken') => void
  readonly text: (format: Format, held: FleetExposition['held']) => Promise<string>
}

const upstreamBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600]
const gatewayBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]

/** Label values are from closed sets only: no region, and nothing that a caller wrote. */
export function createGatewayMetrics(version: string, { reloaded, sources }: GatewayHealth): GatewayMetrics {
  const registry = new Registry()
  const registers = [registry]
  const asks = new Counter({
    name: 'stx_upstream_requests_total',
    help: 'What regions were asked, by the dialect spoken and how it ended: answered, unsupported or refused (nothing was sent), or a kind of failure.',
    labelNames: ['dialect', 'outcome'],
    registers,
  })
  const askSeconds = new Histogram({
    name: 'stx_upstream_request_seconds',
    help: 'How long asking one region one thing took, its turn and a login included, over the whole fleet.',
    buckets: upstreamBuckets,
    registers,
  })
  const answers = new Counter({
    name: 'stx_gateway_requests_total',
    help: 'Answers to callers, by the route (not the path) and the HTTP status; route is none where no route fits.',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const answerSeconds = new Histogram({
    name: 'stx_gateway_request_seconds',
    help: 'How long callers waited until their answer began.',
    labelNames: ['route'],
    buckets: gatewayBuckets,
    registers,
  })
  const writes = new Counter({
    name: 'stx_writes_total',
    help: 'Writes by the call and what became of it at the region: done, failed, unknown (sent, and its answer lost), refused.',
    labelNames: ['call', 'outcome'],
    registers,
  })
  const lostSpans = new Counter({
    name: 'stx_gateway_spans_lost_total',
    help: 'Spans that the collector never got: too_many were held at once, or not_taken by it in time.',
    labelNames: ['reason'],
    registers,
  })
  gauge(
    'stx_config_last_reload_successful',
    '1 when the configuration was taken over as it was last read, 0 when it had mistakes.',
    (it) => it.set(reloaded() ? 1 : 0),
  )
  const entries = gauge(
    'stx_cache_entries',
    'Answers of regions that are held: those that are asked for in the background.',
  )
  const bytes = gauge('stx_cache_bytes', 'Bytes of those answers, as received and as pieces of merged ones.')
  gauge(
    'stx_discovery_up',
    'Whether the last attempt to learn the regions from a source gave a list.',
    (it) => {
      it.reset()
      for (const { source, failure } of sources()) it.set({ source }, failure === undefined ? 1 : 0)
    },
    ['source'],
  )
  gauge(
    'stx_discovery_last_success_timestamp_seconds',
    'When a source last gave a list that was taken over; absent before the first.',
    (it) => {
      it.reset()
      for (const { source, foundAt } of sources())
        if (foundAt !== undefined) it.set({ source }, foundAt / 1000)
    },
    ['source'],
  )
  gauge(
    'stx_build_info',
    'The version of the gateway, and of the Node that runs it.',
    (it) => it.set({ version, node_version: process.version }, 1),
    ['version', 'node_version'],
  )
  collectDefaultMetrics({ register: registry })

  function gauge(
    name: string,
    help: string,
    collect: (it: Gauge<string>) => void = () => undefined,
    labelNames: readonly string[] = [],
  ): Gauge<string> {
    return new Gauge<string>({
      name,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        collect(this)
      },
    })
  }

  return {
    asked(dialect, { status, kind, succeeded }, seconds) {
      const outcome = kind ?? (succeeded === false ? 'rejected' : status)
      asks.inc({ dialect: dialect ?? 'unknown', outcome })
      if (outcome !== 'unsupported' && outcome !== 'refused') askSeconds.observe(seconds)
    },
    answered(route, method, status, seconds) {
      answers.inc({ route, method, status })
      answerSeconds.observe({ route }, seconds)
    },
    written(call, regions) {
      for (const { outcome } of regions.length > 0 ? regions : [{ outcome: 'refused' }]) {
        writes.inc({ call: call ?? 'none', outcome })
      }
    },
    spansLost: (count, reason) => lostSpans.inc({ reason }, count),
    async text(format, held) {
      entries.set(held.entries)
      bytes.set(held.bytes)
      return textOf(registry, format)
    },
  }
}

/** The library writes OpenMetrics by renaming its counters for good: the two forms could not be served side by side. */
async function textOf(registry: Registry, format: Format): Promise<string> {
  let text = ''
  for (const metric of await registry.getMetricsAsJSON()) {
    const { name, help, values } = metric
    if (values.length === 0) continue
    text += headOf({ name, help, type: typeOf(name, metric.type) }, format)
    for (const value of values) {
      const own = 'metricName' in value && typeof value.metricName === 'string' ? value.metricName : name
      text += sample(own, value.labels, value.value)
    }
  }
  return text
}

function typeOf(name: string, type: string): Family['type'] {
  if (type === 'gauge' && name.endsWith('_info')) return 'info'
  return type === 'gauge' || type === 'counter' || type === 'histogram' || type === 'summary'
    ? type
    : 'unknown'
}
