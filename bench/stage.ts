import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '..')
/** ms that a process has to end in good order. */
const patience = 3_000

export interface Started {
  readonly pid: number
  /** The next line of its output that matches; lines before it are dropped. */
  line(wanted: RegExp): Promise<string>
  kill(): void
  /** Asks it to end, and waits. */
  stop(): Promise<void>
}

/** Where a case puts its files and starts its processes. */
export interface Stage {
  /** Empty, and deleted at the end. */
  readonly folder: string
  start(command: string, args: readonly string[]): Started
  /** A script of this repository, with our own Node. */
  startNode(args: readonly string[]): Started
}

/** Runs a case; what it started is ended and its files are deleted, however it ends. */
export async function onStage<T>(play: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'stx-bench-'))
  const started: Started[] = []
  const start: Stage['start'] = (command, args) => {
    const running = startProcess(command, args)
    started.push(running)
    return running
  }
  const interrupted = (): void => {
    for (const each of started) each.kill()
    process.exit(1)
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    return await play({ folder, start, startNode: (args) => start(process.execPath, args) })
  } finally {
    await Promise.all(started.map((each) => each.stop()))
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
    rmSync(folder, { recursive: true, force: true })
  }
}

function startProcess(command: string, args: readonly string[]): Started {
  const child = spawn(command, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit').catch(() => undefined)
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    pid: child.pid ?? 0,
    async line(wanted) {
      for (;;) {
        const { value, done } = await lines.next()
        if (done === true) throw new Error(`${command} ended before it said ${wanted.source}`)
        if (wanted.test(value)) return value
      }
    },
    kill: () => void child.kill('SIGTERM'),
    stop: () => stop(child, ended),
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  await ended
  clearTimeout(timer)
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** ms of CPU that a process, its threads and its children have used. */
export function cpuOf(pid: number): number {
  return tasksOf(pid).reduce((sum, task) => {
    const [ran = '0'] = readFileSync(`${task}/schedstat`, 'utf8').split(' ')
    const children = readFileSync(`${task}/children`, 'utf8').split(' ').filter(Boolean)
    return sum + Number(ran) / 1e6 + children.reduce((all, child) => all + cpuOf(Number(child)), 0)
  }, 0)
}

/** Bytes of memory that a process holds. */
export function rssOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

function tasksOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`)
}
