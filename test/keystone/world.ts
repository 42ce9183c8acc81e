import type { Region } from '../../src/model/region.ts'
import { createRegionClient, type Asked, type RegionClient } from '../../src/upstream/ask.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import { createHttp } from '../../src/upstream/http.ts'
import { createKeystoneAccess } from '../../src/upstream/keystone-access.ts'
import type { Access } from '../../src/upstream/token.ts'
import { createKeystoneFront, type KeystoneFront } from '../support/keystone-front.ts'
import type { KeystoneAdmin } from '../support/keystone-admin.ts'
import type { KeystoneServer } from '../support/keystone-server.ts'
import {
  createScriptedRegion,
  type RegionAnswer,
  type RegionRequest,
  type ScriptedRegion,
} from '../support/scripted-region.ts'
import { writeTimeouts } from '../support/write-timeouts.ts'

/** One region that checks tokens at the real Keystone, and the gateway's client of it. */
export interface World {
  readonly keystoneRegion: string
  readonly front: KeystoneFront
  readonly site: ScriptedRegion
  readonly access: Access
  /** As the password file has it: a test changes it. */
  password: string
  readonly rightPassword: string
  readonly username: string
  /** Moves the gateway's monotonic clock on; seconds. */
  advance(seconds: number): void
  /** Reads the releases; what became of it, or why it failed. */
  ask(): Promise<Asked<unknown>['status'] | { readonly kind: string; readonly message: string }>
  /** Statuses of the logins that reached Keystone. */
  logins(): number[]
  /** The tokens that the region was shown, with what it answered; one per request for releases. */
  shown(): string[]
  /** Someone else logs in as the same account, with the right password or a wrong one; the status. */
  logInElsewhere(): Promise<number>
  guessElsewhere(): Promise<number>
  close(): Promise<void>
}

export const userAgent = 'stx-fleet-gateway/test'
export const limits = {
  connectTimeout: 5_000,
  firstByteTimeout: 20_000,
  idleTimeout: 20_000,
  totalTimeout: 25_000,
  maxInFlight: 2 ** 26,
  maxResponse: 1024 * 1024,
}
let regions = 0

export interface WorldOptions {
  /** Leaves the region's services out of the configuration: its catalog has them. */
  readonly byCatalog?: boolean
}

export async function createWorld(keystone: KeystoneServer, options: WorldOptions = {}): Promise<World> {
  const account = await keystone.admin.account()
  const front = await createKeystoneFront(keystone.url)
  const site = await createScriptedRegion((request) => answerAsUsm(request, keystone.admin))
  const keystoneRegion = `region-${++regions}`
  const region: Region = {
    name: `uuid-of-${keystoneRegion}`,
    subcloud: 'east',
    keystoneRegion,
    endpoints: { keystone: front.url, ...(options.byCatalog !== true && { usm: new URL(site.url) }) },
    credentials: 'fleet',
    labels: {},
  }
  let clock = 0
  let access: Access | undefined
  const http = createHttp(limits, undefined)
  const client: RegionClient = createRegionClient(region, {
    writeTimeouts,
    http,
    userAgent,
    now: Date.now,
    accessTo: () =>
      (access = createKeystoneAccess(region, front.url, {
        http,
        userAgent,
        monotonic: () => clock,
        random: () => 0.5,
        account: () => Promise.resolve({ ...account, password: world.password }),
      })),
  })
  if (access === undefined) throw new Error('a region client asks for its access at once')
  const world: World = {
    keystoneRegion,
    front,
    site,
    access,
    password: account.password,
    rightPassword: account.password,
    username: account.username,
    advance: (seconds) => void (clock += seconds * 1000),
    async ask() {
      try {
        return (await client.ask({ resource: 'release' })).status
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error
        return { kind: error.kind, message: error.message }
      }
    },
    logins: () => front.logins.map(({ status }) => status),
    shown: () =>
      site.requests
        .filter(({ path }) => path === '/v1/release')
        .map(({ headers }) => headers['x-auth-token'] ?? ''),
    logInElsewhere: () => keystone.admin.logInAs(account),
    guessElsewhere: () => keystone.admin.logInAs({ ...account, password: 'a guess' }),
    async close() {
      client.close()
      await site.close()
      await front.close()
    },
  }
  return world
}

/** USM of stx 12, with one release; like keystonemiddleware it answers 401 to a token that Keystone does not accept. */
export async function answerAsUsm(
  request: Pick<RegionRequest, 'path' | 'headers'>,
  keystone: Pick<KeystoneAdmin, 'accepts'>,
): Promise<RegionAnswer> {
  const json = (status: number, value: unknown): RegionAnswer => ({
    status,
    headers: [['Content-Type', 'application/json']],
    body: JSON.stringify(value),
  })
  if (!(await keystone.accepts(request.headers['x-auth-token'] ?? ''))) {
    return json(401, { error: { code: 401, message: 'The request you have made requires authentication.' } })
  }
  if (request.path === '/v1') return json(200, { id: 'v1', release: [], links: [] })
  if (request.path === '/v1/release') {
    return json(200, [{ release_id: 'starlingx-25.09.0', sw_version: '25.09.0', state: 'deployed' }])
  }
  return json(404, { error: 'not found' })
}
