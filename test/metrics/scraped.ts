import type { BaselineConfig } from '../../src/fleet/baseline.ts'
import { createDirectory } from '../../src/fleet/directory.ts'
import { createHostHistory } from '../../src/fleet/host-history.ts'
import type { Scope } from '../../src/fleet/select.ts'
import { createSnapshots } from '../../src/fleet/snapshots.ts'
import { createView } from '../../src/fleet/view.ts'
import type { Format } from '../../src/metrics/exposition.ts'
import { createFleetMetrics } from '../../src/metrics/fleet.ts'
import type { RegionClient } from '../../src/metrics/region-text.ts'
import { backgroundResources } from '../../src/model/calls.ts'
import type { Host } from '../../src/model/facts.ts'
import type { Resource } from '../../src/model/reading.ts'
import type { Region } from '../../src/model/region.ts'
import { answers, createAsk, type Play, type Played } from '../support/fleet-answers.ts'
import { createClock, type Clock } from '../support/fleet-clock.ts'
import { patch, release } from '../support/fleet-records.ts'

export interface Scraped {
  readonly clock: Clock
  /** Asks every region for all that the refresher asks for. */
  readonly refresh: () => Promise<void>
  /** The exposition as it is sent. */
  readonly chunks: () => Promise<readonly Buffer[]>
  readonly text: (scope?: Scope, format?: Format) => Promise<string>
  /** The samples of one series, without its name. */
  readonly series: (name: string, scope?: Scope) => Promise<readonly string[]>
}

export const maxAge = 60_000

export interface Wishes {
  readonly baseline?: BaselineConfig
  readonly client?: RegionClient
}

/** The metrics over regions that a test plays. */
export function scraped(
  regions: readonly Region[],
  play: Play,
  regionLabels: readonly string[] = [],
  wishes: Wishes = {},
): Scraped {
  const clock = createClock()
  const hosts = createHostHistory()
  const snapshots = createSnapshots({
    ask: createAsk(play),
    now: clock.now,
    random: () => 0,
    onReading(region, want, reading, observedAt) {
      if (want.resource !== 'query_hosts' || !('items' in reading)) return
      hosts.observe(region.name, reading.items as readonly Host[], observedAt)
    },
  })
  const view = createView({
    directory: () => createDirectory(regions),
    snapshots,
    hosts,
    baseline: () => wishes.baseline,
    maxAge: () => maxAge,
    now: clock.now,
  })
  const metrics = createFleetMetrics({
    view,
    regionLabels: () => regionLabels,
    retryAt: (region) => snapshots.retryAt(region),
    client: () => wishes.client,
  })
  const text = async (scope: Scope = () => true, format: Format = 'text'): Promise<string> =>
    Buffer.concat((await metrics(scope, format)).chunks).toString()
  return {
    clock,
    text,
    chunks: async () => (await metrics(() => true, 'text')).chunks,
    async refresh() {
      for (const region of regions) {
        for (const { resource } of backgroundResources)
          await snapshots.read(region, { resource }, { maxAge: 0 })
      }
    },
    series: async (name, scope) =>
      (await text(scope))
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`))
        .map((line) => line.slice(name.length)),
  }
}

/** A region where all is well. */
export const well: Readonly<Partial<Record<Resource, unknown>>> = {
  release: [release('24.09.0', 'committed'), release('24.09.10', 'deployed'), release('24.09.9', 'deployed')],
  deploy: [],
  deploy_host: [],
  query: { pd: { P: patch('Applied') } },
  query_hosts: { data: [] },
}
/** It answers everything, some of it otherwise than one where all is well. */
export const answering =
  (own: Readonly<Partial<Record<Resource, unknown>>> = {}) =>
  (resource: Resource): Played =>
    answers({ ...well, ...own }[resource])
