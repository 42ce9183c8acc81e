import { pino } from 'pino'
import { createAdminApp } from './api/admin.ts'
import { createApp } from './api/app.ts'
import { openAudit } from './api/audit-log.ts'
import { createAuthenticate } from './api/authenticate.ts'
import { createCallerLimit } from './api/caller-limit.ts'
import { openDoors } from './api/doors.ts'
import { issuersOf } from './api/issuers.ts'
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
import { followDirectory } from './fleet/follow.ts'
import { createHostHistory } from './fleet/host-history.ts'
import { startRefresher } from './fleet/refresher.ts'
import { createSnapshots } from './fleet/snapshots.ts'
import { createSpoken } from './fleet/spoken.ts'
import { createFleetMetrics } from './metrics/fleet.ts'
import { createProcessMetrics } from './metrics/process.ts'
import { reloadMetric } from './metrics/reload.ts'
import { openKeeping } from './keeping.ts'
import type { Host } from './model/facts.ts'
import type { Region } from './model/region.ts'
import { asData } from './upstream/as-data.ts'
import type { AskOptions } from './upstream/ask.ts'
import { createClients } from './upstream/clients.ts'
import { createRefusals } from './upstream/login-guard.ts'
import { openUpstream } from './upstream/open-upstream.ts'

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

  const hosts = createHostHistory()
  const onNote = (note: string): void => log.warn(note)
  const kept = await openKeeping(config.state_dir, { snapshots: () => snapshots, hosts }, { now, onNote })
  const refusals = createRefusals(kept.refusals)
  // Before the files are read: a change meanwhile is then seen at the next look.
  let files = await digestsOf(config)
  let upstream = await openUpstream(config.upstream, config.credentials, userAgent, refusals)
  const inventory = createInventory(toRegions(config), sources(), {
    now,
    random,
    onChange: follow,
    onNote,
    kept: kept.lists,
  })
  const clients = createClients(inventory.regions(), askOptions())

  const snapshots = createSnapshots({
    async ask(region, want, previous) {
      const asked = await asData(
        () => clients.read(region, (client) => client.ask(want, previous)),
        ourFault(region),
      )
      if (asked.status === 'failed') log.debug({ region: region.name, kind: asked.kind }, asked.message)
      return asked
    },
    now,
    random,
    onReading(region, want, reading, observedAt) {
      if (want.resource === 'query_hosts' && 'items' in reading) {
        hosts.observe(region.name, reading.items as readonly Host[], observedAt)
      }
      kept.onReading(region, want, reading, observedAt)
    },
    onUnsupported: kept.onUnsupported,
  })
  const directory = followDirectory(inventory.regions(), { snapshots, hosts })
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

  const metrics = createFleetMetrics({
    regions: () => directory.current().regions,
    snapshots,
    hosts,
    dialectOf: (region, service) => clients.existing(region.name)?.dialectOf(service),
    maxAge: () => 2 * config.refresh.interval,
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
    spoken: createSpoken(snapshots, () => 2 * config.refresh.interval),
    receiveUpload: receiveUploadAs(config.upload),
    audit: audit.write,
    admitWrite: createCallerLimit(() => config.writes.max_per_caller),
    now,
  })
  let authenticate = createAuthenticate(await issuersOf(config.auth.issuers), now)
  const face = {
    authenticate: (rawHeaders: readonly string[]) => authenticate(rawHeaders),
    onError: (error: unknown, requestId: string) => log.error({ err: error, requestId }, 'request failed'),
    regionDoor,
  }
  const app = createApp({
    ...face,
    directory: directory.current,
    snapshots,
    now,
    defaultMaxAge: () => 2 * config.refresh.interval,
    minAge: () => config.refresh.min_age,
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
    await audit.close()
    await kept.close()
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
    return sourcesOf(config, upstream.accounts, upstream.http, userAgent)
  }
  function ourFault(region: Region): (error: unknown) => void {
    return (error) =>
      log.error({ err: error, region: region.name }, 'asking a region failed by our own fault')
  }

  async function reload(next: Config): Promise<void> {
    const nextFiles = await digestsOf(next)
    // All that can fail comes before all that takes effect.
    const [nextUpstream, nextIssuers, renewCertificates] = await Promise.all([
      openUpstream(next.upstream, next.credentials, userAgent, refusals),
      issuersOf(next.auth.issuers),
      doors.readCertificates(),
    ])
    const { atNextStart, outside, callers } = changes(config, next)
    for (const key of atNextStart) log.warn(`${key} takes effect at the next start`)
    const changed = outside || nextFiles.outside !== files.outside
    // Keys that were fetched stay: their provider may be down just now.
    if (callers || nextFiles.callers !== files.callers) authenticate = createAuthenticate(nextIssuers, now)
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
