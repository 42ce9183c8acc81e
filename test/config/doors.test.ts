import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { unreadableFiles } from '../../src/config/unreadable.ts'
import { issuers, mistakesOf, parse } from './parse.ts'

// What the doors of one region can be told.

const region = (more: string): string => `${issuers}regions: [{ region_name: a, usm: "http://x", ${more} }]`
/** Where its value stands, and what is wrong with it. */
const wrong = (path: string, message = ''): unknown[] => [
  expect.stringMatching(new RegExp(`^\\d+:\\d+ ${path.replaceAll('.', '\\.')}: .*${message}`)),
]

describe('listen', () => {
  test('of a region: a port at least', () => {
    const [a] = parse(region('listen: { port: 8081 }')).regions
    expect(a?.listen).toEqual({ host: '0.0.0.0', port: 8081 })
    const tls = parse(region('listen: { port: 1, host: "::1", tls: { cert_file: c.pem, key_file: /k.pem } }'))
      .regions[0]?.listen
    expect(tls).toEqual({ host: '::1', port: 1, tls: { cert_file: '/etc/fleet/c.pem', key_file: '/k.pem' } })
  })

  test.each<[string, string, string]>([
    ['listen: {}', 'regions.0.listen.port', 'missing'],
    ['listen: { port: 65536 }', 'regions.0.listen.port', 'Too big'],
    ['listen: { port: -1 }', 'regions.0.listen.port', 'Too small'],
    ['listen: { port: "80" }', 'regions.0.listen.port', 'expected number'],
    ['listen: { port: 80.5 }', 'regions.0.listen.port', 'expected int'],
    ['listen: { port: 1, anonymous_role: reader }', 'regions.0.listen.anonymous_role', 'unknown key'],
    ['listen: { port: 1, tls: {} }', 'regions.0.listen.tls.cert_file', 'missing'],
    ['listen: { port: 1, tls: { cert_file: a, key_file: "" } }', 'regions.0.listen.tls.key_file', ''],
    [
      'listen: { port: 1, tls: { cert_file: a, key_file: b, ca: c } }',
      'regions.0.listen.tls.ca',
      'unknown key',
    ],
    ['sw_patch_listen: {}', 'regions.0.sw_patch_listen.port', 'missing'],
    ['sw_patch_listen: { port: 1, anonymous_role: root }', 'regions.0.sw_patch_listen.anonymous_role', ''],
    [
      'sw_patch_listen: { port: 1, tls: { cert_file: a, key_file: b } }',
      'regions.0.sw_patch_listen.tls',
      'unknown key',
    ],
  ])('%s', (more, path, message) => {
    expect(mistakesOf(region(more))[0]).toEqual(wrong(path, message)[0])
  })

  test('sw_patch_listen is for this machine only, and reads by default', () => {
    expect(parse(region('sw_patch_listen: { port: 1 }')).regions[0]?.sw_patch_listen).toEqual({
      host: '127.0.0.1',
      port: 1,
      anonymous_role: 'reader',
    })
    for (const host of ['127.0.0.1', '127.8.9.10', '::1', 'localhost']) {
      expect(parse(region(`sw_patch_listen: { port: 1, host: "${host}" }`)).regions).toHaveLength(1)
    }
    for (const host of [
      '0.0.0.0',
      '::',
      '10.0.0.1',
      '',
      '127.0.0.1.example',
      '1127.0.0.1',
      '127.0.0',
      'localhost.example',
      '::ffff:127.0.0.1',
    ]) {
      expect(mistakesOf(region(`sw_patch_listen: { port: 1, host: "${host}" }`))).toEqual(
        wrong('regions.0.sw_patch_listen.host', 'not a loopback address'),
      )
    }
  })

  test('of the whole fleet: with TLS or without', () => {
    expect(parse(`${issuers}listen: { tls: { cert_file: c, key_file: k } }`).listen).toMatchObject({
      port: 8080,
      tls: { cert_file: '/etc/fleet/c', key_file: '/etc/fleet/k' },
    })
    expect(mistakesOf(`${issuers}listen: { tls: { cert_file: c } }`)).toEqual(
      wrong('listen.tls.key_file', 'missing'),
    )
    expect(mistakesOf(`${issuers}admin: { tls: { cert_file: c, key_file: k } }`)).toEqual(
      wrong('admin.tls', 'unknown key'),
    )
  })

  test('its files must be there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-config-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'c'), '')
    const tls = `tls: { cert_file: ${folder}/c, key_file: ${folder}/k }`
    const text = `${region(`listen: { port: 1, ${tls} }`)}\nlisten: { ${tls} }`
    expect((await unreadableFiles(parse(text))).filter((each) => each.includes('listen'))).toEqual([
      `listen.tls.key_file: ${folder}/k cannot be read`,
      `regions.0.listen.tls.key_file: ${folder}/k cannot be read`,
    ])
  })
})

test.each<[string, string, string]>([
  ['upload: { dir: "" }', 'upload.dir', ''],
  ['upload: { reserve: 1GB }', 'upload.reserve', 'not a size'],
  ['upload: { reserve: -1 }', 'upload.reserve', 'Too small'],
  ['upload: { idle_timeout: 0s }', 'upload.idle_timeout', 'more than 0'],
  ['upload: { keep: true }', 'upload.keep', 'unknown key'],
  ['writes: { max_per_caller: 0 }', 'writes.max_per_caller', 'Too small'],
  ['writes: { max_per_caller: 1.5 }', 'writes.max_per_caller', 'expected int'],
  ['writes: { max_per_caller: many }', 'writes.max_per_caller', 'expected number'],
  ['writes: { max: 1 }', 'writes.max', 'unknown key'],
  ['upstream: { write_timeouts: { quick: 0s } }', 'upstream.write_timeouts.quick', 'more than 0'],
  ['upstream: { write_timeouts: { upload: soon } }', 'upstream.write_timeouts.upload', 'not a duration'],
  ['upstream: { write_timeouts: { slow: 1s } }', 'upstream.write_timeouts.slow', 'unknown key'],
  ['upstream: { write_timeouts: 5s }', 'upstream.write_timeouts', 'expected object'],
  ['audit: {}', 'audit.file', 'missing'],
  ['audit: { file: "" }', 'audit.file', ''],
])('a mistake: %s', (text, path, message) => {
  expect(mistakesOf(issuers + text)).toEqual(wrong(path, message))
})

test('what is given is taken, the rest keeps its default', () => {
  const { upload, writes, upstream, regions } = parse(`${region('usm_release_writes: "http://y:5497"')}
upload: { dir: spool, reserve: 5GiB }
writes: { max_per_caller: 3 }
upstream: { write_timeouts: { quick: 1m } }
`)
  expect(upload).toMatchObject({ dir: '/etc/fleet/spool', reserve: 5 * 2 ** 30, max_size: 20 * 2 ** 30 })
  expect(writes).toEqual({ max_per_caller: 3 })
  expect(upstream.write_timeouts).toMatchObject({ quick: 60_000, precheck: 600_000 })
  expect(regions[0]?.usm_release_writes?.href).toBe('http://y:5497/')
  for (const url of ['http://y/v1', 'ftp://y', 'http://u:p@y']) {
    expect(mistakesOf(region(`usm_release_writes: "${url}"`))).toEqual(wrong('regions.0.usm_release_writes'))
  }
})
