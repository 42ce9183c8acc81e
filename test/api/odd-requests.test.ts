import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, type Listener } from '../../src/api/listen.ts'
import { answers } from '../support/fleet-answers.ts'
import { createTestGateway, type TestGateway } from '../support/fleet-gateway.ts'
import { release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { exchange } from '../support/fleet-socket.ts'
import { createRawRegion } from '../support/raw-region.ts'

// What a caller may write on the wire instead of a request. Whatever it is, the answer is JSON.

let gateway: TestGateway
let listener: Listener
beforeAll(async () => {
  gateway = createTestGateway([createRegion('east')], () => answers([release('24.09.1')]))
  listener = await listen(gateway.app, { host: '127.0.0.1', port: 0 })
})
afterAll(() => listener.close())

const token = 'X-Auth-Token: operator'

/** Header lines after the request line, then an end. */
const written = (requestLine: string, ...headers: readonly string[]): string =>
  [requestLine, ...headers, 'Connection: close', '', ''].join('\r\n')
const get = (target: string): string => written(`GET ${target} HTTP/1.1`, 'Host: gateway', token)

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** All answers that come on one connection, each with its JSON. */
async function answersTo(bytes: string): Promise<Answer[]> {
  const text = (await exchange(listener.url, bytes)).toString('utf8')
  return text
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((each) => !each.startsWith('HTTP/1.1 100 '))
    .map((each) => {
      const end = each.indexOf('\r\n\r\n')
      expect(each.slice(0, end).toLowerCase()).toContain('content-type: application/json')
      return { status: Number(each.slice(9, 12)), body: JSON.parse(each.slice(end + 4)) as unknown }
    })
}

const malformed = (error: string): object => ({ error, status: 400, type: '/problems/malformed-request' })
const notHttp = malformed('the request is not HTTP')
const noUrl = malformed('the target and the Host of the request make no URL')
const twoHosts = malformed('the request has more than one Host')

describe('refused before the app', () => {
  test.each<[string, string, object]>([
    ['two hosts', written('GET /v1/release HTTP/1.1', 'Host: a', 'Host: b', token), twoHosts],
    ['one host twice', written('GET /v1/release HTTP/1.1', 'Host: a', token, 'host: a'), twoHosts],
    ['two hosts in HTTP/1.0', written('GET /v1/release HTTP/1.0', 'Host: a', 'Host: b', token), twoHosts],
    ['no host', written('GET /v1/release HTTP/1.1', token), malformed('the request has no Host')],
    ['a list of hosts', written('GET /v1/release HTTP/1.1', 'Host: a, b', token), noUrl],
    ['a host with a path', written('GET /v1/release HTTP/1.1', 'Host: a/v1/query?', token), noUrl],
    ['a host with a user', written('GET /v1/release HTTP/1.1', 'Host: a@b', token), noUrl],
    ['a port beyond measure', written('GET /v1/release HTTP/1.1', 'Host: a:99999', token), noUrl],
    ['backslashes', get('/v1\\release'), noUrl],
    ['an absolute target of nowhere', get('http://'), noUrl],
    ['an absolute target of another scheme', get('ftp://elsewhere/v1/release'), noUrl],
    ['a target *', get('*'), noUrl],
    ['OPTIONS *', written('OPTIONS * HTTP/1.1', 'Host: a', token), noUrl],
    ['a target without a slash', get('v1/release'), notHttp],
    ['a space in the target', get('/v1/rel ease'), notHttp],
    ['a NUL in the target', get('/v1/release\0'), notHttp],
    ['bytes beyond ASCII in the target', get('/v1/rel\xe9ase'), notHttp],
    ['a NUL in a header', written('GET / HTTP/1.1', 'Host: a', 'X: a\0b'), notHttp],
    ['a folded header', written('GET / HTTP/1.1', 'Host: a', `${token}\r\n x`), notHttp],
    ['a space before a colon', written('GET / HTTP/1.1', 'Host : a'), notHttp],
    ['line feeds only', 'GET / HTTP/1.1\nHost: a\n\n', notHttp],
    ['a method that nobody knows', written('FROB /v1/release HTTP/1.1', 'Host: a', token), notHttp],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', notHttp],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', notHttp],
    ['two lengths', written('POST / HTTP/1.1', 'Host: a', 'Content-Length: 4', 'Content-Length: 5'), notHttp],
    [
      'one length twice',
      written('POST / HTTP/1.1', 'Host: a', 'Content-Length: 0', 'Content-Length: 0'),
      notHttp,
    ],
    ['a list of lengths', written('POST / HTTP/1.1', 'Host: a', 'Content-Length: 4, 5'), notHttp],
    [
      'chunks and a length',
      written('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Content-Length: 4'),
      notHttp,
    ],
    [
      'chunks with a space before the colon',
      written('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding : chunked'),
      notHttp,
    ],
  ])('%s', async (_, bytes, body) => {
    const before = gateway.asked.length
    expect(await answersTo(bytes)).toMatchObject([{ status: 400, body }])
    expect(gateway.asked).toHaveLength(before)
  })

  test.each([
    ['a target', get(`/v1/release?region_name=${'a'.repeat(70_000)}`)],
    ['a header', written('GET / HTTP/1.1', 'Host: a', `Cookie: ${'a'.repeat(70_000)}`)],
    ['a token', written('GET / HTTP/1.1', 'Host: a', `Authorization: Bearer ${'a'.repeat(70_000)}`)],
    [
      '5,000 headers',
      written('GET / HTTP/1.1', 'Host: a', ...Array.from({ length: 5_000 }, (_, i) => `X-Many-${i}: 1`)),
    ],
  ])('%s beyond measure is a 431', async (_, bytes) => {
    expect(await answersTo(bytes)).toMatchObject([
      { status: 431, body: { type: '/problems/malformed-request' } },
    ])
  })

  test('CONNECT: this is no proxy, and nothing is connected to', async () => {
    const target = await createRawRegion((socket) => socket.destroy())
    const host = target.url.host
    const bytes = written(`CONNECT ${host} HTTP/1.1`, `Host: ${host}`, token)
    expect(await answersTo(bytes)).toMatchObject([{ status: 405, body: { error: 'this is no proxy' } }])
    await target.close()
    expect(target.connections()).toBe(0)
  })
})

describe('answered as JSON', () => {
  test.each<[string, string, number]>([
    ['no path tricks: //', get('//v1/release'), 404],
    ['no path tricks: two slashes within', get('/v1//release'), 400],
    ['no path tricks: %2e%2e', get('/v1/show/%2e%2e/%2e%2e/etc/passwd'), 400],
    ['no path tricks: %2f', get('/v1%2frelease'), 404],
    ['no path tricks: %00', get('/v1/release%00'), 400],
    ['no path tricks: %0d%0a', get('/v1/release%0d%0aX-Injected:%20y'), 400],
    ['no path tricks: ;', get('/v1/release;x=1'), 400],
    ['no path tricks: upper case', get('/V1/RELEASE'), 404],
    ['no path tricks: an overlong escape', get('/v1/%c0%ae%c0%ae/release'), 400],
    ['a path that dots lead back to', get('/v1/../v1/./release'), 400],
    ['TRACE', written('TRACE /v1/release HTTP/1.1', 'Host: a', token), 405],
    [
      'a POST that says that it is a GET',
      written('PUT /v1/release HTTP/1.1', 'Host: a', token, 'X-HTTP-Method-Override: GET'),
      405,
    ],
    [
      'a GET that says that it is a POST',
      written('GET /v1/release HTTP/1.1', 'Host: a', token, 'X-HTTP-Method-Override: POST'),
      200,
    ],
    [
      'a path that a header names',
      written(
        'GET /nothing HTTP/1.1',
        'Host: a',
        token,
        'X-Original-URL: /v1/release',
        'X-Rewrite-URL: /v1/release',
      ),
      404,
    ],
    ['HTTP/1.0 without a host', written('GET /v1/release HTTP/1.0', token), 200],
    ['HTTP/0.9, which has no headers', 'GET /v1/release\r\n\r\n', 400],
    ['an empty host', written('GET /v1/release HTTP/1.1', 'Host:', token), 200],
    [
      'an expectation that nobody knows',
      written('GET /v1/release HTTP/1.1', 'Host: a', token, 'Expect: the-best'),
      200,
    ],
    [
      'an expectation and a body',
      `${written('GET /v1/release HTTP/1.1', 'Host: a', token, 'Expect: 100-continue', 'Content-Length: 2')}{}`,
      200,
    ],
    ['an absolute target', get('http://elsewhere.invalid/v1/release'), 200],
  ])('%s', async (_, bytes, status) => {
    const [answer, ...more] = await answersTo(bytes)
    expect([answer?.status, more]).toEqual([status, []])
    if (status === 200) expect(answer?.body).toMatchObject([{ region_name: 'east' }])
    else expect(answer?.body).toMatchObject({ status, error: expect.stringMatching(/./) as unknown })
  })

  test.each(['websocket', 'h2c', 'TLS/1.2'])('an upgrade to %s is passed over', async (protocol) => {
    const upgrade = [
      'Connection: Upgrade, HTTP2-Settings, close',
      `Upgrade: ${protocol}`,
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ]
    const bytes = [
      'GET /v1/release HTTP/1.1',
      'Host: a',
      token,
      ...upgrade,
      'Sec-WebSocket-Key: eA==',
      'Sec-WebSocket-Version: 13',
      '',
      '',
    ]
    expect(await answersTo(bytes.join('\r\n'))).toMatchObject([{ status: 200 }])
  })
})

describe('a request within a request', () => {
  const smuggled = `GET /metrics HTTP/1.1\r\nHost: a\r\n${token}\r\n\r\n`
  const follows = get('/v1/release')

  test('a body on a GET is not taken for the next request', async () => {
    const first = `GET /v1/release HTTP/1.1\r\nHost: a\r\n${token}\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`
    expect(await answersTo(first + follows)).toMatchObject([{ status: 200 }, { status: 200 }])
  })

  test('nor is a chunked one', async () => {
    const chunks = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`
    const first = `GET /v1/release HTTP/1.1\r\nHost: a\r\n${token}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`
    expect(await answersTo(first + follows)).toMatchObject([{ status: 200 }, { status: 200 }])
  })

  test.each(['xchunked', 'chunked, identity', 'identity', '\vchunked'])(
    'what follows Transfer-Encoding: %o is never asked, and the connection ends',
    async (coding) => {
      const first = `POST /v1/release HTTP/1.1\r\nHost: a\r\n${token}\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`
      const statuses = (await answersTo(first + smuggled + follows)).map(({ status }) => status)
      expect(statuses.length).toBeGreaterThan(0)
      for (const status of statuses) expect([400, 405]).toContain(status)
    },
  )

  test('a line break in a path makes no request of what is before it', async () => {
    const bytes = written('GET /v1/release\r\nX-Split: /v1/query HTTP/1.1', 'Host: a', token)
    expect(await answersTo(bytes)).toMatchObject([
      { status: 400, body: { error: 'the request has no version' } },
    ])
  })
})

test('a caller who says half of a request, and nothing more, keeps nobody waiting', async () => {
  const half = connect(Number(new URL(listener.url).port), '127.0.0.1')
  half.write('GET /v1/release HTTP/1.1\r\nHost: a\r\nX-Auth')
  expect(await answersTo(get('/v1/release'))).toMatchObject([{ status: 200 }])
  half.destroy()
})
