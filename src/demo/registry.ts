import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** A demo that runs: what the token command needs to find it. */
export interface RunningDemo {
  readonly port: number
  readonly pid: number
  readonly keyFile: string
  /** Its private folder, removed with it. */
  readonly folder: string
}

/** All private folders begin so. */
export const folderPrefix = 'stx-fleet-gateway-demo-'

/** The user's own folder of running demos; `root` is the system's temporary folder unless a test says otherwise. */
export function createRegistry(root: string = tmpdir()) {
  const folder = join(root, `stx-fleet-gateway-demos-${userInfo().uid}`)
  const entry = (port: number) => join(folder, `${port}.json`)

  const list = async (): Promise<RunningDemo[]> => {
    await openPrivately(folder)
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json'))
    const found = await Promise.all(names.map((name) => readEntry(join(folder, name))))
    const running: RunningDemo[] = []
    for (const [i, demo] of found.entries()) {
      if (demo && isAlive(demo.pid)) running.push(demo)
      else await forget(join(folder, names[i] ?? ''), demo, root)
    }
    return running.sort((a, b) => a.port - b.port)
  }

  return {
    /** The demos that run, by port; what a dead one left behind is removed. */
    list,
    async add(demo: RunningDemo): Promise<void> {
      await openPrivately(folder)
      await writeFile(entry(demo.port), JSON.stringify(demo), { mode: 0o600 })
    },
    async remove(port: number): Promise<void> {
      await rm(entry(port), { force: true })
    },
    /** The demo on this port, or the only one that runs; throws a sentence otherwise. */
    async find(port: number | undefined): Promise<RunningDemo> {
      const demos = await list()
      const wanted = port === undefined ? demos : demos.filter((demo) => demo.port === port)
      const [only, ...others] = wanted
      if (only && others.length === 0) return only
      const ports = demos.map((demo) => demo.port).join(', ')
      if (demos.length === 0) throw new Error('no demo runs: start one with `npm run demo`')
      throw new Error(
        port === undefined
          ? `several demos run (ports ${ports}): say which with --port`
          : `no demo runs on port ${port}, but on ${ports}`,
      )
    },
  }
}

async function openPrivately(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700, recursive: true })
  const found = await lstat(folder)
  const ours = found.isDirectory() && found.uid === userInfo().uid && (found.mode & 0o077) === 0
  if (!ours) throw new Error(`${folder} is not a private folder of this user: remove it`)
}

async function readEntry(file: string): Promise<RunningDemo | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as RunningDemo
  } catch {
    return undefined
  }
}

/** A killed demo can't clean up: its key must not stay. */
async function forget(file: string, demo: RunningDemo | undefined, root: string): Promise<void> {
  await rm(file, { force: true })
  if (demo?.folder.startsWith(join(root, folderPrefix))) {
    await rm(demo.folder, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
