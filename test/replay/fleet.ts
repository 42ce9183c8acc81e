import type { Case } from './cases.ts'
import { startGateway } from './gateway.ts'
import type { AskedGateway } from './gateway.ts'
import type { RecordedRelease } from './recordings.ts'
import { createReplayedRegion } from './replayed-region.ts'
import type { ReplayedRegion } from './replayed-region.ts'
import { createScenarios } from './scenario.ts'
import type { Scenarios } from './scenario.ts'

export interface ReplayedFleet {
  readonly gateway: AskedGateway
  readonly scenarios: Scenarios
  regionOf(one: Case): ReplayedRegion
  close(): Promise<void>
}

/** One gateway in front of one region per case. */
export async function startFleet(release: RecordedRelease, cases: readonly Case[]): Promise<ReplayedFleet> {
  const scenarios = createScenarios(release)
  const regions = new Map<string, ReplayedRegion>()
  for (const { region, recording, classified } of cases) {
    regions.set(region, await createReplayedRegion(scenarios, recording, classified))
  }
  const { api } = release
  const gateway = await startGateway([...regions].map(([name, { url }]) => ({ api, name, url })))
  return {
    gateway,
    scenarios,
    regionOf: ({ region }) => {
      const found = regions.get(region)
      if (found === undefined) throw new Error(`no region replays ${region}`)
      return found
    },
    close: async () => {
      await gateway.close()
      await Promise.all([...regions.values()].map((region) => region.close()))
    },
  }
}
