import type { Chunks } from '../fleet/lay.ts'
import type { Scope } from '../fleet/select.ts'
import { endOf, type Format } from './exposition.ts'
import { createFleetMetrics, type FleetMetricsOptions } from './fleet.ts'
import type { GatewayMetrics } from './gateway.ts'

/** What is answered to a scrape. */
export interface Scrape {
  /** The series of some regions, and the counts over them: nothing of the gateway's own. */
  readonly regions: (scope: Scope, format: Format) => Promise<Chunks>
  /** Everything. */
  readonly whole: (format: Format) => Promise<Chunks>
}

export interface ScrapeOptions extends FleetMetricsOptions {
  /** The gateway's own series. */
  readonly gateway: Pick<GatewayMetrics, 'text'>
}

/** Puts the parts of an exposition together. */
export function createScrape({ gateway, ...options }: ScrapeOptions): Scrape {
  const fleet = createFleetMetrics(options)
  return {
    async regions(scope, format) {
      const { chunks } = await fleet(scope, format)
      return [...chunks, Buffer.from(endOf(format))]
    },
    async whole(format) {
      const { chunks, held } = await fleet(() => true, format)
      return [...chunks, Buffer.from((await gateway.text(format, held)) + endOf(format))]
    },
  }
}
