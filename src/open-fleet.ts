import type { Config } from './config/schema.ts'
import { sourcesOf } from './discovery/from-config.ts'
import { createInventory, type Inventory } from './discovery/inventory.ts'
import { toRegions } from './discovery/listed.ts'
import { createAct, type Act } from './fleet/act.ts'
import type { Directory } from './fleet/directory.ts'
import { createFleet, type Fleet } from './fleet/fleet.ts'
import { startRefresher, type Refresher } from './fleet/refresher.ts'
import { openKeeping } from './keeping.ts'
import type { Came } from './metrics/gateway.ts'
import type { Region } from './model/region.ts'
import type { AskOptions } from './upstream/ask.ts'
import { createAsking } from './upstream/asking.ts'
import { createClients, type Clients } from './upstream/clients.ts'
import { createRefusals } from './upstream/login-guard.ts'
import { openUpstream, type Upstream } from './upstream/open-upstream.ts'

/** The regions, what is held of them, and the ways to them: all that is below the gateway's own face. */
export interface OpenFleet extends Omit<Fleet, 'directory'> {
  readonly inventory: Inventory
  readonly clients: Pick<Clients, 'existing'>
  readonly directory: () => Directory
  readonly refresher: Pick<Refresher, 'askedAll'>
  readonly act: Act
  readonly upstream: () => Upstream
  /** Reads what another configuration names; rejects where it can't be used. The result puts it to use. */
  prepare(next: Config): Promise<Prepared>
  close(): Promise<void>
}

/** Puts another configuration to use. `changed`: regions are reached otherwise than before. */
export interface Prepared {
  /** As it would be used for callers' tokens. */
  readonly upstream: Upstream
  use(changed: boolean): void
}

type Level = 'debug' | 'info' | 'warn' | 'error'
/** Where what happens is told: fields, then a sentence. */
export type Log = Readonly<
  Record<Level, (fields: Readonly<Record<string, unknown>>, sentence: string) => void>
>

export interface OpenFleetOptions {
  readonly log: Log
  readonly userAgent: string
  /** ms since the epoch. */
  readonly now: () => number
  readonly random: () => number
  /** Told what came of each call that reached a region's turn. */
  readonly onAsked: (dialect: string | undefined, came: Came, seconds: number) => void
}

/** Opens the fleet that a configuration describes; from then on its regions are found, and asked in the background. */
export async function openFleet(
  initial: Config,
  { log, userAgent, now, random, onAsked }: OpenFleetOptions,
): Promise<OpenFleet> {
  let config = initial
  const onNote = (note: string): void => log.warn({}, note)
  const kept = await openKeeping(config.state_dir, () => ({ snapshots, hosts }), { now, onNote })
  const refusals = createRefusals(kept.refusals)
  let upstream = await openUpstream(config.upstream, config.credentials, userAgent, refusals).catch(
    async (error: unknown) => {
      await kept.close()
      throw error
    },
  )
  let waysOut = 0
  const inventory = createInventory(toRegions(config), sources(), {
    now,
    random,
    onChange: follow,
    onNote,
    kept: kept.lists,
  })
  const clients = createClients(inventory.regions(), askOptions())

  const asking = createAsking(
    clients,
    (region, dialect, came, seconds) => {
      if (came.status === 'failed') log.debug({ region: region.name, kind: came.kind }, came.message)
      onAsked(dialect, came, seconds)
    },
    ({ name }, error) => log.error({ err: error, region: name }, 'asking a region failed by our own fault'),
  )
  const { snapshots, hosts, diary, directory, view } = createFleet({
    regions: inventory.regions(),
    ask: asking.ask,
    baseline: () => config.baseline,
    maxAge: () => 2 * config.refresh.interval,
    now,
    random,
    keep: kept,
  })
  const refresher = startRefresher({
    regions: [],
    snapshots,
    interval: () => config.refresh.interval,
    now,
    random,
  })
  // What was kept is there before anyone asks, and before a region is asked.
  await kept.follow(inventory.regions())
  refresher.follow(inventory.regions())

  const act = createAct({
    relay: asking.relay,
    snapshots,
    writeTimeouts: () => config.upstream.write_timeouts,
    lookAgain: 20_000,
  })
  return {
    inventory,
    clients,
    directory: directory.current,
    snapshots,
    hosts,
    diary,
    refresher,
    view,
    act,
    upstream: () => upstream,
    async prepare(next) {
      const nextUpstream = await openUpstream(next.upstream, next.credentials, userAgent, refusals)
      return {
        upstream: nextUpstream,
        use(changed) {
          config = next
          if (changed) {
            upstream = nextUpstream
            waysOut++
            clients.use(askOptions())
          }
          inventory.use(toRegions(config), sources())
          if (!changed) return
          for (const region of inventory.regions()) snapshots.forgive(region)
          refresher.askSoon()
        },
      }
    },
    close() {
      inventory.stop()
      refresher.stop()
      clients.close()
      return kept.close()
    },
  }

  function follow(regions: readonly Region[]): void {
    clients.follow(regions)
    directory.follow(regions)
    void kept.follow(regions)
    refresher.follow(regions)
    log.info({ regions: regions.length }, 'the list of regions has changed')
  }
  function askOptions(): AskOptions {
    return {
      ...upstream,
      accessTo: upstream.accounts.accessTo,
      userAgent,
      now,
      writeTimeouts: config.upstream.write_timeouts,
    }
  }
  function sources(): ReturnType<typeof sourcesOf> {
    return sourcesOf(config, { ...upstream, userAgent, number: waysOut })
  }
}
