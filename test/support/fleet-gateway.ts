import { tmpdir } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { createApp } from '../../src/api/app.ts'
import type { Audit, AuditLine } from '../../src/api/audit.ts'
import type { Authenticate } from '../../src/api/authenticate.ts'
import { createEvents } from '../../src/api/events.ts'
import { createFleetDoor } from '../../src/api/fleet-door.ts'
import { createCallerLimit } from '../../src/api/caller-limit.ts'
import { createReceiveUpload } from '../../src/api/receive-upload.ts'
import { createReadsUnderWay } from '../../src/api/reads-under-way.ts'
import { createRegionDoor } from '../../src/api/region-door.ts'
import { createSpool, diskAt } from '../../src/api/spool.ts'
import { createAct, type Relay } from '../../src/fleet/act.ts'
import { createWritesUnderWay } from '../../src/api/writes-under-way.ts'
import { createSpoken } from '../../src/fleet/spoken.ts'
import { toCaller, type Caller, type Role } from '../../src/api/caller.ts'
import { presentedToken, unauthenticated } from '../../src/api/credential.ts'
import { createEventLog, type EventLog } from '../../src/fleet/event-log.ts'
import { createFleet } from '../../src/fleet/fleet.ts'
import type { BaselineConfig } from '../../src/fleet/baseline.ts'
import type { Snapshots } from '../../src/fleet/snapshots.ts'
import { createScrape } from '../../src/metrics/scrape.ts'
import type { Region } from '../../src/model/region.ts'
import { createAsk, type Play } from './fleet-answers.ts'
import { createClock, type Clock } from './fleet-clock.ts'
import { writeTimeouts } from './write-timeouts.ts'

export interface TestGateway {
  readonly app: ReturnType<typeof createApp>
  readonly clock: Clock
  readonly snapshots: Snapshots
  readonly eventLog: EventLog
  /** Takes over another list of regions. */
  readonly follow: (regions: readonly Region[]) => void
  /** `region resource` of each ask, in order. */
  readonly asked: string[]
  readonly errors: unknown[]
  /** `method route status` of each answer. */
  readonly answered: readonly string[]
  readonly audited: readonly AuditLine[]
  readonly get: (path: string, options?: GetOptions) => Promise<Response>
  /** The answer's JSON; throws unless it is a 200. */
  readonly read: (path: string, options?: GetOptions) => Promise<unknown>
}

export interface GetOptions {
  /** A name among `callers`; `operator` by default. */
  readonly as?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export const defaultMaxAge = 60_000

/** A caller who may see the named regions; all of them where none are named. */
export function callerWith(role: Role | undefined, regions?: readonly string[]): Caller {
  const claims = { sub: 'tester', ...(role && { roles: [role] }), ...(regions && { regions }) }
  return toCaller(claims, 'https://idp.test', { roles: 'roles', ...(regions && { regions: 'regions' }) })
}

/** The gateway's HTTP face over regions that a test plays; a caller's token is the caller's name. */
export function createTestGateway(
  regions: readonly Region[],
  play: Play,
  callers: Readonly<Record<string, Caller>> = {},
  relay: Relay = async () => ({ status: 'refused', reason: 'this test relays nothing' }),
  baseline?: BaselineConfig,
  more: { readonly audit?: Audit } = {},
): TestGateway {
  const audited: AuditLine[] = []
  const clock = createClock()
  const known: Readonly<Record<string, Caller>> = {
    reader: callerWith('reader'),
    operator: callerWith('operator'),
    configurator: callerWith('configurator'),
    ...callers,
  }
  const asked: string[] = []
  const errors: unknown[] = []
  const answered: string[] = []
  const fleet = createFleet({
    regions,
    ask: createAsk((region, want) => {
      asked.push(`${region.name} ${want.resource}`)
      return play(region, want)
    }),
    baseline: () => baseline,
    maxAge: () => defaultMaxAge,
    now: clock.now,
    random: () => 0,
  })
  const { snapshots, directory, view } = fleet
  const scrape = createScrape({
    view,
    regionLabels: () => [],
    retryAt: (region) => snapshots.retryAt(region),
    client: () => undefined,
    gateway: { text: async () => '' },
  })
  const reading = {
    directory: directory.current,
    snapshots,
    now: clock.now,
    defaultMaxAge: () => defaultMaxAge,
    minAge: () => 10_000,
  }
  const authenticate: Authenticate = async (rawHeaders) => {
    const caller = known[presentedToken(rawHeaders)]
    if (caller === undefined) throw unauthenticated('not a token that this gateway knows', true)
    return caller
  }
  const eventLog = createEventLog({ view, now: clock.now })
  const app = createApp({
    ...reading,
    fleetDoor: createFleetDoor({
      ...fleet,
      ...reading,
      stopping: new AbortController().signal,
      foundOut: () => undefined,
    }),
    events: createEvents({ ...reading, log: eventLog, authenticate }),
    authenticate,
    onError: (error) => void errors.push(error),
    onAnswered: (route, method, status) => void answered.push(`${method} ${route} ${status}`),
    regionDoor: createRegionDoor({
      directory: directory.current,
      act: createAct({ relay, snapshots, writeTimeouts: () => writeTimeouts, lookAgain: 1_000 }),
      spoken: createSpoken(snapshots, () => defaultMaxAge),
      receiveUpload: createReceiveUpload({
        spool: createSpool(diskAt(tmpdir()), 0),
        maxSize: 1024 * 1024,
        idleTimeout: 1_000,
        linger: 100,
      }),
      // As of a disk, it takes a while: who is answered has the line all the same.
      async audit(line) {
        await (more.audit?.(line) ?? setImmediate())
        audited.push(line)
      },
      admitWrite: createCallerLimit(() => 2),
      writes: createWritesUnderWay(),
      reads: createReadsUnderWay(),
      now: clock.now,
    }),
    metrics: scrape.regions,
  })
  const get = async (
    path: string,
    { as = 'operator', method = 'GET', headers = {}, body }: GetOptions = {},
  ) =>
    app.request(path, {
      method,
      headers: { 'x-auth-token': as, ...headers },
      ...(body !== undefined && { body }),
    })

  return {
    app,
    clock,
    snapshots,
    eventLog,
    follow: directory.follow,
    asked,
    errors,
    answered,
    audited,
    get,
    async read(path, options) {
      const answer = await get(path, options)
      if (answer.status !== 200) throw new Error(`HTTP ${answer.status}: ${await answer.text()}`)
      return answer.json()
    },
  }
}
