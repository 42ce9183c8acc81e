import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { unreadableFiles } from '../../src/config/unreadable.ts'

test('every file that cannot be read is named with its path in the configuration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stx-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'jwks.json'), '{}')
  const config = parseConfig(
    `
auth: { issuers: [{ issuer: a, audience: b, jwks_file: jwks.json }, { issuer: c, audience: d, jwks_file: gone.json }] }
credentials: { default: { username: fleet, password_file: password } }
upstream: { ca_file: ca.pem }
`,
    join(folder, 'fleet.yaml'),
  )
  expect(await unreadableFiles(config)).toEqual([
    `auth.issuers.1.jwks_file: ${join(folder, 'gone.json')} cannot be read`,
    `credentials.default.password_file: ${join(folder, 'password')} cannot be read`,
    `upstream.ca_file: ${join(folder, 'ca.pem')} cannot be read`,
  ])
})

test('a folder for state that cannot be written is named too; one that is not there yet can be made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stx-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'file'), '')
  const mistakesOf = async (path: string): Promise<string[]> => {
    const text = `{ auth: { issuers: [{ issuer: a, audience: b }] }, state_dir: ${path} }`
    return unreadableFiles(parseConfig(text, join(folder, 'fleet.yaml')))
  }
  for (const path of ['.', 'state', 'deep/state']) expect(await mistakesOf(path)).toEqual([])
  for (const path of ['file', 'file/state', 'file/deep/state']) {
    expect(await mistakesOf(path)).toEqual([`state_dir: ${join(folder, path)} cannot be written`])
  }
  expect(await readdir(folder)).toEqual(['file'])
})
