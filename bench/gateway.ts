import { generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchText } from './requests.ts'
import type { Stage, Started } from './stage.ts'

/** A region as the gateway's configuration has it. */
export interface ListedRegion {
  readonly region_name: string
  readonly usm?: string
  readonly patching?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface RunningGateway {
  readonly url: string
  readonly adminUrl: string
  readonly process: Started
  /** ms from the start of its process until it listened. */
  readonly startedIn: number
  /** Request headers with a token of these roles, and of these `regions` where they are given. */
  caller(roles: readonly string[], regions?: readonly string[]): Readonly<Record<string, string>>
}

export interface GatewayOptions {
  readonly regions: readonly ListedRegion[]
  /** More of the configuration. By default nothing is refreshed but once: only the requests of the bench ask. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly nodeFlags?: readonly string[]
}

/** The gateway as a process of its own, as in production. Resolves once every region was asked. */
export async function startGateway(stage: Stage, options: GatewayOptions): Promise<RunningGateway> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256' }
  writeFileSync(join(stage.folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }))
  const config = {
    listen: { host: '127.0.0.1', port: 0 },
    admin: { port: 0 },
    auth: {
      issuers: [
        {
          issuer: 'https://bench',
          audience: 'bench',
          jwks_file: 'jwks.json',
          claims: { regions: 'regions' },
        },
      ],
    },
    refresh: { interval: '1h' },
    // One caller asks as fast as it can.
    limits: { requests_per_second: 0, concurrent: 0 },
    ...options.settings,
    regions: options.regions,
  }
  const file = join(stage.folder, 'config.json')
  writeFileSync(file, JSON.stringify(config))
  const before = performance.now()
  const process = stage.startNode([...(options.nodeFlags ?? []), 'src/main.ts', '--config', file])
  const { url, adminUrl } = JSON.parse(await process.line(/"listening"/)) as { url: string; adminUrl: string }
  const startedIn = performance.now() - before
  while ((await fetchText(`${adminUrl}/readyz`)).status !== 200) await pause(100)
  return {
    url,
    adminUrl,
    process,
    startedIn,
    caller: (roles, regions = ['*']) => ({
      authorization: `Bearer ${token(privateKey, { roles, regions })}`,
    }),
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function token(key: Parameters<typeof sign>[2] & object, claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const registered = { iss: 'https://bench', aud: 'bench', sub: 'bench', iat: now, exp: now + 86_400 }
  const body = `${part({ alg: 'ES256', typ: 'JWT', kid: 'bench' })}.${part({ ...registered, ...claims })}`
  const signature = sign('sha256', Buffer.from(body), { key: key as never, dsaEncoding: 'ieee-p1363' })
  return `${body}.${signature.toString('base64url')}`
}
