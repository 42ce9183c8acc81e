import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const main = join(import.meta.dirname, '../../src/main.ts')

// Without a listener of its own the signal would end it here, but not where it is process 1 of a container.
test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends it while it still reads its configuration',
  async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-early-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const pipe = join(folder, 'fleet.yaml')
    execFileSync('mkfifo', [pipe])
    const child = spawn(process.execPath, [main, '--config', pipe])
    const ended = once(child, 'exit')
    // Opens when the gateway opens the other end.
    const writing = await open(pipe, 'w')
    onTestFinished(() => writing.close())
    child.kill(signal)
    // A configuration without an end. Node waits for a read that has begun, whatever ends it.
    while (child.exitCode === null && child.signalCode === null) {
      await writing.write('#\n').catch(() => undefined)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await ended).toEqual([0, null])
  },
)
