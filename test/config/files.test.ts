import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { changes } from '../../src/config/changes.ts'
import { digestsOf, namedFiles, watchFiles } from '../../src/config/files.ts'
import { parseConfig } from '../../src/config/parse.ts'
import type { Config } from '../../src/config/schema.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stx-fleet-files-'))
})
afterEach(() => rm(folder, { recursive: true }))

const written = {
  auth: { issuers: [{ issuer: 'https://idp.example', audience: 'gateway', jwks_file: 'jwks.json' }] },
  credentials: { fleet: { username: 'fleet', password_file: 'password' } },
  upstream: { ca_file: 'ca.pem' },
  listen: { tls: { cert_file: 'cert.pem', key_file: 'key.pem' } },
  regions: [
    {
      region_name: 'east',
      usm: 'http://10.0.0.1:5497',
      listen: { port: 8081, tls: { cert_file: 'east.pem', key_file: 'east.key' } },
    },
  ],
}
const configOf = (more: object = {}): Config =>
  parseConfig(JSON.stringify({ ...written, ...more }), join(folder, 'gateway.json'))

test('every file that is read is named, with its key', () => {
  expect(namedFiles(configOf()).map(([key, file]) => [key, file.slice(folder.length + 1)])).toEqual([
    ['auth.issuers.0.jwks_file', 'jwks.json'],
    ['credentials.fleet.password_file', 'password'],
    ['upstream.ca_file', 'ca.pem'],
    ['listen.tls.cert_file', 'cert.pem'],
    ['listen.tls.key_file', 'key.pem'],
    ['regions.0.listen.tls.cert_file', 'east.pem'],
    ['regions.0.listen.tls.key_file', 'east.key'],
  ])
})

test.each([
  ['jwks.json', 'callers'],
  ['password', 'outside'],
  ['ca.pem', 'outside'],
  ['cert.pem', 'neither'],
])('another %s concerns %s', async (file, whom) => {
  const before = await digestsOf(configOf())
  await writeFile(join(folder, file), '')
  const empty = await digestsOf(configOf())
  await writeFile(join(folder, file), 'x')
  const after = await digestsOf(configOf())
  for (const key of ['callers', 'outside'] as const) {
    expect(new Set([before[key], empty[key], after[key]]).size).toBe(key === whom ? 3 : 1)
  }
})

test.each<[string, object, ReturnType<typeof changes>]>([
  ['nothing', {}, { atNextStart: [], outside: false, callers: false }],
  ['regions', { regions: [{ region_name: 'x', usm: 'http://x' }, ...written.regions] }, plain()],
  ['refresh', { refresh: { interval: '1s' } }, plain()],
  ['upstream', { upstream: { ca_file: 'ca.pem', read_timeout: '1h' } }, plain({ outside: true })],
  [
    'credentials',
    { credentials: { fleet: { username: 'other', password_file: 'password' } } },
    plain({ outside: true }),
  ],
  ['auth', { auth: { issuers: [{ issuer: 'https://x', audience: 'y' }] } }, plain({ callers: true })],
  ['listen', { listen: { port: 1 } }, plain({ atNextStart: ['listen'] })],
  [
    'the rest of what is opened once',
    { admin: { port: 1 }, upload: { dir: 'x' }, audit: { file: 'x' }, regions: [] },
    plain({ atNextStart: ['admin', 'upload', 'audit', 'regions[].listen'] }),
  ],
])('what another configuration changes: %s', (_, more, expected) => {
  expect(changes(configOf(), configOf(more))).toEqual(expected)
})

function plain(more: Partial<ReturnType<typeof changes>> = {}): ReturnType<typeof changes> {
  return { atNextStart: [], outside: false, callers: false, ...more }
}

test('a file that a link leads to is seen to change when the link does, as a mounted ConfigMap does', async () => {
  for (const version of ['1', '2']) {
    await mkdir(join(folder, version))
    await writeFile(join(folder, version, 'password'), `password ${version}`)
  }
  await symlink('1', join(folder, 'data'))
  await symlink('data/password', join(folder, 'password'))
  let changed = 0
  const watch = watchFiles(() => changed++)
  watch.set([join(folder, 'password')])
  const before = await digestsOf(configOf())

  await symlink('2', join(folder, 'data.new'))
  await rename(join(folder, 'data.new'), join(folder, 'data'))
  await expect.poll(() => changed, { timeout: 20_000 }).toBe(1)
  watch.stop()
  expect((await digestsOf(configOf())).outside).not.toBe(before.outside)
})
