import { createAdminApp } from '../src/api/admin.ts'
import { createApp } from '../src/api/app.ts'
import { toCaller, type Caller } from '../src/api/caller.ts'
import { createEvents } from '../src/api/events.ts'
import { createFleetDoor } from '../src/api/fleet-door.ts'
import { listen } from '../src/api/listen.ts'
import { createOpenPages } from '../src/api/open-pages.ts'
import type { Ask, AskedOf } from '../src/fleet/ask.ts'
import { createEventLog } from '../src/fleet/event-log.ts'
import { createFleet } from '../src/fleet/fleet.ts'
import { createScrape } from '../src/metrics/scrape.ts'
import { backgroundResources } from '../src/model/calls.ts'
import type { Readings, Resource } from '../src/model/reading.ts'
import type { Region } from '../src/model/region.ts'
import { toReading } from '../src/upstream/readings.ts'
import { regionName } from './bodies.ts'

// The gateway's own API over a fleet in this process: regions are played, and land as a refresher makes them land.

const count = Number(process.argv[2])
/** ms between two asks of everything, as by default. */
const interval = 30_000
const releases = 20
const hosts = 4

const regions = Array.from({ length: count }, (_, i): Region => {
  const name = regionName(i)
  const labels = { site: `site-${i % 500}`, group: `g${i % 50}` }
  const endpoints = { usm: new URL('http://usm.invalid'), patching: new URL('http://patching.invalid') }
  return { name, subcloud: name, keystoneRegion: name, endpoints, credentials: 'none', labels }
})
const indexOf = new Map(regions.map(({ name }, i) => [name, i]))

const ask: Ask = async (region, { resource }, previous) => {
  const i = indexOf.get(region.name) ?? 0
  // One in a hundred is dark; hosts always say something new, the rest seldom does.
  if (i % 100 === 99)
    return { status: 'failed', kind: 'timeout', message: 'no connection within 3 s', ofService: true }
  const changes = resource === 'query_hosts' || previous === undefined || Math.random() < 0.05
  return {
    status: 'answered',
    reading: changes ? readingOf(resource, region.name, i) : previous,
  } as AskedOf<never>
}

function readingOf(resource: Resource, regionName_: string, i: number): Readings[Resource] {
  const body = bodyOf(resource, i)
  const value = JSON.parse(body.toString()) as unknown
  const dialect = resource.startsWith('query') ? 'patching-ostree' : 'usm-stx11'
  const answered = {
    regionName: regionName_,
    dialect,
    body,
    json: body,
    value,
    call: `GET ${resource}`,
    id: '',
  }
  return toReading[resource](answered)
}

/** Without packages: they are most of a record, and nothing of a fact. */
function releasesBody(i: number): Buffer {
  const records = Array.from({ length: releases }, (_, k) => ({
    release_id: `starlingx-25.09.${k}`,
    state: k <= 10 + (i % 7) ? 'deployed' : 'available',
    sw_version: `25.09.${k}`,
    reboot_required: k % 2 === 0,
    requires: k === 0 ? [] : [`starlingx-25.09.${k - 1}`],
    summary: `edition ${Math.random()}`,
  }))
  return Buffer.from(JSON.stringify(records))
}

function bodyOf(resource: Resource, i: number): Buffer {
  if (resource === 'release') return releasesBody(i)
  if (resource === 'query') return Buffer.from('{"pd": {}}')
  if (resource !== 'query_hosts') return Buffer.from('[]')
  const data = Array.from({ length: hosts }, (_, k) => ({
    ip: `192.168.204.${k}`,
    hostname: k < 2 ? `controller-${k}` : `worker-${k - 2}`,
    nodetype: k < 2 ? 'controller' : 'worker',
    subfunctions: [],
    sw_version: '25.09',
    patch_current: i % 10 !== k,
    patch_failed: false,
    stale_details: false,
    interim_state: false,
    requires_reboot: false,
    allow_insvc_patching: true,
    state: 'idle',
    secs_since_ack: Math.floor(Math.random() * 40),
  }))
  return Buffer.from(JSON.stringify({ data }))
}

const { now } = Date
const maxAge = (): number => 2 * interval
const fleet = createFleet({
  regions,
  ask,
  baseline: () => ({ region_name: regionName(0) }),
  maxAge,
  now,
  random: Math.random,
})
const directory = fleet.directory.current
const reading = { directory, snapshots: fleet.snapshots, now, defaultMaxAge: maxAge, minAge: () => 10_000 }
const caller = toCaller({ sub: 'bench', roles: ['operator'] }, 'bench', { roles: 'roles' })
const authenticate = async (): Promise<Caller> => caller
const eventLog = createEventLog({ view: fleet.view, now })
const scrape = createScrape({
  view: fleet.view.inSlices,
  regionLabels: () => [],
  retryAt: () => undefined,
  client: () => undefined,
  gateway: { text: async () => '' },
})
const app = createApp({
  ...reading,
  authenticate,
  onError: (error) => process.stderr.write(`${String(error)}\n`),
  regionDoor: () => Promise.reject(new Error('not here')),
  openPages: createOpenPages('bench'),
  events: createEvents({ log: eventLog, directory, authenticate, now }),
  fleetDoor: createFleetDoor({
    ...fleet,
    ...reading,
    stopping: new AbortController().signal,
    foundOut: () => undefined,
  }),
  metrics: scrape.regions,
})
const admin = createAdminApp({
  directory,
  metrics: scrape,
  notReady: () => undefined,
  inventory: { states: () => [], conflicts: () => [], confirm: () => 0 },
})

async function land(region: Region): Promise<void> {
  for (const { resource } of backgroundResources) {
    await fleet.snapshots.read(region, { resource }, { maxAge: 0, probe: true })
  }
}
for (const region of regions) await land(region)
// As start.ts does.
setInterval(() => void eventLog.look(), 1_000)
let next = 0
/** Landings that are due: as many resources of as many regions as a refresher's interval has. */
const perTick = count / (interval / 10)
let due = 0
setInterval(() => {
  for (due += perTick; due >= 1; due--) void land(regions[next++ % count] as Region)
}, 10)

const at = { host: '127.0.0.1', port: 0 }
const [{ url }, { url: adminUrl }] = await Promise.all([listen(app, at), listen(admin, at)])
process.stdout.write(`${JSON.stringify({ msg: 'listening', url, adminUrl })}\n`)
