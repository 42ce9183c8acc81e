import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const source = join(import.meta.dirname, '../../src/demo')

test(
  'the demo starts, answers with the token it prints, and leaves nothing',
  { timeout: 90_000 },
  async () => {
    const [port, adminPort] = [await freePort(), await freePort()]
    const demo = start(
      'main.ts',
      '--regions',
      '30',
      '--port',
      String(port),
      '--admin-port',
      String(adminPort),
    )
    const printed = await demo.until(/Ctrl-C stops everything/)
    const token = /export TOKEN=(\S+)/.exec(printed)?.[1] ?? ''
    const files = filesOf(printed)
    const api = `http://127.0.0.1:${port}`
    expect(printed).toContain(`${api}/v1/release?show=deploying`)

    expect((await fetch(`${api}/v1/release`)).status).toBe(401)
    const answer = await fetch(`${api}/v1/release`, { headers: { Authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(200)
    const releases = (await answer.json()) as { release_id: string; region_name: string }[]
    expect(releases.some((release) => release.region_name === 'RegionOne')).toBe(true)
    expect(answer.headers.get('fleet-regions')).toMatch(/total=30/)
    const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()
    expect(metrics).toContain('stx_fleet_regions')

    const command = start('token.ts', '--port', String(port), '--regions', 'RegionOne')
    const narrow = (await command.until(/\n/)).trim()
    const scoped = await fetch(`${api}/v1/release`, { headers: { Authorization: `Bearer ${narrow}` } })
    const seen = (await scoped.json()) as { region_name: string }[]
    expect(new Set(seen.map((release) => release.region_name))).toEqual(new Set(['RegionOne']))

    const children = childrenOf(demo.pid)
    expect(children).toHaveLength(2)
    demo.kill('SIGINT')
    expect(await demo.exit).toEqual([0, null])
    expect(children.filter(isAlive)).toEqual([])
    expect(existsSync(filesOf(printed))).toBe(false)
    expect(files).toContain('stx-fleet-gateway-demo-')
  },
)

test(
  'with --discover the regions are found over TLS, all of them counted, and nothing is left',
  { timeout: 120_000 },
  async () => {
    const [port, adminPort] = [await freePort(), await freePort()]
    const flags = ['--regions', '30', '--port', String(port), '--admin-port', String(adminPort), '--discover']
    const demo = start('main.ts', ...flags)
    const printed = await demo.until(/Ctrl-C stops everything/)
    const folder = filesOf(printed)
    const written = JSON.parse(readFileSync(join(folder, 'gateway.json'), 'utf8')) as object
    expect(written).not.toHaveProperty('regions')
    expect(written).toMatchObject({
      discovery: [{ kind: 'dcmanager' }],
      upstream: { ca_file: expect.any(String) as string },
    })

    const admin = `http://127.0.0.1:${adminPort}`
    const found = (await (await fetch(`${admin}/discovery`)).json()) as Discovered
    expect(found).toMatchObject({ conflicts: [], sources: [{ regions: 30, notes: [] }] })
    expect(found.sources[0]?.source).toMatch(/^dcmanager https:/)

    // Who there is, and who is well, the simulator says.
    const control = /simulator +(\S+)\/regions/.exec(printed)?.[1] ?? ''
    const truth = (await (await fetch(`${control}/truth`)).json()) as Truth[]
    const counted = async (): Promise<Set<string | undefined>> => {
      const metrics = await (await fetch(`${admin}/metrics`)).text()
      return new Set(
        [...metrics.matchAll(/^stx_region_up\{region_name="([^"]+)"\}/gm)].map(([, name]) => name),
      )
    }
    // Dark ones are counted when their first ask has come to its end.
    const all = new Set(truth.map(({ region_name }) => region_name))
    await expect.poll(counted, { timeout: 60_000 }).toEqual(all)
    const headers = { Authorization: `Bearer ${/export TOKEN=(\S+)/.exec(printed)?.[1]}` }
    const answer = await fetch(`http://127.0.0.1:${port}/v1/release`, { headers })
    expect(answer.headers.get('fleet-regions')).toMatch(/^total=30,/)
    const told = new Set(((await answer.json()) as Release[]).map(({ region_name }) => region_name))
    const well = truth.filter(
      ({ faults, releases }) => Object.keys(faults).length === 0 && releases.length > 0,
    )
    expect(well.filter(({ region_name }) => !told.has(region_name))).toEqual([])
    expect(well.length).toBeGreaterThan(15)

    const children = childrenOf(demo.pid)
    expect(children).toHaveLength(2)
    demo.kill('SIGINT')
    expect(await demo.exit).toEqual([0, null])
    expect(children.filter(isAlive)).toEqual([])
    expect(existsSync(folder)).toBe(false)
  },
)

interface Discovered {
  readonly conflicts: readonly string[]
  readonly sources: readonly { readonly source: string }[]
}
interface Release {
  readonly region_name: string
}
interface Truth {
  readonly region_name: string
  readonly releases: readonly unknown[]
  readonly faults: Readonly<Record<string, unknown>>
}

test('a port in use is one clear line', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const demo = start('main.ts', '--regions', '3', '--port', String(port))
  expect(await demo.exit).toEqual([1, null])
  expect(demo.errors()).toBe(`demo: port ${port} is in use: choose another one with --port\n`)
})

test('when a child dies, the demo ends with what it said', { timeout: 60_000 }, async () => {
  const [port, adminPort] = [await freePort(), await freePort()]
  const demo = start('main.ts', '--regions', '3', '--port', String(port), '--admin-port', String(adminPort))
  const printed = await demo.until(/Ctrl-C stops everything/)
  const [simulator] = childrenOf(demo.pid)
  if (simulator === undefined) throw new Error('the demo has no children')
  process.kill(simulator, 'SIGKILL')
  expect(await demo.exit).toEqual([1, null])
  expect(demo.errors()).toMatch(/^demo: the (simulator|gateway) ended with SIGKILL/)
  expect(existsSync(filesOf(printed))).toBe(false)
})

function start(program: string, ...args: string[]) {
  const child = spawn(process.execPath, [join(source, program), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGTERM'))
  let output = ''
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += String(chunk)))
  const exit = once(child, 'close')
  return {
    pid: child.pid ?? 0,
    exit,
    errors: () => errors,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** What was printed, once it matches. */
    until: (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        child.stdout.on('data', (chunk: Buffer) => {
          output += String(chunk)
          if (pattern.test(output)) resolve(output)
        })
        void exit.then(() => reject(new Error(`ended early: ${errors}`)))
      }),
  }
}

/** From /proc: the children are in process groups of their own. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => parentOf(candidate) === pid)
}

/** The private folder that a demo says it has. */
function filesOf(printed: string): string {
  return /files +(\S+)/.exec(printed)?.[1] ?? ''
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
