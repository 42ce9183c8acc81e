import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditLine } from '../../src/api/audit.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { Config } from '../../src/config/schema.ts'
import { start } from '../../src/start.ts'
import { readsOfStx10, stx10Unknown } from '../upstream/bodies.ts'
import { rawGet, type RawAnswer } from './fleet-socket.ts'
import {
  createScriptedRegion,
  type RegionReply,
  type RegionRequest,
  type ScriptedRegion,
} from './scripted-region.ts'
import { createTokenIssuer, type TokenWishes } from './tokens.ts'

export const ok = { status: 200, body: '{"info": "Done.\\n", "warning": "", "error": ""}' }

/** A region of stx 10 that behaves: both services at one address; every write is done. */
export function behaves({ method, path }: RegionRequest): RegionReply {
  if (method !== 'GET') return ok
  const body = readsOfStx10.get(path.split('?')[0] ?? '')
  return body === undefined ? { status: 404, body: stx10Unknown.body } : { status: 200, body }
}

export type Plays = (request: RegionRequest) => RegionReply | Promise<RegionReply>

export interface ServedRegion {
  readonly requests: readonly RegionRequest[]
  /** Those that are not GET. */
  writes(): readonly RegionRequest[]
  /** From now on it answers so; where this says nothing, it behaves. */
  plays(play: (request: RegionRequest) => RegionReply | Promise<RegionReply> | undefined): void
  maxConcurrent(): number
  stop(): Promise<void>
}

/** The whole gateway over real sockets, in front of regions that a test plays. */
export interface Served {
  readonly url: string
  readonly adminUrl: string
  /** Of a region's own listener. */
  urlOf(name: string, kind: 'listen' | 'swPatch'): string
  region(name: string): ServedRegion
  /** A region leaves the configuration; its listeners stay until the next start. */
  dismiss(name: string): Promise<void>
  /** A reload with another `auth.keystone`. */
  useKeystone(keystone: object): Promise<void>
  token(wishes?: TokenWishes): Promise<string>
  /** One request with exactly these header lines after the token's, and the body with its length. */
  ask(method: string, target: string, more?: AskOptions): Promise<RawAnswer>
  /** The lines of the audit log, once there are so many. */
  audited(count: number): Promise<readonly AuditLine[]>
  /** The last line that fits, once there is one: lines are written beside the answers. */
  auditedAs(fits: (line: AuditLine) => boolean): Promise<AuditLine>
  readonly auditFile: string
  close(): Promise<void>
}

export interface AskOptions {
  /** A configurator's unless told otherwise. */
  readonly token?: string
  readonly headers?: readonly string[]
  readonly body?: string
  readonly at?: string
}

export interface ServedOptions {
  /** Keys of `regions[]`, by region name. */
  readonly regions: Readonly<Record<string, object>>
  /** Keystone's tokens are callers' too: `auth.keystone`. */
  readonly keystone?: object
  readonly config?: object
}

export async function serveRegions({ regions, keystone, config = {} }: ServedOptions): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-served-'))
  const auditFile = join(folder, 'audit.log')
  const issuer = await createTokenIssuer({ limitsRegions: true })
  const token = (wishes: TokenWishes = {}): Promise<string> =>
    issuer.sign({ roles: ['configurator'], regions: ['*'], ...wishes })
  const own = await token()
  const scripted = new Map<string, ScriptedRegion>()
  const playing = new Map<string, Parameters<ServedRegion['plays']>[0]>()
  for (const name of Object.keys(regions)) {
    const script: Plays = (request) => playing.get(name)?.(request) ?? behaves(request)
    scripted.set(name, await createScriptedRegion(script))
  }
  const configOf = (names: readonly string[], ofKeystone = keystone): Config => {
    const written = {
      listen: { host: '127.0.0.1', port: 0 },
      admin: { host: '127.0.0.1', port: 0 },
      auth: { issuers: [issuer.config], ...(ofKeystone && { keystone: ofKeystone }) },
      regions: names.map((name) => {
        const url = scripted.get(name)?.url
        return { region_name: name, usm: url, patching: url, ...regions[name] }
      }),
      audit: { file: auditFile },
      // Long enough that only the first round of refreshing falls into the test.
      refresh: { interval: '1h', min_age: '10s' },
      ...config,
    }
    return parseConfig(JSON.stringify(written), 'fleet.json')
  }
  const present = new Set(Object.keys(regions))
  const gateway = await start(configOf([...present]), { logLevel: 'silent' })
  const ask: Served['ask'] = async (method, target, { token: given = own, headers = [], body, at } = {}) => {
    const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
    const lines = [...(given === '' ? [] : [`X-Auth-Token: ${given}`]), ...length, ...headers]
    return rawGet(at ?? gateway.url, target, lines, method, body)
  }
  const audited: Served['audited'] = async (count) => {
    for (;;) {
      const lines = (await readFile(auditFile, 'utf8')).split('\n').slice(0, -1)
      if (lines.length >= count) return lines.map((line) => JSON.parse(line) as AuditLine)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return {
    url: gateway.url,
    adminUrl: gateway.adminUrl,
    urlOf(name, kind) {
      const url = gateway.regionUrls.get(name)?.[kind]
      if (url === undefined) throw new Error(`"${name}" has no listener of its own`)
      return url
    },
    auditFile,
    token,
    ask,
    region(name) {
      const region = scripted.get(name)
      if (region === undefined) throw new Error(`no region "${name}"`)
      return {
        requests: region.requests,
        writes: () => region.requests.filter(({ method }) => method !== 'GET'),
        plays: (play) => void playing.set(name, play),
        maxConcurrent: () => region.maxConcurrent(),
        stop: () => region.close(),
      }
    },
    async dismiss(name) {
      present.delete(name)
      await gateway.reload(configOf([...present]))
    },
    useKeystone: (other) => gateway.reload(configOf([...present], other)),
    audited,
    async auditedAs(fits) {
      for (;;) {
        const line = (await audited(1)).findLast(fits)
        if (line) return line
      }
    },
    async close() {
      await gateway.close()
      await Promise.all([...scripted.values()].map((region) => region.close()))
      await issuer.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
