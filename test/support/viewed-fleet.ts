import type { BaselineConfig } from '../../src/fleet/baseline.ts'
import { createDirectory } from '../../src/fleet/directory.ts'
import { createHostHistory } from '../../src/fleet/host-history.ts'
import { createSnapshots, type Snapshots } from '../../src/fleet/snapshots.ts'
import { createView, type FleetView, type TakeView, type ViewSources } from '../../src/fleet/view.ts'
import { backgroundResources } from '../../src/model/calls.ts'
import type { Host } from '../../src/model/facts.ts'
import type { Resource } from '../../src/model/reading.ts'
import type { Region } from '../../src/model/region.ts'
import { answers, createAsk, type Played } from './fleet-answers.ts'
import { createClock, type Clock } from './fleet-clock.ts'
import { patch, patchingHost, release } from './fleet-records.ts'

/** ms: the default `max_age` of a viewed fleet. */
export const maxAge = 60_000

/** A fleet whose regions answer as they are played at the time, and the view of it. */
export interface ViewedFleet {
  readonly clock: Clock
  readonly snapshots: Snapshots
  readonly view: TakeView
  /** As the view would be without anything kept from views before. */
  readonly anew: () => FleetView
  /** What a region answers from now on; well until then. */
  play(regionName: string, resource: Resource, played: Played): void
  judgeBy(config: BaselineConfig | undefined): void
  /** Takes over another list of regions. */
  follow(regions: readonly Region[]): void
  /** Asks all regions, or the named ones, for all that the refresher asks for. */
  refresh(names?: readonly string[]): Promise<void>
}

export function createViewedFleet(initial: readonly Region[]): ViewedFleet {
  const clock = createClock()
  const hosts = createHostHistory()
  const plays = new Map<string, Played>()
  const snapshots = createSnapshots({
    ask: createAsk(({ name }, { resource }) => plays.get(`${name} ${resource}`) ?? well(resource)),
    now: clock.now,
    random: () => 0,
    onReading(region, want, reading, observedAt) {
      if (want.resource !== 'query_hosts' || !('items' in reading)) return
      hosts.observe(region.name, reading.items as readonly Host[], observedAt)
    },
  })
  let directory = createDirectory(initial)
  let baseline: BaselineConfig | undefined
  const sources: ViewSources = {
    directory: () => directory,
    snapshots,
    hosts,
    baseline: () => baseline,
    maxAge: () => maxAge,
    now: clock.now,
  }
  return {
    clock,
    snapshots,
    view: createView(sources),
    anew: () => createView(sources)(),
    play: (regionName, resource, played) => void plays.set(`${regionName} ${resource}`, played),
    judgeBy: (config) => void (baseline = config),
    follow: (regions) => void (directory = createDirectory(regions)),
    async refresh(names) {
      for (const region of directory.regions) {
        if (names && !names.includes(region.name)) continue
        for (const { resource } of backgroundResources)
          await snapshots.read(region, { resource }, { maxAge: 0, sole: true })
      }
    },
  }
}

function well(resource: Resource): Played {
  const bodies: Partial<Record<Resource, unknown>> = {
    release: [release('24.09.9'), release('24.09.10')],
    deploy: [],
    deploy_host: [],
    query: { pd: { P: patch('Applied') } },
    query_hosts: { data: [patchingHost('controller-0')] },
  }
  return answers(bodies[resource])
}
