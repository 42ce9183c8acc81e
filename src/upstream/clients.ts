import { reachedAlike, type Region } from '../model/region.ts'
import { createRegionClient, type AskOptions, type RegionClient } from './ask.ts'

/** The client of every region that exists: one each, made when it is first asked. */
export interface Clients {
  of(region: Region): RegionClient
  /** The client that there is, if any. */
  existing(regionName: string): RegionClient | undefined
  /** Who exists now: clients of regions that left, or that are reached otherwise, are closed with their tokens. */
  follow(regions: readonly Region[]): void
  /** Other limits, trust anchors or accounts: all connections and tokens are given up. */
  use(options: AskOptions): void
  close(): void
}

export function createClients(initial: AskOptions): Clients {
  const clients = new Map<string, { readonly region: Region; readonly client: RegionClient }>()
  let options = initial

  function closeAll(): void {
    for (const { client } of clients.values()) client.close()
    clients.clear()
  }
  return {
    of(region) {
      const known = clients.get(region.name)
      if (known && reachedAlike(known.region, region)) return known.client
      known?.client.close()
      const client = createRegionClient(region, options)
      clients.set(region.name, { region, client })
      return client
    },
    existing: (regionName) => clients.get(regionName)?.client,
    follow(regions) {
      const now = new Map(regions.map((region) => [region.name, region]))
      for (const [name, { region, client }] of clients) {
        const present = now.get(name)
        if (present && reachedAlike(present, region)) continue
        client.close()
        clients.delete(name)
      }
    },
    use(next) {
      options = next
      closeAll()
    },
    close: closeAll,
  }
}
