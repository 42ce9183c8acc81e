import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'

const main = join(import.meta.dirname, '../../src/main.ts')

/** The gateway while it reads a configuration that has no end: how it ends after a signal. */
async function endsWith(
  signal: 'SIGTERM' | 'SIGINT' | 'SIGUSR2',
  nodeFlags: readonly string[] = [],
): Promise<{ readonly exit: unknown; readonly told: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-early-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const pipe = join(folder, 'fleet.yaml')
  execFileSync('mkfifo', [pipe])
  const child = spawn(process.execPath, [...nodeFlags, main, '--config', pipe])
  const ended = once(child, 'exit')
  const told = text(child.stderr)
  // Opens when the gateway opens the other end.
  const writing = await open(pipe, 'w')
  onTestFinished(() => writing.close())
  child.kill(signal)
  // Node waits for a read that has begun, whatever ends it.
  while (child.exitCode === null && child.signalCode === null) {
    await writing.write('#\n').catch(() => undefined)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { exit: await ended, told: await told }
}

// Without a listener of its own the signal would end it here, but not where it is process 1 of a container.
test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends it while it still reads its configuration',
  async (signal) => {
    expect(await endsWith(signal)).toEqual({ exit: [0, null], told: '' })
  },
)

test('a fault that nothing handles ends it there too, and is told with its stack', async () => {
  const fault = encodeURIComponent('Promise.reject(new Error("planted"))')
  const planted = `data:text/javascript,process.on('SIGUSR2',()=>{${fault}})`
  const { exit, told } = await endsWith('SIGUSR2', ['--import', planted])
  expect(exit).toEqual([1, null])
  expect(told).toMatch(/^Error: planted\n {4}at /)
})
