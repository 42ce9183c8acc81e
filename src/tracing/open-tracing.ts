import { readFile } from 'node:fs/promises'
import type { Config } from '../config/schema.ts'
import type { TellRequest } from '../model/trace.ts'
import type { Collector, OnLost } from './collector.ts'
import { headersIn } from './headers.ts'

/** Traces as they are configured now, told to a collector or to nobody. */
export interface Tracing {
  readonly tell: TellRequest
  /** Rejects where a file can't be used. The result takes over another configuration. */
  prepare(next: Config['tracing']): Promise<() => void>
  close(): Promise<void>
}

export interface TracingOptions {
  readonly version: string
  readonly log: { warn(fields: object, sentence: string): void }
  /** Told of each span that was lost. */
  readonly onLost: (count: number, reason: Parameters<OnLost>[1]) => void
}

/** ms for which spans may be sent when the gateway stops, or when they go elsewhere. */
const lastWords = 3_000
/** ms between two lines about spans that were lost. */
const silence = 60_000

interface Opened {
  /** All that it was made of. */
  readonly of: string
  readonly collector: Collector
}

/** Loads the library only where a collector is configured. */
export async function openTracing(initial: Config['tracing'], options: TracingOptions): Promise<Tracing> {
  let lost = 0
  let toldAt = -Infinity
  const onLost: OnLost = (count, reason, why) => {
    options.onLost(count, reason)
    lost += count
    const now = performance.now()
    if (now - toldAt < silence) return
    options.log.warn({ spans: lost, reason: why }, 'spans did not reach the collector')
    lost = 0
    toldAt = now
  }
  let opened = await open(initial, undefined)

  /** The same as before where nothing of it changed. */
  async function open(config: Config['tracing'], before: Opened | undefined): Promise<Opened | undefined> {
    if (config === undefined) return undefined
    const { url, headers_file: headersFile, ca_file: caFile, timeout } = config.otlp
    const headers =
      headersFile === undefined ? {} : headersIn(await readFile(headersFile, 'utf8'), headersFile)
    const ca = caFile === undefined ? undefined : await readFile(caFile, 'utf8')
    const of = JSON.stringify([config, headers, ca])
    if (of === before?.of) return before
    const { openCollector } = await import('./collector.ts')
    const { sample, max_spans: maxSpans } = config
    const { version } = options
    return { of, collector: openCollector({ url, headers, ca, timeout, sample, maxSpans, version, onLost }) }
  }

  return {
    tell: (trace) => opened?.collector.tell(trace),
    async prepare(next) {
      const before = opened
      const after = await open(next, before)
      return () => {
        if (after === before) return
        opened = after
        void before?.collector.close(lastWords)
      }
    },
    async close() {
      await opened?.collector.close(lastWords)
    },
  }
}
