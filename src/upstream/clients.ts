import { reachedAlike, type Region } from '../model/region.ts'
import { createRegionClient, type AskOptions, type RegionClient } from './ask.ts'
import { UpstreamError } from './error.ts'
import type { RegionMemory } from './finding.ts'

/** The client of every region that exists: one each, made when it is first asked. */
export interface Clients {
  /** By the region as it is now. What its move or other limits cut short is asked once more. Throws `UpstreamError`. */
  read<T>(region: Region, task: (client: RegionClient) => Promise<T>): Promise<T>
  /** By the region as it is now; it ends where it began, whatever becomes of the region. Throws `UpstreamError`. */
  relay<T>(region: Region, task: (client: RegionClient) => Promise<T>): Promise<T>
  /** The client that there is, if any. */
  existing(regionName: string): RegionClient | undefined
  /** Who exists now: clients of regions that left, or that are reached otherwise, are closed with their tokens. */
  follow(regions: readonly Region[]): void
  /** Other limits, trust anchors or accounts: all connections and tokens are given up. */
  use(options: AskOptions): void
  close(): void
}

interface Kept {
  readonly region: Region
  readonly client: RegionClient
  /** Calls that must end where they began: a write is never sent again. */
  relaying: number
  retired: boolean
}

export function createClients(regions: readonly Region[], initial: AskOptions): Clients {
  const clients = new Map<string, Kept>()
  const memories = new Map<string, RegionMemory>()
  let present = byRegionName(regions)
  let options = initial

  /** A caller may hold an older description of the region, or of one that has left since. */
  function currentOf({ name }: Region): Kept {
    const region = present.get(name)
    if (region === undefined) {
      throw new UpstreamError('unreachable', 'it has left the fleet', { sent: false, ofService: false })
    }
    const known = clients.get(name)
    if (known) return known
    const memory = memories.get(name) ?? { patchingAnswered: false }
    memories.set(name, memory)
    const client = createRegionClient(region, options, memory)
    const kept = { region, client, relaying: 0, retired: false }
    clients.set(name, kept)
    return kept
  }
  function retire(kept: Kept): void {
    kept.retired = true
    clients.delete(kept.region.name)
    if (kept.relaying === 0) kept.client.close()
  }
  function retireAll(): void {
    for (const kept of clients.values()) retire(kept)
  }

  return {
    async read(region, task) {
      for (;;) {
        const kept = currentOf(region)
        const { retired, result } = await task(kept.client).then(
          (value) => ({ retired: kept.retired, result: () => value }),
          (error: unknown) => ({
            retired: kept.retired,
            result: () => {
              throw error
            },
          }),
        )
        if (!retired) return result()
      }
    },
    async relay(region, task) {
      const kept = currentOf(region)
      kept.relaying++
      try {
        return await task(kept.client)
      } finally {
        kept.relaying--
        if (kept.retired && kept.relaying === 0) kept.client.close()
      }
    },
    existing: (regionName) => clients.get(regionName)?.client,
    follow(all) {
      present = byRegionName(all)
      for (const name of memories.keys()) if (!present.has(name)) memories.delete(name)
      for (const kept of clients.values()) {
        const now = present.get(kept.region.name)
        if (now === undefined || !reachedAlike(now, kept.region)) retire(kept)
      }
    },
    use(next) {
      options = next
      retireAll()
    },
    close() {
      present = new Map()
      retireAll()
    },
  }
}

function byRegionName(regions: readonly Region[]): ReadonlyMap<string, Region> {
  return new Map(regions.map((region) => [region.name, region]))
}
