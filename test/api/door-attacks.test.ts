import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { exchange } from '../support/fleet-socket.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'

// Whatever is sent, nothing reaches a region but what the table of calls makes of it, and only where the caller may write.

let gateway: Served
let tokens: { readonly all: string; readonly boston: string; readonly reader: string }
beforeAll(async () => {
  gateway = await serveRegions({
    regions: {
      '5d5b': { subcloud_name: 'boston-1', keystone_region: 'RegionOne' },
      '7e7c': { subcloud_name: 'denver', keystone_region: '5d5b' },
    },
  })
  tokens = {
    all: await gateway.token(),
    boston: await gateway.token({ regions: ['boston-1'] }),
    reader: await gateway.token({ roles: ['operator'] }),
  }
})
afterAll(() => gateway.close())

const writes = (): string[] =>
  ['5d5b', '7e7c'].flatMap((name) =>
    gateway
      .region(name)
      .writes()
      .map(({ method, path }) => `${name} ${method} ${path}`),
  )
afterEach(() => expect(writes().filter((each) => !each.startsWith('5d5b POST /v1/deploy/abort'))).toEqual([]))

const abort = '/regions/boston-1/v1/deploy/abort'

/** These bytes, with a token in the place of TOKEN; the status of each answer. */
async function raw(text: string, token = tokens.all): Promise<readonly number[]> {
  const answer = (await exchange(gateway.url, text.replaceAll('TOKEN', `X-Auth-Token: ${token}`))).toString(
    'latin1',
  )
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)]
    .map(([, status]) => Number(status))
    .filter((each) => each >= 200)
}

describe('paths', () => {
  test.each([
    '/regions/boston-1/v1/deploy%2Fabort',
    '/regions/boston-1%2Fv1/deploy/abort',
    '/regions/boston-1/v1/release/../deploy/abort',
    '/regions/denver/../boston-1/v1/deploy/abort',
    '/regions/denver/%2e%2e/boston-1/v1/deploy/abort',
    '/regions/denver/.%2E/boston-1/v1/deploy/abort',
    '/regions/denver/..;/boston-1/v1/deploy/abort',
    '/regions/boston-1;x/v1/deploy/abort',
    '/regions//boston-1/v1/deploy/abort',
    '//regions/boston-1/v1/deploy/abort',
    '/regions/boston-1/v1//deploy/abort',
    '/regions\\boston-1\\v1\\deploy\\abort',
    '/regions/boston-1/v1/deploy%5Cabort',
    '/regions/boston-1/v1/deploy/abort%00',
    '/regions/boston-1/v1/deploy/abort%0D%0AX-Auth-Token:%20x',
    '/regions/boston-1/v1/deploy/abort%3Fx=1',
    '/regions/boston-1/v1/deploy/abort%23',
    '/regions/boston-1/v1/deploy/%2561bort',
    '/regions/boston-1/v1/deploy/аbort',
    '/regions/boston-1/v1/deploy/ABORT',
    '/regions/boston-1/v1/deploy/abort/abort',
    '/regions/boston-1/v1/v1/deploy/abort',
    '/regions/boston-1/regions/boston-1/v1/deploy/abort',
    '/regions/boston-1/deploy/abort',
    '/regions/*/v1/deploy/abort',
    '/regions/boston-1,denver/v1/deploy/abort',
    '/regions/boston*/v1/deploy/abort',
    '/regions/RegionOne/v1/deploy/abort',
    '/v1/deploy/abort?region_name=boston-1&region_name=denver',
    '/v1/deploy/abort#?region_name=boston-1',
    '/v1/../regions/boston-1/v1/deploy/abort',
    'http://gateway/regions/denver/../boston-1/v1/deploy/abort',
    'http://gateway/regions/denver/%2e%2e/boston-1/v1/deploy/abort',
    'http://gateway\\regions\\boston-1\\v1\\deploy\\abort',
    `/regions/boston-1/v1/deploy/${'a'.repeat(17_000)}/start`,
    `/${'x'.repeat(70_000)}`,
  ])('POST %s', async (target) => {
    const bytes = Buffer.from(target).toString('latin1')
    const [status, ...more] = await raw(
      `POST ${bytes} HTTP/1.1\r\nHost: a\r\nTOKEN\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    )
    expect(more).toEqual([])
    expect([400, 404, 405, 431]).toContain(status)
  })

  test.each([
    'POST /regions/boston-1/v1/deploy/abort\r\nX: y HTTP/1.1\r\nHost: a\r\nTOKEN\r\n\r\n',
    'POST /regions/boston-1/v1/deploy/ab\0ort HTTP/1.1\r\nHost: a\r\nTOKEN\r\n\r\n',
    'POST /regions/boston-1/v1/deploy/ab\tort HTTP/1.1\r\nHost: a\r\nTOKEN\r\nConnection: close\r\n\r\n',
    'POST /regions/boston-1/v1/deploy/abort HTTP/1.1 HTTP/1.1\r\nHost: a\r\nTOKEN\r\n\r\n',
    'POST /regions/boston-1/v1/deploy/abort HTTP/9.9\r\nHost: a\r\nTOKEN\r\n\r\n',
    'POST /regions/boston-1/v1/deploy/abort\r\n\r\n',
    'CONNECT boston-1:5493 HTTP/1.1\r\nHost: a\r\nTOKEN\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: a\r\nTOKEN\r\nConnection: close\r\n\r\n',
  ])('%j', async (text) => {
    expect((await raw(text)).every((status) => status >= 400)).toBe(true)
    expect(writes()).toEqual([])
  })
})

describe('methods', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'TRACE', 'DELETE', 'get', 'PROPFIND', 'POST2'])(
    '%s is no POST',
    async (method) => {
      const [status] = await raw(
        `${method} ${abort} HTTP/1.1\r\nHost: a\r\nTOKEN\r\nConnection: close\r\n\r\n`,
      )
      expect([400, 405]).toContain(status)
    },
  )

  test.each([
    'X-HTTP-Method-Override: POST',
    'X-HTTP-Method: POST',
    'X-Method-Override: POST',
    'X-Original-Method: POST',
  ])('a GET with %s stays a GET', async (header) => {
    for (const target of [abort, `${abort}?_method=POST`]) {
      expect((await gateway.ask('GET', target, { headers: [header] })).status).toBe(405)
    }
  })

  test.each(['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Path', 'X-Forwarded-Prefix'])(
    'what %s says is no path',
    async (name) => {
      const answer = await gateway.ask('POST', '/v1/nothing', { headers: [`${name}: ${abort}`] })
      expect(answer.status).toBe(404)
    },
  )
})

describe('a second request hidden in the first', () => {
  const hidden = `POST ${abort} HTTP/1.1\r\nHost: a\r\nTOKEN\r\nContent-Length: 0\r\n\r\n`
  const get = 'GET /regions/boston-1/v1/deploy HTTP/1.1\r\nHost: a\r\nTOKEN\r\nConnection: close\r\n'

  test.each<[string, string]>([
    ['both lengths', `${get}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['two lengths', `${get}Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`],
    ['a list of lengths', `${get}Content-Length: 0, ${hidden.length}\r\n\r\n${hidden}`],
    ['a signed length', `${get}Content-Length: +0\r\n\r\n${hidden}`],
    ['a coding with a space', `${get}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['an unknown coding', `${get}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a chunk of nonsense', `${get}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n${hidden}`],
    ['a folded header', `${get}X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['a bare LF', `${get}X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`],
    ['an upgrade', `${get}Upgrade: h2c\r\n\r\n${hidden}`],
  ])('%s', async (_, text) => {
    // On a connection that closes after the first, a second is answered by nobody.
    expect((await raw(text)).length).toBeLessThanOrEqual(1)
    expect(writes()).toEqual([])
  })

  test('a body is a body, also of a GET', async () => {
    const length = `Content-Length: ${hidden.replace('TOKEN', `X-Auth-Token: ${tokens.all}`).length}`
    expect(await raw(`${get}${length}\r\n\r\n${hidden}`)).toEqual([200])
    expect(writes()).toEqual([])
  })
})

describe('who may', () => {
  test.each([
    'X-Roles: admin',
    'X-Role: admin',
    'X-User-Id: admin',
    'X-Identity-Status: Confirmed',
    'X-Service-Token: x',
    'User-Header: eyJyb2xlIjoiYWRtaW4ifQ==',
    'X-Forwarded-User: admin',
  ])('a header gives no role: %s', async (header) => {
    expect((await gateway.ask('POST', abort, { token: tokens.reader, headers: [header] })).status).toBe(403)
    expect((await gateway.ask('POST', abort, { token: '', headers: [header] })).status).toBe(401)
  })

  test('a region out of scope is touched by no door, by no name of it, not even read', async () => {
    const before = gateway.region('7e7c').requests.length
    const to = async (method: string, target: string, body?: string): Promise<number> => {
      const json = body === undefined ? [] : ['Content-Type: application/json']
      const more = { token: tokens.boston, headers: json, ...(body !== undefined && { body }) }
      return (await gateway.ask(method, target, more)).status
    }
    for (const name of ['denver', '7e7c']) {
      expect(await to('POST', `/regions/${name}/v1/deploy/abort`)).toBe(404)
      expect(await to('GET', `/regions/${name}/v1/deploy`)).toBe(404)
      expect(await to('GET', `/regions/${name}/`)).toBe(404)
      expect(await to('POST', `/regions/${name}/v1/upload`)).toBe(404)
      expect(await to('POST', `/v1/deploy/abort?region_name=${name}`)).toBe(404)
      expect(await to('POST', '/v1/deploy/abort', JSON.stringify({ region_name: name }))).toBe(404)
      expect(await to('GET', `/v1/query_dependencies/P-1?region_name=${name}`)).toBe(404)
      expect(
        await to('POST', '/v1/deploy/abort?region_name=boston-1', JSON.stringify({ region_name: name })),
      ).toBe(400)
      expect(await to('POST', abort, JSON.stringify({ region_name: name }))).toBe(name === '5d5b' ? 200 : 400)
    }
    expect(gateway.region('7e7c').requests.length).toBe(before)
  })
})

test('a region sees our headers and nobody else’s; a caller sees none of a region’s', async () => {
  const region = gateway.region('5d5b')
  region.plays(({ method }) =>
    method === 'GET'
      ? undefined
      : {
          status: 200,
          headers: [
            ['Set-Cookie', 'session=1'],
            ['Server', 'WSGIServer/0.2'],
            ['Content-Type', 'text/html'],
            ['Keep-Alive', 'timeout=99'],
            ['X-Request-Id', 'theirs'],
            ['Access-Control-Allow-Origin', '*'],
            ['Location', 'http://evil.example'],
            ['WWW-Authenticate', 'Basic'],
          ],
          body: '{"info": "", "warning": "", "error": ""}',
        },
  )
  const answer = await gateway.ask('POST', abort, {
    body: '{}',
    headers: [
      'Content-Type: application/json; charset=utf-8',
      'Accept: text/html',
      'Cookie: a=b',
      'User-Header: x',
      'X-Role: admin',
      'X-Forwarded-For: 10.0.0.1',
      'Forwarded: for=10.0.0.1',
      'User-Agent: curl',
      'Accept-Encoding: zip',
      'Proxy-Authorization: Basic x',
      'X-Openstack-Request-Id: req-1',
      'X-Request-Id: mine-1',
    ],
  })
  region.plays(() => undefined)
  expect(answer.status).toBe(200)
  const [write] = region.writes()
  expect(write?.headers).toEqual({
    host: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
    connection: 'keep-alive',
    accept: 'application/json',
    'content-type': 'application/json',
    'content-length': '2',
    'user-agent': 'stx-fleet-gateway/0.1.0',
    // A well-formed id goes on on purpose; a trace is our own where none was given.
    'x-request-id': 'mine-1',
    traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/) as string,
  })
  expect(write?.body).toBe('{}')
  const { date: _, ...headers } = Object.fromEntries(answer.headers)
  expect(headers).toEqual({
    'cache-control': 'no-store',
    'content-type': 'application/json',
    'content-length': String(answer.body.length),
    'x-request-id': 'mine-1',
    connection: 'close',
  })
})
