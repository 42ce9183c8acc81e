import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { listen, type Listener } from '../../src/api/listen.ts'
import { createCertificate } from '../support/certificate.ts'
import { answers } from '../support/fleet-answers.ts'
import { createTestGateway } from '../support/fleet-gateway.ts'
import { release, type JsonRecord } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { exchange, rawGet } from '../support/fleet-socket.ts'

const open: Listener[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()))
})

function manyReleases(count: number): readonly JsonRecord[] {
  return Array.from({ length: count }, (_, i) =>
    release(`24.09.${i}`, 'deployed', { summary: 'é'.repeat(i % 50) }),
  )
}

/** In the order of an answer. */
function nameOf(i: number): string {
  return `r${String(i).padStart(3, '0')}`
}

/** A gateway on a real port, over regions with so many releases each. */
async function served(...counts: readonly number[]): Promise<string> {
  const regions = counts.map((_, i) => createRegion(nameOf(i)))
  const gateway = createTestGateway(regions, ({ name }) =>
    answers(manyReleases(counts[Number(name.slice(1))] ?? 0)),
  )
  const listener = await listen(gateway.app, { host: '127.0.0.1', port: 0 })
  open.push(listener)
  return listener.url
}

const token = 'X-Auth-Token: operator'

describe('over a real connection', () => {
  test.each([
    [[3], 'small'],
    [[800, 0, 1, 900], 'of few large pieces'],
    [Array.from({ length: 400 }, () => 3), 'of many small pieces'],
    [[800, ...Array.from({ length: 100 }, () => 2), 800], 'of both'],
  ])('a body has exactly the length that it says: %o (%s)', async (counts) => {
    const answer = await rawGet(await served(...counts), '/v1/release', [token])
    const records = JSON.parse(answer.body.toString('utf8')) as JsonRecord[]

    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-length')).toBe(String(answer.body.length))
    expect(answer.headers.has('transfer-encoding')).toBe(false)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('fleet-complete')).toBe('?1')
    expect(answer.headers.get('etag')).toMatch(/^"/)
    expect(answer.headers.has('x-request-id')).toBe(true)
    expect(records).toEqual(
      counts.flatMap((count, i) => manyReleases(count).map((each) => ({ region_name: nameOf(i), ...each }))),
    )
  })

  test('HEAD of a large body says its length and ends there', async () => {
    const url = await served(900)
    const [get, head] = [
      await rawGet(url, '/v1/release', [token]),
      await rawGet(url, '/v1/release', [token], 'HEAD'),
    ]
    expect([head.status, head.body.length]).toEqual([200, 0])
    expect(head.headers.get('content-length')).toBe(String(get.body.length))
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'))
  })

  test('a 304 of a large body has none', async () => {
    const url = await served(900)
    const etag = (await rawGet(url, '/v1/release', [token])).headers.get('etag') ?? ''
    const answer = await rawGet(url, '/v1/release', [token, `If-None-Match: ${etag}`])
    expect([answer.status, answer.body.length, answer.headers.get('etag')]).toEqual([304, 0, etag])
  })

  test('two answers on one connection do not run into each other', async () => {
    const url = await served(800)
    const ask = (last: boolean): string =>
      `GET /v1/release HTTP/1.1\r\nHost: gateway\r\n${token}\r\n${last ? 'Connection: close\r\n' : ''}\r\n`
    const text = (await exchange(url, ask(false) + ask(true))).toString('latin1')
    const bodies = text.split(/HTTP\/1\.1 200 OK\r\n[^]*?\r\n\r\n/).slice(1)
    expect(bodies).toHaveLength(2)
    expect(bodies[0]).toBe(bodies[1])
  })
})

describe('credentials as they stand on the wire', () => {
  const bearer = 'Authorization: Bearer operator'

  test.each<[string, string[]]>([
    ['Authorization: Bearer', [bearer]],
    ['in any case', ['authorization: bearer operator']],
    ['X-Auth-Token', [token]],
    ['OIDC-Token', ['OIDC-Token: operator']],
  ])('one is enough: %s', async (_, headers) => {
    expect((await rawGet(await served(1), '/v1/release', headers)).status).toBe(200)
  })

  test.each<[string, string[]]>([
    ['two Authorization headers', [bearer, 'Authorization: Bearer reader']],
    ['the same Authorization twice', [bearer, bearer]],
    ['Authorization and X-Auth-Token', [bearer, 'X-Auth-Token: reader']],
    ['Authorization and X-Auth-Token, both alike', [bearer, token]],
    ['X-Auth-Token twice', [token, token]],
    ['X-Auth-Token and OIDC-Token', [token, 'OIDC-Token: operator']],
    ['a good one and an empty one', [bearer, 'X-Auth-Token:']],
    ['a good one and a Basic one', [token, 'Authorization: Basic b3BlcmF0b3I6']],
  ])('more than one is a 401: %s', async (_, headers) => {
    const answer = await rawGet(await served(1), '/v1/release', headers)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="stx-fleet-gateway"')
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      error: 'more than one credential: send exactly one',
    })
  })

  test.each<[string, string[]]>([
    ['none', []],
    ['an empty X-Auth-Token', ['X-Auth-Token:']],
    ['Basic', ['Authorization: Basic b3BlcmF0b3I6']],
    ['Bearer without a token', ['Authorization: Bearer ']],
    ['Bearer with two words', ['Authorization: Bearer operator reader']],
    ['two in one header', ['Authorization: Bearer operator, Bearer reader']],
    ['a stranger', ['X-Auth-Token: stranger']],
    ['in a cookie', ['Cookie: X-Auth-Token=operator']],
  ])('%s is a 401', async (_, headers) => {
    const answer = await rawGet(await served(1), '/v1/release', headers)
    expect(answer.status).toBe(401)
    expect(answer.headers.has('www-authenticate')).toBe(true)
  })

  test('a token in the query is an unknown parameter, and no credential', async () => {
    const url = await served(1)
    expect((await rawGet(url, '/v1/release?X-Auth-Token=operator', [])).status).toBe(401)
    expect((await rawGet(url, '/v1/release?access_token=operator', [token])).status).toBe(400)
  })
})

describe('odd requests', () => {
  test.each(['/v1/show/..%2Fapply', '/v1/show/a%00b', '/v1/show/a;b'])('%s is a 400', async (path) => {
    expect((await rawGet(await served(1), path, [token])).status).toBe(400)
  })

  test.each([
    '//v1/release',
    '/v1//release',
    '/./v1/../v2',
    '/v1/release/../../etc/passwd',
    '/V1/release',
    '/%',
    '/v1/%ZZ',
  ])('%s is answered as JSON, and not with releases', async (path) => {
    const answer = await rawGet(await served(1), path, [token])
    expect([400, 404]).toContain(answer.status)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: expect.stringMatching(/./) as unknown })
  })

  test('an absolute target names no other server', async () => {
    const answer = await rawGet(await served(1), 'http://elsewhere.invalid/v1/release', [token])
    expect(answer.status).toBe(200)
  })

  test('the second of two listeners on one port is told so', async () => {
    const url = new URL(await served(1))
    const gateway = createTestGateway([], () => answers([]))
    await expect(listen(gateway.app, { host: url.hostname, port: Number(url.port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})

describe('a certificate that is renewed', () => {
  test('serves once it was read and put to use; half of a pair is never put to use', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-listen-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const tls = { cert_file: join(folder, 'cert.pem'), key_file: join(folder, 'key.pem') }
    const [old, renewed] = [createCertificate('IP:127.0.0.1'), createCertificate('IP:127.0.0.1')]
    const write = async (pair: { cert: string; key: string }): Promise<void> => {
      await writeFile(tls.cert_file, pair.cert)
      await writeFile(tls.key_file, pair.key)
    }
    await write(old)
    const { app } = createTestGateway([], () => answers([]))
    const listener = await listen(app, { host: '127.0.0.1', port: 0, tls })
    open.push(listener)
    const presented = async (): Promise<string> => {
      const socket = connect({ port: Number(new URL(listener.url).port), rejectUnauthorized: false })
      await once(socket, 'secureConnect')
      const { raw } = socket.getPeerCertificate()
      socket.destroy()
      return new X509Certificate(raw).fingerprint256
    }
    const [first, second] = [old, renewed].map(({ cert }) => new X509Certificate(cert).fingerprint256)
    expect(await presented()).toBe(first)

    await write({ cert: renewed.cert, key: old.key })
    await expect(listener.readCertificate()).rejects.toThrow()
    await write(renewed)
    const renew = await listener.readCertificate()
    expect(await presented()).toBe(first)
    renew()
    expect(await presented()).toBe(second)
  })
})
