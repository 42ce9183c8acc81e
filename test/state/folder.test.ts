import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { holdFolder } from '../../src/state/folder.ts'
import { createFolder } from './folder.ts'

const hold = join(import.meta.dirname, 'hold-folder.ts')

test('a folder is made for its owner only, and held by one gateway at a time', async () => {
  const { file } = await createFolder()
  const folder = file('deep/state')
  const first = await holdFolder(folder)
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  await expect(holdFolder(folder)).rejects.toThrow(`${folder} is in use by another gateway`)
  first.release()
  const second = await holdFolder(folder)
  second.release()
})

test('another process is seen; one that was killed holds nothing', async () => {
  const { path } = await createFolder()
  const other = spawn(process.execPath, [hold, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(other.stdout, 'data')
  await expect(holdFolder(path)).rejects.toThrow('in use by another gateway')
  const ended = once(other, 'exit')
  other.kill('SIGKILL')
  await ended
  const held = await holdFolder(path)
  await expect(promisify(execFile)(process.execPath, [hold, path])).rejects.toThrow(
    'in use by another gateway',
  )
  held.release()
})

test('a lock that holds other bytes is no hindrance', async () => {
  const { path, file } = await createFolder()
  await writeFile(file('lock'), 'nonsense'.repeat(1_000))
  const held = await holdFolder(path)
  await expect(holdFolder(path)).rejects.toThrow('in use by another gateway')
  held.release()
})
