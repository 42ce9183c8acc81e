import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { unreadableFiles } from '../../src/config/unreadable.ts'
import { createCertificate } from '../support/certificate.ts'

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

test('a certificate that cannot be used is named, and one with the key of another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stx-config-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const [one, other] = [createCertificate('DNS:one'), createCertificate('DNS:other')]
  await writeFile(join(folder, 'one.pem'), one.cert)
  await writeFile(join(folder, 'one.key'), one.key)
  await writeFile(join(folder, 'other.key'), other.key)
  const mistakesOf = (cert_file: string, key_file: string): Promise<string[]> => {
    const auth = { issuers: [{ issuer: 'a', audience: 'b' }] }
    const tls = { cert_file, key_file }
    const regions = [{ region_name: 'east', usm: 'http://east', listen: { port: 1, tls } }]
    return unreadableFiles(parseConfig(JSON.stringify({ auth, regions }), join(folder, 'fleet.yaml')))
  }
  expect(await mistakesOf('one.pem', 'one.key')).toEqual([])
  for (const [cert, key] of [
    ['one.pem', 'other.key'],
    ['one.key', 'one.key'],
  ] as const) {
    const named = `regions.0.listen.tls: ${join(folder, cert)} and ${join(folder, key)} cannot be used: error:`
    expect(await mistakesOf(cert, key)).toEqual([expect.stringContaining(named)])
  }
})
