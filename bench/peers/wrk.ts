import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cpuOf, type Started } from '../stage.ts'

const root = join(import.meta.dirname, '../..')

/** Debian's nginx and wrk, installed unless they are there. */
export function installPeers(): void {
  execFileSync('sh', [join(root, 'test/setup/debian.sh'), 'nginx', 'wrk'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

export interface Asked {
  readonly path: string
  /** A server that checks none gets it all the same. */
  readonly token: string
}

export interface Load {
  readonly url: string
  readonly server: Started
  /** Asked for in turn. */
  readonly requests: readonly Asked[]
  readonly encoding: 'identity' | 'gzip'
  readonly connections: number
  readonly seconds: number
}

export interface Served {
  /** Answers a second. */
  readonly rate: number
  /** ms of the server's CPU for each answer. */
  readonly cpu: number
  readonly bytes: number
}

interface Told {
  readonly requests: number
  readonly bytes: number
  readonly us: number
  readonly failed: number
}

/** How fast a server answers one thread of wrk. Throws where an answer failed. */
export async function loadOf(load: Load): Promise<Served> {
  const before = cpuOf(load.server.pid)
  const { requests, bytes, us, failed } = await wrk(load)
  const cpu = cpuOf(load.server.pid) - before
  if (failed > 0) throw new Error(`wrk: ${failed} answers of ${load.url} failed`)
  if (requests > 0) return { rate: requests / (us / 1e6), cpu: cpu / requests, bytes: bytes / requests }
  // So busy is a machine at times, that not even one answer came.
  if (load.seconds > 30) throw new Error(`wrk: no answer of ${load.url} within ${load.seconds} s`)
  return loadOf({ ...load, seconds: load.seconds * 4 })
}

async function wrk({ url, requests, encoding, connections, seconds }: Load): Promise<Told> {
  const script = join(import.meta.dirname, 'cycle.lua')
  const flags = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`]
  const asked = requests.flatMap(({ path, token }) => [path, token])
  const args = [...flags, '--timeout', '60s', '--script', script, url, '--', encoding, ...asked]
  const { stdout } = await promisify(execFile)('wrk', args)
  return JSON.parse(stdout.slice(stdout.lastIndexOf('{'))) as Told
}
