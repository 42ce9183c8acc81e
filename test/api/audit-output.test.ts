import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

// Audit lines on the standard output of a process of its own, which ends as soon as the log is closed.

const lines = 4_000

function writeLines(begin: string): ChildProcessWithoutNullStreams {
  const module = join(import.meta.dirname, '../../src/api/audit-log.ts')
  const script = `
    const { openAudit } = await import(${JSON.stringify(module)})
    const audit = await openAudit(undefined)
    ${begin}
    for (let i = 0; i < ${lines}; i++) audit.write({ i, filler: 'x'.repeat(200) })
    await audit.close()
    process.exit(0)`
  return spawn(process.execPath, ['--input-type=module', '--eval', script])
}

test('its reader is slow: the process ends when all of them are taken', async () => {
  const child = writeLines(`process.stderr.write('begun')`)
  const ended = once(child, 'exit')
  // More than fits into a pipe is written before the first is read.
  await once(child.stderr, 'data')
  expect((await text(child.stdout)).trim().split('\n')).toHaveLength(lines)
  expect(await ended).toEqual([0, null])
})

test('its reader is gone: the process goes on, and they are told on standard error', async () => {
  const child = writeLines(`await new Promise((resolve) => process.stdin.once('data', resolve))`)
  const ended = once(child, 'exit')
  child.stdout.destroy()
  await once(child.stdout, 'close')
  child.stdin.write('go on')
  const told = (await text(child.stderr)).trim().split('\n')
  expect(told).toHaveLength(lines)
  expect(told.at(-1)).toMatch(/^audit log: .*: \{"audit":\{"i":3999,/)
  expect(await ended).toEqual([0, null])
})
