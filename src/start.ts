import { inspect } from 'node:util'
import { pino } from 'pino'
import { createAdminApp } from './api/admin.ts'
import { createAdmission } from './api/admission.ts'
import { createApp } from './api/app.ts'
import { openAudit } from './api/audit-log.ts'
import { createCallerLimit } from './api/caller-limit.ts'
import { openDoors } from './api/doors.ts'
import { close, drain } from './api/drain.ts'
import { createEvents } from './api/events.ts'
import { createFleetDoor } from './api/fleet-door.ts'
import { createOpenPages } from './api/open-pages.ts'
import { createReadsUnderWay } from './api/reads-under-way.ts'
import { createRegionDoor } from './api/region-door.ts'
import { receiveUploadAs } from './api/upload-settings.ts'
import { createWritesUnderWay } from './api/writes-under-way.ts'
import { changes } from './config/changes.ts'
import { digestsOf } from './config/files.ts'
import type { Config } from './config/schema.ts'
import { createEventLog } from './fleet/event-log.ts'
import { createSpoken } from './fleet/spoken.ts'
import { createGatewayMetrics } from './metrics/gateway.ts'
import { createScrape } from './metrics/scrape.ts'
import { idsForLog } from './model/trace.ts'
import { waitFor } from './model/wait-for.ts'
import { openFleet } from './open-fleet.ts'
import { openTracing } from './tracing/open-tracing.ts'
import { version } from './version.ts'
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
  /** Is told as not ready, and lets what is under way end. `hurried`: without `drain.delay`. */
  drain(hurried: boolean): Promise<void>
  /** What was thrown and caught by nobody is logged, and then it closes, as far as it still can: the process must end. */
  crashed(fault: unknown, origin: string): Promise<void>
  /** Gives up what is under way; each caller is told, and each write has its line. */
  close(): Promise<void>
}

export interface StartOptions {
  readonly logLevel?: Config['log']['level']
}

/** ms for what must be written before the process ends by its own fault. */
const lastWords = 3_000
/** ms between looks at what changed: what callers are told of it is so old at most. */
const lookEvery = 1_000
export const userAgent = `stx-fleet-gateway/${version}`

/** The whole gateway, put together: reads as the picture in ARCHITECTURE.md, bottom to top. */
export async function start(initial: Config, options: StartOptions = {}): Promise<Gateway> {
  let config = initial
  const log = pino({ level: options.logLevel ?? config.log.level, mixin: idsForLog })
  const { now } = Date
  let reloaded = true
  const counters = createGatewayMetrics(version, {
    reloaded: () => reloaded,
    sources: () => fleet.inventory.states(),
  })
  const tracing = await openTracing(config.tracing, { version, log, onLost: counters.spansLost })
  // Before the files are read: a change meanwhile is then seen at the next look.
  let files = await digestsOf(config)
  const { random } = Math
  const fleet = await openFleet(config, { log, userAgent, now, random, onAsked: counters.asked })
  const { directory, snapshots, view, clients } = fleet
  const maxAge = (): number => 2 * config.refresh.interval
  const scrape = createScrape({
    view: view.inSlices,
    regionLabels: () => config.metrics.region_labels,
    retryAt: (region) => snapshots.retryAt(region),
    client: (region) => clients.existing(region.name),
    gateway: counters,
  })

  const audit = await openAudit(config.audit?.file)
  const writes = createWritesUnderWay()
  const reads = createReadsUnderWay()
  const regionDoor = createRegionDoor({
    directory,
    act: fleet.act,
    spoken: createSpoken(snapshots, maxAge),
    receiveUpload: receiveUploadAs(config.upload),
    audit(line) {
      counters.written(line.call, line.regions)
      return audit.write(line)
    },
    admitWrite: createCallerLimit(() => config.writes.max_per_caller),
    writes,
    reads,
    now,
  })
  const whoAsks = await createWhoAsks(config.auth, fleet.upstream(), {
    userAgent,
    now,
    onFailure: (error) => log.error({ err: error }, 'a token could not be validated'),
  })
  const face = {
    tell: tracing.tell,
    authenticate: whoAsks.authenticate,
    admit: createAdmission(
      () => config.limits,
      () => performance.now(),
    ),
    reads,
    onError: (error: unknown) => log.error({ err: error }, 'request failed'),
    onAnswered(...[route, method, status, seconds]: Parameters<typeof counters.answered>) {
      counters.answered(route, method, status, seconds)
      // The route, not the path: what a caller writes there is a caller's own.
      log.debug({ route, method, status, ms: Math.round(seconds * 1000) }, 'answered')
    },
    regionDoor,
  }
  const reading = {
    directory,
    snapshots,
    now,
    defaultMaxAge: maxAge,
    minAge: () => config.refresh.min_age,
  }
  const eventLog = createEventLog({ view, now })
  const stopping = new AbortController()
  const endStreams = (): void => {
    stopping.abort()
    eventLog.close()
  }
  let leaving = false
  const looking = setInterval(() => {
    eventLog.look().catch((error: unknown) => log.error({ err: error }, 'what changed could not be told'))
  }, lookEvery)
  const app = createApp({
    ...face,
    ...reading,
    openPages: createOpenPages(version),
    events: createEvents({ log: eventLog, directory, authenticate: whoAsks.authenticate, now }),
    fleetDoor: createFleetDoor({
      stopping: stopping.signal,
      ...fleet,
      ...reading,
      foundOut: ({ name }, service) => clients.existing(name)?.foundOut(service),
    }),
    metrics: scrape.regions,
  })
  const startedAt = now()
  const admin = createAdminApp({
    host: config.admin.host,
    directory,
    metrics: scrape,
    stopping: () => leaving,
    notReady() {
      if (now() - startedAt > config.refresh.ready_after) return undefined
      if (!fleet.inventory.foundAll()) return 'not every source of regions has given a list yet'
      return fleet.refresher.askedAll() ? undefined : 'not every region was asked yet'
    },
    inventory: fleet.inventory,
  })

  const stop = async (): Promise<void> => {
    clearInterval(looking)
    await fleet.close()
    whoAsks.close()
    await audit.close()
    await tracing.close()
  }
  const doors = await openDoors({
    app,
    at: config.listen,
    admin,
    adminAt: config.admin,
    regions: config.regions,
    face,
    directory,
  }).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  const underWay = { doors, writes, reads, endStreams }
  const { url, adminUrl, regionUrls } = doors
  log.info({ url, adminUrl, regions: directory().regions.length }, 'listening')
  return {
    url,
    adminUrl,
    regionUrls,
    reload,
    reloadFailed,
    async drain(hurried) {
      leaving = true
      const delay = hurried ? 0 : config.drain.delay
      log.info({ delay }, 'stopping')
      const done = await drain(underWay, delay, config.drain.timeout)
      if (!done) log.warn('some requests are given up, as drain.timeout is over')
    },
    async crashed(fault, origin) {
      log.fatal({ err: fault, origin }, 'the gateway ends by its own fault')
      // Also where nothing is to be logged: nobody would know why it ended.
      if (log.level === 'silent') process.stderr.write(`${inspect(fault)}\n`)
      const closed = close(underWay).then(stop, () => undefined)
      await waitFor(closed, lastWords)
    },
    async close() {
      await close(underWay)
      await stop()
      log.info('stopped')
    },
  }

  async function reload(next: Config): Promise<void> {
    const nextFiles = await digestsOf(next)
    // All that can fail comes before all that takes effect.
    const [prepared, useAuth, useTracing, renewCertificates] = await Promise.all([
      fleet.prepare(next),
      whoAsks.prepare(next.auth),
      tracing.prepare(next.tracing),
      doors.readCertificates(),
    ])
    const { atNextStart, outside, callers } = changes(config, next)
    for (const key of atNextStart) log.warn(`${key} takes effect at the next start`)
    const changed = outside || nextFiles.outside !== files.outside
    useAuth(prepared.upstream, {
      outside: changed,
      callers: callers || nextFiles.callers !== files.callers,
    })
    config = next
    files = nextFiles
    log.level = options.logLevel ?? config.log.level
    useTracing()
    renewCertificates()
    prepared.use(changed)
    reloaded = true
    log.info({ regions: directory().regions.length }, 'the configuration was read anew')
  }
  function reloadFailed(mistakes: readonly string[]): void {
    reloaded = false
    log.error({ mistakes }, 'the configuration has mistakes; the one before stays')
  }
}
