import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Child } from './child.ts'
import { startChild } from './child.ts'
import type { DemoCloud } from './discovery.ts'
import { cloudFlags, createAccount } from './discovery.ts'
import type { DemoRegion } from './gatewayConfig.ts'
import { gatewayConfig } from './gatewayConfig.ts'
import { createKeyFiles, signToken } from './key.ts'
import { numberFlag, portFlag } from './flags.ts'
import { assertFree } from './ports.ts'
import { waitUntilReady } from './readiness.ts'
import { createRegistry, folderPrefix } from './registry.ts'
import { assertPrometheus } from './scraping.ts'
import { welcome } from './welcome.ts'

interface Flags {
  readonly regions: number
  readonly port: number
  readonly adminPort: number
  readonly seed: number
  readonly discover?: true
  readonly prometheus?: true
  readonly prometheusPort: number
}

const flags = new Command('demo')
  .description('A simulated fleet and the gateway in front of it; nothing is needed and nothing stays.')
  .option('--regions <n>', 'how many regions', numberFlag, 200)
  .option('--port <port>', 'where the gateway listens', portFlag, 8080)
  .option('--admin-port <port>', 'where its metrics are', portFlag, 9464)
  .option('--seed <n>', 'the same seed gives the same fleet', numberFlag, 1)
  .option('--discover', 'regions are found at the system controller, with logins and TLS, instead of listed')
  .option('--prometheus', "Debian's Prometheus too, with our rules, scraping the gateway")
  .option('--prometheus-port <port>', 'where it listens', portFlag, 9090)
  .parse()
  .opts<Flags>()

const source = join(import.meta.dirname, '..')
const children: Child[] = []
const registry = createRegistry()
const stopping = new AbortController()

/** Rejects as soon as there is a reason to end; every wait is raced against it. */
const over = Promise.withResolvers<never>()
over.promise.catch(() => undefined)
const orOver = <T>(step: Promise<T>): Promise<T> => Promise.race([step, over.promise])

/** The user's wish: no failure. */
const asked = new Error('stopped')
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    over.reject(asked)
    stopping.abort()
  })
}

const run = (name: string, program: string, args: readonly string[], folder: string): Child => {
  const child = startChild(name, join(source, program), args, join(folder, `${name}.log`))
  children.push(child)
  void child.ended.then((how) => {
    over.reject(new Error(`${how}\n${child.lastLines()}`.trim()))
    stopping.abort()
  })
  return child
}

async function demo(folder: string): Promise<void> {
  const api = `http://127.0.0.1:${flags.port}`
  const admin = `http://127.0.0.1:${flags.adminPort}`
  const { jwksFile, keyFile } = await orOver(createKeyFiles(folder))
  const fleet = ['--regions', String(flags.regions), '--seed', String(flags.seed), '--profile', 'noc']
  const account = flags.discover ? await orOver(createAccount(folder)) : undefined
  const parts = account ? cloudFlags(account, folder) : []
  const simulator = run('simulator', 'simulator/main.ts', [...fleet, '--advance', '20000', ...parts], folder)
  const cloud = JSON.parse(await orOver(simulator.firstLine)) as { control: string } & DemoCloud
  const { control } = cloud
  const regions = await orOver(getJson<DemoRegion[]>(`${control}/regions`))

  const configFile = join(folder, 'gateway.json')
  const { port, adminPort } = flags
  const discover = account && { discover: { cloud, account } }
  const config = gatewayConfig({ port, adminPort, jwksFile, regions, ...discover })
  await orOver(writeFile(configFile, config, { mode: 0o600 }))
  run('gateway', 'main.ts', ['--config', configFile], folder)
  await orOver(registry.add({ port, pid: process.pid, keyFile, folder }))
  const readiness = await orOver(waitUntilReady(admin, 30_000, stopping.signal))
  if (readiness === 'no answer') throw new Error(`the gateway did not answer ${admin}/readyz within 30 s`)
  if (readiness === 'not yet') {
    process.stdout.write('After 30 s the gateway has not yet asked every region; it goes on doing so.\n')
  }
  const scraping = flags.prometheus
    ? run(
        'prometheus',
        'demo/prometheus.ts',
        [String(flags.prometheusPort), `127.0.0.1:${adminPort}`, folder],
        folder,
      )
    : undefined
  const prometheus = scraping && (await orOver(scraping.firstLine))
  const truth = await orOver(getJson<Truth[]>(`${control}/truth`))
  const deploying = truth.find((region) => region.deployment && Object.keys(region.faults).length === 0)
  const token = await orOver(signToken(keyFile, { roles: ['reader'], regions: ['*'], ttlSeconds: 12 * 3600 }))
  process.stdout.write(
    welcome({
      api,
      admin,
      control,
      folder,
      token,
      regions,
      discovered: account !== undefined,
      prometheus,
      unwell: truth.filter((region) => Object.keys(region.faults).length > 0).length,
      deploying: regions.find((region) => region.region_name === deploying?.region_name),
    }),
  )
  await over.promise
}

interface Truth {
  readonly region_name: string
  readonly faults: Readonly<Record<string, unknown>>
  readonly deployment: unknown
}

async function getJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T
}

let folder: string | undefined
let exitCode = 0
try {
  await orOver(assertFree(flags.port, '--port'))
  await orOver(assertFree(flags.adminPort, '--admin-port'))
  if (flags.prometheus) {
    assertPrometheus()
    await orOver(assertFree(flags.prometheusPort, '--prometheus-port'))
  }
  folder = await mkdtemp(join(tmpdir(), folderPrefix))
  await demo(folder)
} catch (error) {
  if (error !== asked) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
    exitCode = 1
  }
}
await Promise.all(children.map((child) => child.stop()))
if (folder !== undefined) {
  await registry.remove(flags.port)
  await rm(folder, { recursive: true, force: true })
}
process.exit(exitCode)
