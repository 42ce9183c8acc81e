import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './lock.ts'

/** Where image.sh builds. */
export const built = join(root, 'build/image')

const run = promisify(execFile)
const settings = [
  ['--root', join(built, 'store'), '--runroot', '/run/containers'],
  ['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file'],
].flat()
// Health is asked by the tests: there is no systemd that would have timers for it.
const env = { ...process.env, DISABLE_HC_SYSTEMD: 'true' }

/** Runs podman on the store that image.sh has built into, below alone.sh, and gives what it says. */
export async function podman(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('podman', [...settings, ...args], { env, maxBuffer: 2 ** 26 })
  return stdout.trim()
}

/** What podman knows of a thing. */
export async function inspect(kind: 'image' | 'container' | 'pod', name: string): Promise<unknown> {
  const said: unknown = JSON.parse(await podman(kind, 'inspect', name))
  // Of pods it tells one, of others a list.
  return Array.isArray(said) ? said[0] : said
}

/** The exit code that podman ended with; of `run` and `exec` it is the command's. */
export function codeOf(...args: readonly string[]): Promise<unknown> {
  return podman(...args).then(
    () => 0,
    (error: { readonly code: unknown }) => error.code,
  )
}
