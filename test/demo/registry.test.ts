import { chmod, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRegistry, folderPrefix } from '../../src/demo/registry.ts'
import type { RunningDemo } from '../../src/demo/registry.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'demo-registry-'))
})
afterEach(() => rm(root, { recursive: true }))

const demoOn = (port: number, pid = process.pid): RunningDemo => {
  const folder = join(root, `${folderPrefix}${port}`)
  return { port, pid, folder, keyFile: join(folder, 'key.json') }
}
/** No process has it: beyond what Linux gives. */
const deadPid = 2 ** 22 + 1

test('the only demo is found without its port, one of several with it', async () => {
  const registry = createRegistry(root)
  await registry.add(demoOn(8080))
  expect(await registry.find(undefined)).toEqual(demoOn(8080))
  await registry.add(demoOn(8081))
  expect(await registry.find(8081)).toEqual(demoOn(8081))
  await expect(registry.find(undefined)).rejects.toThrow(
    'several demos run (ports 8080, 8081): say which with --port',
  )
  await expect(registry.find(9)).rejects.toThrow('no demo runs on port 9, but on 8080, 8081')
  await registry.remove(8080)
  expect(await registry.find(undefined)).toEqual(demoOn(8081))
})

test('none', async () => {
  await expect(createRegistry(root).find(undefined)).rejects.toThrow('no demo runs: start one')
})

test('what a killed demo left behind is removed, its key as well', async () => {
  const registry = createRegistry(root)
  const dead = demoOn(8080, deadPid)
  await mkdir(dead.folder)
  await registry.add(dead)
  await registry.add(demoOn(8081))
  expect(await registry.list()).toEqual([demoOn(8081)])
  await expect(stat(dead.folder)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('an entry never makes it remove a folder that is not a demo', async () => {
  const registry = createRegistry(root)
  const precious = join(root, 'precious')
  await mkdir(precious)
  await registry.add({ ...demoOn(8080, deadPid), folder: precious })
  expect(await registry.list()).toEqual([])
  expect(await readdir(root)).toContain('precious')
})

test('a folder that others may read is refused', async () => {
  const registry = createRegistry(root)
  await registry.list()
  await chmod(join(root, `stx-fleet-gateway-demos-${userInfo().uid}`), 0o755)
  await expect(registry.list()).rejects.toThrow('not a private folder')
})
