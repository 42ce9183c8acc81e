import { expect, test } from 'vitest'
import { createHttp } from '../../src/upstream/http.ts'
import { answer } from '../support/raw-region.ts'
import { createHttpSetup, getting, limits } from './http-setup.ts'
import { failureOf } from './failure-of.ts'

const { region, client, get } = createHttpSetup()

const kept = (body: string): Buffer => answer(body, { headers: ['connection: keep-alive'] })

/** The headers of a request as they stood on the wire, in order of name. */
const headersOf = (head = ''): string[] =>
  head
    .split('\r\n')
    .slice(1)
    .map((header) => header.toLowerCase())
    .toSorted()

test('only our own headers go out', async () => {
  const listening = await region((socket) => socket.end(kept('[]')))
  await client(listening.url).send(getting('/v1/release', { 'x-auth-token': 'secret' }))
  expect(listening.heads[0]?.split('\r\n')[0]).toBe('GET /v1/release HTTP/1.1')
  expect(headersOf(listening.heads[0])).toEqual([
    'accept: application/json',
    'connection: keep-alive',
    `host: 127.0.0.1:${listening.port}`,
    'user-agent: gateway/1',
    'x-auth-token: secret',
  ])
})

test('a body goes out with its length, never in chunks', async () => {
  const listening = await region((socket) => socket.end(answer('{}')))
  const request = { ...getting('/auth/tokens'), method: 'POST', body: '{"é": 1}' } as const
  await client(listening.url).send(request)
  expect(listening.heads[0]?.split('\r\n')[0]).toBe('POST /auth/tokens HTTP/1.1')
  expect(headersOf(listening.heads[0])).toContain('content-length: 9')
  expect(headersOf(listening.heads[0]).filter((header) => header.startsWith('transfer-'))).toEqual([])
})

test('a region that said nothing of its connection is told from then on that ours will close', async () => {
  const service = await region((socket) => socket.end(answer('[]')))
  const asking = client(service.url)
  await get(asking)
  await get(asking)
  await get(asking)
  expect(
    service.heads.map((head) => headersOf(head).find((header) => header.startsWith('connection'))),
  ).toEqual(['connection: keep-alive', 'connection: close', 'connection: close'])
})

test('a front put before such a region is found out, and its connection kept', async () => {
  let fronted = false
  const service = await region((socket, head, turn) => {
    const closes = /connection: close/i.test(head)
    if (!fronted) socket.end(answer(`[${turn}]`))
    else if (closes) socket.end(answer(`[${turn}]`, { headers: ['connection: close'] }))
    else socket.write(kept(`[${turn}]`))
  })
  const asking = client(service.url)
  await get(asking)
  await get(asking)
  fronted = true
  await get(asking)
  await get(asking)
  await get(asking)
  expect((await get(asking)).body).toBe('[5]')
  expect(service.connections()).toBe(4)
})

test('a POST on a kept connection that the front closes is not sent again', async () => {
  const front = await region((socket, _, turn) => {
    if (turn === 0) socket.write(kept('[]'))
    else socket.resetAndDestroy()
  })
  const asking = client(front.url)
  await get(asking)
  const post = { ...getting('/auth/tokens'), method: 'POST', body: '{}' } as const
  expect((await failureOf(asking.send(post))).kind).toBe('unreachable')
  expect(front.heads).toHaveLength(2)
})

test('the path of the endpoint comes before the path of the call', async () => {
  const behindPath = await region((socket) => socket.end(answer('[]')), { path: '/proxy/usm/' })
  await get(client(behindPath.url))
  expect(behindPath.heads[0]).toMatch(/^GET \/proxy\/usm\/v1\/release HTTP/)
})

test('a region may be named by an IPv6 address', async () => {
  const six = await region((socket) => socket.end(answer('[]')), { host: '::1' })
  expect(await get(client(six.url))).toEqual({ status: 200, contentType: '', body: '[]' })
  expect(six.heads[0]?.toLowerCase()).toContain(`host: [::1]:${six.port}`)
})

test('a service that closes after each answer gets a new connection for each request', async () => {
  const service = await region((socket, _, turn) => socket.end(answer(`[${turn}]`)))
  const asking = client(service.url)
  expect([await get(asking), await get(asking), await get(asking)].map(({ body }) => body)).toEqual([
    '[0]',
    '[1]',
    '[2]',
  ])
  await service.allClosed()
  expect(service.connections()).toBe(3)
})

test('no connection is made before there is something to ask', async () => {
  const service = await region((socket) => socket.end(answer('[]')))
  const asking = client(service.url)
  await get(asking)
  await service.allClosed()
  expect(service.connections()).toBe(1)
})

test('HTTP/1.0 without the word keep-alive, left open by the region: closed by us', async () => {
  const forgetful = await region((socket) => socket.write(answer('[]')))
  await get(client(forgetful.url))
  await forgetful.allClosed()
  expect(forgetful.connections()).toBe(1)
})

test('HTTP/1.1 without the word keep-alive: closed by us, for it may serve one connection at a time', async () => {
  const modern = await region((socket) => socket.write(answer('[]', { version: '1.1' })))
  const asking = client(modern.url)
  await get(asking)
  await modern.allClosed()
  await get(asking)
  await modern.allClosed()
  expect(modern.connections()).toBe(2)
})

test('a front that says keep-alive, in HTTP/1.0 and lower case, keeps its connection', async () => {
  const front = await region((socket, _, turn) => socket.write(kept(`[${turn}]`)))
  const asking = client(front.url)
  expect([await get(asking), await get(asking), await get(asking)].map(({ body }) => body)).toEqual([
    '[0]',
    '[1]',
    '[2]',
  ])
  expect(front.connections()).toBe(1)
  asking.close()
  await front.allClosed()
})

test('a kept connection that the front closes just as we use it: asked once more, silently', async () => {
  const front = await region((socket, _, turn) => {
    if (turn === 1) socket.end()
    else socket.write(kept(`[${turn}]`))
  })
  const asking = client(front.url)
  await get(asking)
  expect((await get(asking)).body).toBe('[2]')
  expect(front.connections()).toBe(2)
})

test('a kept connection that the front resets just as we use it: asked once more, silently', async () => {
  const front = await region((socket, _, turn) => {
    if (turn === 1) socket.resetAndDestroy()
    else socket.write(kept(`[${turn}]`))
  })
  const asking = client(front.url)
  await get(asking)
  expect((await get(asking)).body).toBe('[2]')
})

test('… but once only', async () => {
  const front = await region((socket, _, turn) => {
    if (turn === 0) socket.write(kept('[]'))
    else socket.resetAndDestroy()
  })
  const asking = client(front.url)
  await get(asking)
  expect((await failureOf(get(asking))).kind).toBe('unreachable')
  expect(front.heads).toHaveLength(3)
})

test('a first connection that is reset is not tried again', async () => {
  const resetting = await region((socket) => socket.resetAndDestroy())
  expect((await failureOf(get(client(resetting.url)))).kind).toBe('unreachable')
  expect(resetting.heads).toHaveLength(1)
})

test('a kept connection that the front closed while nobody used it', async () => {
  const front = await region((socket, _, turn) => {
    socket.write(kept(`[${turn}]`))
    if (turn === 0) setImmediate(() => socket.end())
  })
  const asking = client(front.url)
  await get(asking)
  await front.allClosed()
  expect((await get(asking)).body).toBe('[1]')
})

test('bytes after the end of an answer are never taken for the next answer', async () => {
  const front = await region((socket, _, turn) => {
    if (turn === 0) socket.write(Buffer.concat([kept('[0]'), kept('["smuggled"]')]))
    else socket.write(kept(`[${turn}]`))
  })
  const asking = client(front.url)
  const first = await get(asking).then(
    ({ body }) => body,
    () => 'failed',
  )
  expect(['[0]', 'failed']).toContain(first)
  expect((await get(asking)).body).toBe('[1]')
})

test('after a failure the next request begins on a new connection', async () => {
  const broken = await region((socket, _, turn) => {
    if (turn === 0) socket.write('HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n[')
    else socket.end(answer('[]'))
  })
  const asking = client(broken.url, { idleTimeout: 150 })
  expect((await failureOf(get(asking))).kind).toBe('timeout')
  expect((await get(asking)).body).toBe('[]')
  await broken.allClosed()
})

test('close() while an answer is awaited ends the request and leaves no socket', async () => {
  let asked = (): void => undefined
  const whenAsked = new Promise<void>((resolve) => (asked = resolve))
  const silent = await region(() => asked())
  const asking = createHttp(limits, undefined)(silent.url)
  const failing = failureOf(asking.send(getting('/v1/release')))
  await whenAsked
  asking.close()
  expect((await failing).kind).toBe('unreachable')
  await silent.allClosed()
})

test('a client that was closed opens no connection any more', async () => {
  const service = await region((socket) => socket.end(answer('[]')))
  const asking = client(service.url)
  asking.close()
  asking.close()
  expect(await failureOf(get(asking))).toEqual({
    kind: 'unreachable',
    message: 'GET /v1/release: the connection was given up',
  })
  expect(service.connections()).toBe(0)
})

test('a refused connection is made again when asked again', async () => {
  const first = await region((socket) => socket.end(answer('[1]')))
  const asking = client(first.url)
  await first.close()
  expect((await failureOf(get(asking))).refused).toBe(true)
  const again = await region((socket) => socket.end(answer('[2]')), { port: first.port })
  expect((await get(asking)).body).toBe('[2]')
  expect(again.connections()).toBe(1)
})
