import { readFile } from 'node:fs/promises'
import { pino, type Logger } from 'pino'
import { createAdminApp } from './api/admin.ts'
import { createApp } from './api/app.ts'
import { createAuthenticate, type Issuer } from './api/authenticate.ts'
import { keysOf } from './api/keys.ts'
import { listen } from './api/listen.ts'
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
import { createHttp, type CreateHttpClient } from './upstream/http.ts'
import { createKeystoneAccess } from './upstream/keystone-access.ts'
import { createLoginGuard, type LoginGuard } from './upstream/login-guard.ts'
import { withoutLogin, type AccessTo } from './upstream/token.ts'

export interface Gateway {
  readonly url: string
  readonly adminUrl: string
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
  const accessTo = accessFrom(config, http)
  const clients = new Map<string, RegionClient>()
  const clientOf = (region: Region): RegionClient => {
    const existing = clients.get(region.name)
    if (existing) return existing
    const client = createRegionClient(region, { http, accessTo, userAgent, now })
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

  const app = createApp({
    directory: () => directory,
    snapshots,
    now,
    defaultMaxAge,
    minAge,
    authenticate: createAuthenticate(await issuersOf(config), now),
    onError: (error, requestId) => log.error({ err: error, requestId }, 'request failed'),
    metrics: (caller) => fleetMetrics(caller.scope),
  })
  const startedAt = now()
  const admin = createAdminApp({
    metrics: async () => fleetMetrics(() => true) + (await processMetrics()),
    notReady: () =>
      refresher.askedAll() || now() - startedAt > readyAfter ? undefined : 'not every region was asked yet',
  })

  const stop = (): void => {
    refresher.stop()
    for (const client of clients.values()) client.close()
  }
  try {
    const adminListener = await listen(admin, config.admin)
    const listener = await listen(app, config.listen).catch(async (error: unknown) => {
      await adminListener.close()
      throw error
    })
    log.info(
      { url: listener.url, adminUrl: adminListener.url, regions: directory.regions.length },
      'listening',
    )
    return {
      url: listener.url,
      adminUrl: adminListener.url,
      async close() {
        await Promise.all([listener.close(), adminListener.close()])
        stop()
      },
    }
  } catch (error) {
    stop()
    throw error
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

async function passwordOf(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
  } catch {
    // Its path is the operator's business: it goes to no caller.
    throw new UpstreamError('unauthorized', 'the password file cannot be read')
  }
}

/** Each region's own login, by the credentials that the configuration gives it. */
function accessFrom(config: Config, http: CreateHttpClient): AccessTo {
  const guards = new Map<string, LoginGuard>()
  return (region) => {
    const credential = config.credentials[region.credentials]
    const { keystone } = region.endpoints
    if (credential === undefined || keystone === undefined) return withoutLogin
    const account = `${keystone.href}\n${credential.username}\n${credential.user_domain_name}`
    const guard = guards.get(account) ?? createLoginGuard()
    guards.set(account, guard)
    return createKeystoneAccess(region, keystone, {
      guard,
      http,
      userAgent,
      monotonic: () => performance.now(),
      random: Math.random,
      account: async () => ({
        username: credential.username,
        password: await passwordOf(credential.password_file),
        projectName: credential.project_name,
        userDomainName: credential.user_domain_name,
        projectDomainName: credential.project_domain_name,
      }),
    })
  }
}

async function issuersOf(config: Config): Promise<Issuer[]> {
  return Promise.all(
    config.auth.issuers.map(async ({ issuer, audience, claims, jwks_file, jwks_uri }) => ({
      issuer,
      audience,
      claims,
      keys: await keysOf({ issuer, jwksFile: jwks_file, jwksUri: jwks_uri }),
    })),
  )
}
