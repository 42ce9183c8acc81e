import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { pino, type Logger } from 'pino'
import { createAdminApp } from './api/admin.ts'
import { createApp } from './api/app.ts'
import { openAudit } from './api/audit-log.ts'
import { createAuthenticate } from './api/authenticate.ts'
import { createCallerLimit } from './api/caller-limit.ts'
import { issuersOf } from './api/issuers.ts'
import { listen, type Listener } from './api/listen.ts'
import { createReceiveUpload } from './api/receive-upload.ts'
import { createRegionApp, createSwPatchApp } from './api/region-app.ts'
import { createRegionDoor } from './api/region-door.ts'
import { createSpool, diskAt } from './api/spool.ts'
import { createAct, type Relay } from './fleet/act.ts'
import { createSpoken } from './fleet/spoken.ts'
import type { Config } from './config/schema.ts'
import { withoutEffect } from './config/without-effect.ts'
import { createDirectory } from './fleet/directory.ts'
import { createHostHistory } from './fleet/host-history.ts'
import { startRefresher } from './fleet/refresher.ts'
import type { Ask } from './fleet/ask.ts'
import { createSnapshots } from './fleet/snapshots.ts'
import { createFleetMetrics } from './metrics/fleet.ts'
import { createProcessMetrics } from './metrics/process.ts'
import type { Host } from './model/facts.ts'
import type { Region } from './model/region.ts'
import { toRegions } from './discovery/listed.ts'
import { createRegionClient, type RegionClient } from './upstream/ask.ts'
import { UpstreamError } from './upstream/error.ts'
import { accessFrom } from './upstream/access-from.ts'
import { createHttp } from './upstream/http.ts'

export interface Gateway {
  readonly url: string
  readonly adminUrl: string
  /** Where regions have listeners of their own, by `region_name`. */
  readonly regionUrls: ReadonlyMap<string, { readonly listen?: string; readonly swPatch?: string }>
  close(): Promise<void>
}

export interface StartOptions {
  readonly logLevel?: Config['log']['level']
}

export const userAgent = 'stx-fleet-gateway/0.1'

/** The whole gateway, put together: reads as the picture in ARCHITECTURE.md, bottom to top. */
export async function start(config: Config, options: StartOptions = {}): Promise<Gateway> {
  const log = pino({ level: options.logLevel ?? config.log.level })
  for (const note of withoutEffect(config)) log.warn(note)
  const { now } = Date
  const random = Math.random
  const directory = createDirectory(toRegions(config))
  const regions = (): readonly Region[] => directory.regions

  const ca =
    config.upstream.ca_file === undefined ? undefined : await readFile(config.upstream.ca_file, 'utf8')
  const http = createHttp(
    {
      connectTimeout: config.upstream.connect_timeout,
      firstByteTimeout: config.upstream.first_byte_timeout,
      idleTimeout: config.upstream.idle_timeout,
      totalTimeout: config.upstream.read_timeout,
      maxResponse: config.upstream.max_response,
      maxInFlight: config.upstream.max_in_flight,
    },
    ca,
  )
  const accessTo = accessFrom(config.credentials, http, userAgent)
  const writeTimeouts = config.upstream.write_timeouts
  const clients = new Map<string, RegionClient>()
  const clientOf = (region: Region): RegionClient => {
    const existing = clients.get(region.name)
    if (existing) return existing
    const client = createRegionClient(region, { http, accessTo, userAgent, now, writeTimeouts })
    clients.set(region.name, client)
    return client
  }

  const hosts = createHostHistory()
  const snapshots = createSnapshots({
    ask: createAsk(clientOf, log),
    now,
    random,
    onReading(region, want, reading, observedAt) {
      if (want.resource !== 'query_hosts' || !('items' in reading)) return
      hosts.observe(region.name, reading.items as readonly Host[], observedAt)
    },
  })
  const { interval, min_age: minAge, ready_after: readyAfter } = config.refresh
  const defaultMaxAge = 2 * interval
  const refresher = startRefresher({ regions, snapshots, interval, now, random })

  const fleetMetrics = createFleetMetrics({
    regions,
    snapshots,
    hosts,
    dialectOf: (region, service) => clients.get(region.name)?.dialectOf(service),
    maxAge: defaultMaxAge,
    regionLabels: config.metrics.region_labels,
  })
  const processMetrics = createProcessMetrics()

  const audit = await openAudit(config.audit?.file)
  const receiveUpload = createReceiveUpload({
    spool: createSpool(diskAt(config.upload.dir ?? tmpdir()), config.upload.reserve),
    maxSize: config.upload.max_size,
    idleTimeout: config.upload.idle_timeout,
    linger: 30_000,
  })
  const regionDoor = createRegionDoor({
    directory: () => directory,
    act: createAct({ relay: createRelay(clientOf, log), snapshots, writeTimeouts, lookAgain: 20_000 }),
    spoken: createSpoken(snapshots, defaultMaxAge),
    receiveUpload,
    audit: audit.write,
    admitWrite: createCallerLimit(config.writes.max_per_caller),
    now,
  })
  const face = {
    authenticate: createAuthenticate(await issuersOf(config.auth.issuers), now),
    onError: (error: unknown, requestId: string) => log.error({ err: error, requestId }, 'request failed'),
    regionDoor,
  }
  const app = createApp({
    ...face,
    directory: () => directory,
    snapshots,
    now,
    defaultMaxAge,
    minAge,
    metrics: (caller) => fleetMetrics(caller.scope),
  })
  const startedAt = now()
  const admin = createAdminApp({
    metrics: async () => fleetMetrics(() => true) + (await processMetrics()),
    notReady: () =>
      refresher.askedAll() || now() - startedAt > readyAfter ? undefined : 'not every region was asked yet',
  })

  const listeners: Listener[] = []
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()))
    refresher.stop()
    for (const client of clients.values()) client.close()
    await audit.close()
  }
  const open = async (...[face, at]: Parameters<typeof listen>): Promise<Listener> => {
    const listener = await listen(face, at)
    listeners.push(listener)
    return listener
  }
  try {
    const adminListener = await open(admin, config.admin)
    const regionUrls = new Map<string, { listen?: string; swPatch?: string }>()
    for (const { region_name: name, listen: own, sw_patch_listen: patch } of config.regions) {
      const [region] = directory.named(name)
      if (region === undefined) continue
      const listening = own && (await open(createRegionApp(face, region), own))
      const patching = patch && (await open(createSwPatchApp(face, region, patch.anonymous_role), patch))
      regionUrls.set(region.name, {
        ...(listening && { listen: listening.url }),
        ...(patching && { swPatch: patching.url }),
      })
    }
    const listener = await open(app, config.listen)
    const { url } = listener
    log.info({ url, adminUrl: adminListener.url, regions: directory.regions.length }, 'listening')
    return { url, adminUrl: adminListener.url, regionUrls, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** One call of one region: what it throws is data from here on. */
function createRelay(clientOf: (region: Region) => RegionClient, log: Logger): Relay {
  return async (region, intent) => {
    try {
      return await clientOf(region).relay(intent)
    } catch (error) {
      if (error instanceof UpstreamError) {
        const { kind, message, status, ofService, sent } = error
        const http = status !== undefined && { http: status }
        return { status: 'failed', kind, message, ofService, sent, ...http }
      }
      log.error({ err: error, region: region.name }, 'relaying to a region failed by our own fault')
      return {
        status: 'failed',
        kind: 'broken',
        message: 'the gateway failed to relay',
        ofService: false,
        sent: true,
      }
    }
  }
}

/** Turns what asking throws into data: from here on a failure is an observation. */
function createAsk(clientOf: (region: Region) => RegionClient, log: Logger): Ask {
  return async (region, want, previous) => {
    try {
      return await clientOf(region).ask(want, previous)
    } catch (error) {
      if (error instanceof UpstreamError) {
        const { kind, message, status, ofService } = error
        log.debug({ region: region.name, kind }, message)
        return { status: 'failed', kind, message, ofService, ...(status !== undefined && { http: status }) }
      }
      // The snapshots make it this region's failure; why, only the log is told.
      log.error({ err: error, region: region.name }, 'asking a region failed by our own fault')
      throw error
    }
  }
}
