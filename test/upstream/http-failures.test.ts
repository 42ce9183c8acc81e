import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { answer } from '../support/raw-region.ts'
import { failureOf } from './failure-of.ts'
import { createHttpSetup } from './http-setup.ts'

const { region, client, get } = createHttpSetup()

test('nothing listens: unreachable, and known to be refused', async () => {
  const gone = await region(() => undefined)
  await gone.close()
  expect(await failureOf(get(client(gone.url)))).toEqual({
    kind: 'unreachable',
    message: 'GET /v1/release: connection refused',
    refused: true,
  })
})

test('reset before a byte: unreachable, not refused', async () => {
  const resetting = await region((socket) => socket.resetAndDestroy())
  expect(await failureOf(get(client(resetting.url)))).toEqual({
    kind: 'unreachable',
    message: expect.stringMatching(/^GET \/v1\/release: connection lost before an answer \(\w+\)$/),
  })
})

test('closed before a byte: unreachable', async () => {
  const closing = await region((socket) => socket.end())
  expect(await failureOf(get(client(closing.url)))).toMatchObject({ kind: 'unreachable' })
})

test('a name that no one knows: unreachable', async () => {
  const nowhere = client(new URL('http://region.invalid:5493'))
  expect(await failureOf(get(nowhere))).toEqual({
    kind: 'unreachable',
    message: expect.stringMatching(/^GET \/v1\/release: name not found \(E\w+\)$/),
  })
})

const cutOff = { kind: 'broken', message: 'GET /v1/release: the answer was cut off midway', status: 200 }

test.each([
  ['fewer bytes than Content-Length', 'HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n[1,2', 'close'],
  ['a reset within Content-Length', 'HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n[1,2', 'reset'],
  ['a reset in a body that closing ends', 'HTTP/1.0 200 OK\r\n\r\n[1,2', 'reset'],
  [
    'chunks without the last one',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n',
    'close',
  ],
] as const)('cut off midway: %s', async (_, bytes, end) => {
  const cutting = await region((socket) => {
    // The bytes are to be read before the reset is seen.
    socket.write(bytes, () =>
      setTimeout(() => (end === 'reset' ? socket.resetAndDestroy() : socket.end()), 50),
    )
  })
  expect(await failureOf(get(client(cutting.url)))).toEqual(cutOff)
})

test.each(['close', 'reset'] as const)('cut off within the headers (%s) is cut off midway', async (end) => {
  const cutting = await region((socket) => {
    socket.write('HTTP/1.0 200 OK\r\nContent-', () =>
      setTimeout(() => (end === 'reset' ? socket.resetAndDestroy() : socket.end()), 50),
    )
  })
  expect(await failureOf(get(client(cutting.url)))).toMatchObject({ kind: 'broken' })
})

test('an HTTP/1.0 body that closing ends is whole', async () => {
  const closing = await region((socket) =>
    socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n[1,2]'),
  )
  expect(await get(client(closing.url))).toEqual({ status: 200, contentType: 'text/html', body: '[1,2]' })
})

test('a chunked body is put together', async () => {
  const chunking = await region((socket) =>
    socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n'),
  )
  expect((await get(client(chunking.url))).body).toBe('[1,2]')
})

test.each([
  ['SSH', 'SSH-2.0-OpenSSH_9.2p1 Debian\r\n'],
  ['bytes', Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28, 0x0d, 0x0a, 0x0d, 0x0a])],
  ['a Content-Length that is no number', 'HTTP/1.0 200 OK\r\nContent-Length: many\r\n\r\n[]'],
])('not HTTP at all (%s): malformed', async (_, bytes) => {
  const other = await region((socket) => socket.end(bytes))
  expect(await failureOf(get(client(other.url)))).toEqual({
    kind: 'malformed',
    message: expect.stringMatching(/^GET \/v1\/release: not HTTP/),
  })
})

test('headers beyond measure are too large', async () => {
  const verbose = await region((socket) =>
    socket.end(answer('[]', { headers: [`X-Long: ${'x'.repeat(100_000)}`] })),
  )
  expect((await failureOf(get(client(verbose.url)))).kind).toBe('too_large')
})

test('204, 404 and 503 are answers like any other', async () => {
  const statuses = ['204 No Content', '404 Not Found', '503 Service Unavailable']
  const answering = await region((socket, _, turn) => {
    const status = statuses[turn] ?? ''
    socket.end(status.startsWith('204') ? 'HTTP/1.0 204 No Content\r\n\r\n' : answer('no', { status }))
  })
  const asking = client(answering.url)
  expect([await get(asking), await get(asking), await get(asking)]).toEqual([
    { status: 204, contentType: '', body: '' },
    { status: 404, contentType: '', body: 'no' },
    { status: 503, contentType: '', body: 'no' },
  ])
})

test.each([
  '301 Moved Permanently',
  '302 Found',
  '303 See Other',
  '307 Temporary Redirect',
  '308 Permanent Redirect',
])('%s is never followed', async (status) => {
  const elsewhere = await region((socket) => socket.end(answer('[]')))
  const moved = await region((socket) =>
    socket.end(answer('', { status, headers: [`Location: ${elsewhere.url.href}v1/release`] })),
  )
  expect((await get(client(moved.url))).status).toBe(Number.parseInt(status, 10))
  expect(elsewhere.connections()).toBe(0)
  expect(moved.heads).toHaveLength(1)
})

test('an interim answer is passed over', async () => {
  const patient = await region((socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n')
    socket.end(answer('[]'))
  })
  expect((await get(client(patient.url))).status).toBe(200)
})

test.each([
  ['gzip', gzipSync('[1]')],
  ['GZIP', gzipSync('[1]')],
  ['deflate', deflateSync('[1]')],
  ['br', brotliCompressSync('[1]')],
  ['identity', Buffer.from('[1]')],
])('Content-Encoding %s is undone', async (encoding, body) => {
  const packing = await region((socket) =>
    socket.end(answer(body, { headers: [`Content-Encoding: ${encoding}`] })),
  )
  expect((await get(client(packing.url))).body).toBe('[1]')
})

test.each([
  ['zstd', 'GET /v1/release: unknown Content-Encoding "zstd"'],
  ['gzip, gzip', 'GET /v1/release: unknown Content-Encoding "gzip, gzip"'],
  ['constructor', 'GET /v1/release: unknown Content-Encoding "constructor"'],
  ['gzip', 'GET /v1/release: not the gzip that it says it is'],
])('Content-Encoding %s around something else: malformed', async (encoding, message) => {
  const packing = await region((socket) =>
    socket.end(answer('[1]', { headers: [`Content-Encoding: ${encoding}`] })),
  )
  expect(await failureOf(get(client(packing.url)))).toMatchObject({ kind: 'malformed', message })
})

test('a gzip body that is cut off but complete by Content-Length: malformed', async () => {
  const half = gzipSync('[1,2,3,4,5]').subarray(0, 20)
  const packing = await region((socket) => socket.end(answer(half, { headers: ['Content-Encoding: gzip'] })))
  expect((await failureOf(get(client(packing.url)))).kind).toBe('malformed')
})
