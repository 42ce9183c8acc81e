import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..')

export interface SimulatedRegion {
  readonly region_name: string
  readonly endpoints: { readonly usm?: string; readonly patching?: string }
}

export interface Running {
  readonly regions: readonly SimulatedRegion[]
  /** Of the gateway, with a token of an operator. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  stop(): void
}

/** A simulated fleet and a gateway over it, each a process of its own, as in production. */
export async function startFleetAndGateway(simulatorFlags: readonly string[]): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'stx-bench-'))
  const simulator = spawnNode(['src/simulator/main.ts', '--exit-with-parent', ...simulatorFlags])
  const { control } = JSON.parse(await firstLine(simulator, /ready/)) as { control: string }
  const regions = (await (await fetch(`${control}/regions`)).json()) as SimulatedRegion[]

  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256' }
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [jwk] }))
  const config = {
    listen: { host: '127.0.0.1', port: 0 },
    admin: { port: 0 },
    auth: { issuers: [{ issuer: 'https://bench', audience: 'bench', jwks_file: 'jwks.json' }] },
    // Only the requests of the bench ask: no refresher in between.
    refresh: { interval: '1h' },
    regions: regions.map(({ region_name, endpoints }) => ({ region_name, ...endpoints })),
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const gateway = spawnNode(['src/main.ts', '--config', join(folder, 'config.json')])
  const { url } = JSON.parse(await firstLine(gateway, /listening/)) as { url: string }
  return {
    regions,
    url,
    headers: { authorization: `Bearer ${token(privateKey)}` },
    stop() {
      gateway.kill('SIGKILL')
      simulator.kill('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function spawnNode(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
}

async function firstLine(child: ChildProcess, wanted: RegExp): Promise<string> {
  if (child.stdout === null) throw new Error('no output')
  for await (const line of createInterface(child.stdout)) if (wanted.test(line)) return line
  throw new Error('the process ended before it was ready')
}

function token(key: Parameters<typeof sign>[2] & object): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: 'https://bench',
    aud: 'bench',
    sub: 'bench',
    roles: ['operator'],
    iat: now,
    exp: now + 86_400,
  }
  const body = `${part({ alg: 'ES256', typ: 'JWT', kid: 'bench' })}.${part(claims)}`
  const signature = sign('sha256', Buffer.from(body), { key: key as never, dsaEncoding: 'ieee-p1363' })
  return `${body}.${signature.toString('base64url')}`
}
