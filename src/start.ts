import { pino } from 'pino'
import { createAdminApp } from './api/admin.ts'
import { createAdmission } from './api/admission.ts'
import { createApp } from './api/app.ts'
import { openAudit } from './api/audit-log.ts'
import { createCallerLimit } from './api/caller-limit.ts'
import { openDoors } from './api/doors.ts'
import { createFleetDoor } from './api/fleet-door.ts'
import { createRegionDoor } from './api/region-door.ts'
import { receiveUploadAs } from './api/upload-settings.ts'
import { changes } from './config/changes.ts'
import { digestsOf } from './config/files.ts'
import type { Config } from './config/schema.ts'
import { withoutEffect } from './config/without-effect.ts'
import { sourcesOf } from './discovery/from-config.ts'
import { createInventory } from './discovery/inventory.ts'
import { toRegions } from './discovery/listed.ts'
import { createAct } from './fleet/act.ts'
import { createFleet } from './fleet/fleet.ts'
import { startRefresher } from './fleet/refresher.ts'
import { createSpoken } from './fleet/spoken.ts'
import { createFleetMetrics } from './metrics/fleet.ts'
import { createProcessMetrics } from './metrics/process.ts'
import { reloadMetric } from './metrics/reload.ts'
import type { Region } from './model/region.ts'
import { asData } from './upstream/as-data.ts'
import type { AskOptions } from './upstream/ask.ts'
import { createClients } from './upstream/clients.ts'
import { createRefusals } from './upstream/login-guard.ts'
import { openUpstream } from './upstream/open-upstream.ts'
import { createWhoAsks } from './who-asks.ts'

export interface Gateway {
  readonly url: string
  readonly adminUrl: string
  /** Takes over another configuration, or files of this one that changed; listeners stay as they are. */
  reload(config: Config): Promise<void>
  /** A configuration was not taken over: its mistakes are told, and the old one stays. */
  reloadFailed(mistakes: readonly string[]): void
  /** Where regions have listeners of their own, by `region_name`. */
  readonly regionUrls: ReadonlyMap<string, { readonly listen?: string; readonly swPatch?: string }>
  close(): Promise<void>
}

export interface StartOptions {
  readonly logLevel?: Config['log']['level']
}

export const userAgent = 'stx-fleet-gateway/0.1'

/** The whole gateway, put together: reads as the picture in ARCHITECTURE.md, bottom to top. */
export async function start(initial: Config, options: StartOptions = {}): Promise<Gateway> {
  let config = initial
  const log = pino({ level: options.logLevel ?? config.log.level })
  for (const note of withoutEffect(config)) log.warn(note)
  const { now } = Date
  const random = Math.random

  const maxAge = (): number => 2 * config.refresh.interval
  const refusals = createRefusals()
  // Before the files are read: a change meanwhile is then seen at the next look.
  let files = await digestsOf(config)
  let upstream = await openUpstream(config.upstream, config.credentials, userAgent, refusals)
  const inventory = createInventory(toRegions(config), sources(), {
    now,
    random,
    onChange: follow,
    onNote: (note) => log.warn(note),
  })
  const clients = createClients(inventory.regions(), askOptions())

  const fleet = createFleet({
    regions: inventory.regions(),
    ask: (region, want, previous) =>
      asData(() => clients.read(region, (client) => client.ask(want, previous)), ourFault(region)),
    onFailed: (region, { kind, message }) => log.debug({ region: region.name, kind }, message),
    baseline: () => config.baseline,
    maxAge,
    now,
    random,
  })
  const { snapshots, hosts, directory } = fleet
  const refresher = startRefresher({
    regions: inventory.regions(),
    snapshots,
    interval: () => config.refresh.interval,
    now,
    random,
  })

  const metrics = createFleetMetrics({
    regions: () => directory.current().regions,
    snapshots,
    hosts,
    dialectOf: (region, service) => clients.existing(region.name)?.dialectOf(service),
    maxAge,
    regionLabels: () => config.metrics.region_labels,
    passwordExpiresAt: (region) => clients.existing(region.name)?.passwordExpiresAt(),
  })
  const processMetrics = createProcessMetrics()
  let reloaded = true

  const audit = await openAudit(config.audit?.file)
  const regionDoor = createRegionDoor({
    directory: directory.current,
    act: createAct({
      relay: (region, intent) =>
        asData(() => clients.relay(region, (client) => client.relay(intent)), ourFault(region)),
      snapshots,
      writeTimeouts: () => config.upstream.write_timeouts,
      lookAgain: 20_000,
    }),
    spoken: createSpoken(snapshots, maxAge),
    receiveUpload: receiveUploadAs(config.upload),
    audit: audit.write,
    admitWrite: createCallerLimit(() => config.writes.max_per_caller),
    now,
  })
  const whoAsks = await createWhoAsks(config.auth, upstream, {
    userAgent,
    now,
    onFailure: (error) => log.error({ err: error }, 'a token could not be validated'),
  })
  const face = {
    authenticate: whoAsks.authenticate,
    admit: createAdmission(
      () => config.limits,
      () => performance.now(),
    ),
    onError: (error: unknown, requestId: string) => log.error({ err: error, requestId }, 'request failed'),
    regionDoor,
  }
  const reading = {
    directory: directory.current,
    snapshots,
    now,
    defaultMaxAge: maxAge,
    minAge: () => config.refresh.min_age,
  }
  const app = createApp({
    ...face,
    ...reading,
    fleetDoor: createFleetDoor({
      ...fleet,
      ...reading,
      foundOut: ({ name }, service) => clients.existing(name)?.foundOut(service),
    }),
    metrics: (caller) => metrics(caller.scope),
  })
  const startedAt = now()
  const admin = createAdminApp({
    metrics: async () => metrics(() => true) + reloadMetric(reloaded) + (await processMetrics()),
    notReady() {
      if (now() - startedAt > config.refresh.ready_after) return undefined
      if (!inventory.foundAll()) return 'not every source of regions has given a list yet'
      return refresher.askedAll() ? undefined : 'not every region was asked yet'
    },
    inventory,
  })

  const stop = async (): Promise<void> => {
    inventory.stop()
    refresher.stop()
    clients.close()
    whoAsks.close()
    await audit.close()
  }
  const doors = await openDoors({
    app,
    at: config.listen,
    admin,
    adminAt: config.admin,
    regions: config.regions,
    face,
    directory: directory.current,
  }).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const { url, adminUrl, regionUrls } = doors
  log.info({ url, adminUrl, regions: directory.current().regions.length }, 'listening')
  return {
    url,
    adminUrl,
    regionUrls,
    reload,
    reloadFailed,
    async close() {
      await doors.close()
      await stop()
    },
  }

  function follow(regions: readonly Region[]): void {
    clients.follow(regions)
    directory.follow(regions)
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
    return sourcesOf(config, upstream.accounts, upstream.http, userAgent)
  }
  function ourFault(region: Region): (error: unknown) => void {
    return (error) =>
      log.error({ err: error, region: region.name }, 'asking a region failed by our own fault')
  }

  async function reload(next: Config): Promise<void> {
    const nextFiles = await digestsOf(next)
    // All that can fail comes before all that takes effect.
    const [nextUpstream, useIssuers, renewCertificates] = await Promise.all([
      openUpstream(next.upstream, next.credentials, userAgent, refusals),
      whoAsks.prepare(next.auth),
      doors.readCertificates(),
    ])
    const { atNextStart, outside, callers } = changes(config, next)
    for (const key of atNextStart) log.warn(`${key} takes effect at the next start`)
    const changed = outside || nextFiles.outside !== files.outside
    // Else keys that were fetched stay: their provider may be down just now.
    if (callers || nextFiles.callers !== files.callers || (changed && next.auth.keystone))
      useIssuers(nextUpstream)
    config = next
    files = nextFiles
    log.level = options.logLevel ?? config.log.level
    renewCertificates()
    if (changed) {
      upstream = nextUpstream
      clients.use(askOptions())
    }
    inventory.use(toRegions(config), sources())
    if (changed) {
      for (const region of inventory.regions()) snapshots.forgive(region)
      refresher.askSoon()
    }
    reloaded = true
    log.info({ regions: inventory.regions().length }, 'the configuration was read anew')
  }
  function reloadFailed(mistakes: readonly string[]): void {
    reloaded = false
    log.error({ mistakes }, 'the configuration has mistakes; the one before stays')
  }
}
