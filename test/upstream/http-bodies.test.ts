import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { UpstreamError } from '../../src/upstream/error.ts'
import type { HttpRequest, StreamedBody } from '../../src/upstream/http.ts'
import { createDeafListener } from '../support/deaf-listener.ts'
import { answer } from '../support/raw-region.ts'
import { failureOf } from './failure-of.ts'
import { createHttpSetup, getting } from './http-setup.ts'

const { region, client, get } = createHttpSetup()

const megabyte = Buffer.alloc(2 ** 20, 'x')

/** A body of whole megabytes, and whether its stream was given up. */
function megabytes(count: number): StreamedBody & { readonly made: Readable[] } {
  const made: Readable[] = []
  return {
    made,
    length: count * megabyte.length,
    stream() {
      const stream = Readable.from(
        (function* () {
          for (let i = 0; i < count; i++) yield megabyte
        })(),
        { objectMode: false },
      )
      made.push(stream)
      return stream
    },
  }
}

function posting(body?: HttpRequest['body'], more: Partial<HttpRequest> = {}): HttpRequest {
  return { ...getting('/v1/release'), method: 'POST', ...(body !== undefined && { body }), ...more }
}

/** Whether any of a failed request may have reached the region. */
async function sentOf(promise: Promise<unknown>): Promise<boolean> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof UpstreamError) return error.sent
  throw new Error(`no failure of a region: ${String(error)}`)
}

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A port whose sockets a test plays from their first byte on. */
async function port(play: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    play(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
}

/** Reads a whole request, and gives its head and how many bytes followed. */
function whole(socket: Socket, use: (head: string, bytes: number) => void): void {
  let head = ''
  let bytes = 0
  socket.on('data', (chunk) => {
    if (head.includes('\r\n\r\n')) bytes += chunk.length
    else {
      head += chunk.toString('latin1')
      bytes = head.length - head.indexOf('\r\n\r\n') - 4
    }
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? NaN)
    if (bytes >= length) use(head.slice(0, head.indexOf('\r\n\r\n')).toLowerCase(), bytes)
  })
}

test('a streamed body goes out with its exact length, never in chunks', async () => {
  let seen = ''
  const url = await port((socket) =>
    whole(socket, (head, bytes) => {
      seen = head
      socket.end(answer(`[${bytes}]`))
    }),
  )
  const { body } = await client(url).send(posting(megabytes(8)))
  expect(body.toString()).toBe(`[${8 * 2 ** 20}]`)
  expect(seen).toContain(`content-length: ${8 * 2 ** 20}`)
  expect(seen.match(/content-length/g)).toHaveLength(1)
  expect(seen).not.toContain('transfer-encoding')
})

test('a POST without a body says so by its length; DELETE and GET have none', async () => {
  const listening = await region((socket) => socket.end(answer('{}')))
  const asking = client(listening.url)
  await asking.send(posting())
  await asking.send({ ...getting('/v1/release/a'), method: 'DELETE' })
  await get(asking)
  const [post, remove, read] = listening.heads.map((head) => head.toLowerCase())
  expect(post).toContain('content-length: 0')
  expect(remove).toMatch(/^delete \/v1\/release\/a http/)
  expect(remove).not.toContain('content-length')
  expect(read).not.toContain('content-length')
})

test('the clock of the first byte begins once the body was sent, and each piece that is read begins the pause anew', async () => {
  const url = await port((socket) => {
    // One piece each 20 ms: the body takes far longer than the region may take to answer it.
    whole(socket, () => socket.end(answer('[]')))
    socket.pause()
    const timer = setInterval(() => {
      socket.resume()
      setImmediate(() => socket.pause())
    }, 20)
    socket.on('close', () => clearInterval(timer))
  })
  const asking = client(url, { firstByteTimeout: 300, idleTimeout: 1_000, totalTimeout: 25_000 })
  expect((await asking.send(posting(megabytes(64)))).status).toBe(200)
})

test('a region that stops reading ends at idleTimeout, and the body is given up', async () => {
  const url = await port((socket) => socket.pause())
  const body = megabytes(64)
  const failing = client(url, { idleTimeout: 300 }).send(posting(body))
  expect(await failureOf(failing)).toEqual({
    kind: 'timeout',
    message: 'POST /v1/release: the region read nothing for 0.3 s',
  })
  expect(await sentOf(failing)).toBe(true)
  expect(body.made.map(({ destroyed }) => destroyed)).toEqual([true])
})

test.each([
  ['stays open', (socket: Socket, bytes: Buffer) => socket.write(bytes)],
  ['is closed', (socket: Socket, bytes: Buffer) => socket.end(bytes)],
])('an early answer is taken, the rest of the body kept back: its connection %s', async (_, say) => {
  const url = await port((socket) => {
    socket.once('data', () => {
      socket.pause()
      say(socket, answer('{"error": "too large"}', { status: '413 Content Too Large' }))
    })
  })
  const body = megabytes(64)
  const early = await client(url).send(posting(body))
  expect([early.status, early.body.toString()]).toEqual([413, '{"error": "too large"}'])
  expect(body.made.map(({ destroyed }) => destroyed)).toEqual([true])
})

test('an answer that began early and then stops is told as such, though the body went on', async () => {
  const url = await port((socket) => {
    socket.once('data', () => socket.write('HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n{'))
    socket.resume()
  })
  const failing = client(url, { idleTimeout: 300 }).send(posting(megabytes(16)))
  expect((await failureOf(failing)).message).toBe('POST /v1/release: the answer stopped for 0.3 s')
})

test('a reset midway is a failure of something that was sent', async () => {
  const url = await port((socket) => {
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
      if (bytes > 2 ** 20) socket.resetAndDestroy()
    })
  })
  const body = megabytes(64)
  const failing = client(url).send(posting(body))
  expect((await failureOf(failing)).kind).toBe('unreachable')
  expect(await sentOf(failing)).toBe(true)
  expect(body.made.map(({ destroyed }) => destroyed)).toEqual([true])
})

test.each([
  ['that fails', 'its body could not be read (EIO)', () => new Error('EIO')],
  [
    'that ends early',
    'connection lost before an answer (UND_ERR_REQ_CONTENT_LENGTH_MISMATCH)',
    () => undefined,
  ],
])('a body %s ends the request midway', async (_, message, failure) => {
  let received = 0
  const ended = Promise.withResolvers<void>()
  const url = await port((socket) => {
    socket.on('data', (chunk) => (received += chunk.length))
    socket.on('close', () => ended.resolve())
  })
  const stream = (): Readable =>
    Readable.from(
      (function* () {
        yield megabyte
        const error = failure()
        if (error) throw error
      })(),
      { objectMode: false },
    )
  const failing = client(url).send(posting({ length: 2 ** 21, stream }))
  expect((await failureOf(failing)).message).toBe(`POST /v1/release: ${message}`)
  await ended.promise
  expect(received).toBeLessThan(2 ** 21)
})

test('a body longer than announced never reaches the region as a second request', async () => {
  let received = ''
  const ended = Promise.withResolvers<void>()
  const url = await port((socket) => {
    socket.on('data', (chunk) => (received += chunk.toString('latin1')))
    socket.on('close', () => ended.resolve())
  })
  const stream = (): Readable => Readable.from([Buffer.from('abc'), Buffer.from('GET / HTTP/1.1\r\n\r\n')])
  await failureOf(client(url).send(posting({ length: 3, stream })))
  await ended.promise
  expect(received).not.toContain('GET /')
})

test('limits of a request hold in place of the client’s own', async () => {
  const silent = await region(() => undefined)
  const asking = client(silent.url)
  expect(await failureOf(asking.send(posting('{}', { limits: { firstByteTimeout: 100 } })))).toMatchObject({
    message: 'POST /v1/release: no answer within 0.1 s',
  })
  const generous = { firstByteTimeout: 3_000, maxResponse: 10 }
  const talking = await region((socket) => socket.end(answer('x'.repeat(11))))
  const patient = client(talking.url, { firstByteTimeout: 1 })
  expect((await failureOf(patient.send(posting('{}', { limits: generous })))).kind).toBe('too_large')
})

test('a write gets a connection of its own, so that a kept one which just closed leaves no doubt', async () => {
  const front = await region((socket, _, turn) => {
    socket.write(answer(`[${turn}]`, { headers: ['connection: keep-alive'] }))
  })
  const asking = client(front.url)
  await get(asking)
  await get(asking)
  expect(front.connections()).toBe(1)
  await asking.send(posting('{}'))
  expect(front.connections()).toBe(2)
})

test('nothing was sent where no connection was made', async () => {
  const gone = await region(() => undefined)
  await gone.close()
  const body = megabytes(1)
  expect(await sentOf(client(gone.url).send(posting(body)))).toBe(false)
  expect(body.made.map(({ destroyed }) => destroyed)).toEqual([true])
  expect(await sentOf(client(new URL('http://region.invalid')).send(posting('{}')))).toBe(false)
  const plain = await region((socket) => socket.end(answer('[]')))
  expect(await sentOf(client(new URL(`https://127.0.0.1:${plain.port}`)).send(posting('{}')))).toBe(false)
  const deaf = await createDeafListener()
  try {
    expect(await sentOf(client(deaf.url, { connectTimeout: 200 }).send(posting(megabytes(1))))).toBe(false)
  } finally {
    await deaf.close()
  }
})

test.each([
  ['a reset', (socket: Socket) => socket.resetAndDestroy()],
  ['an orderly end', (socket: Socket) => socket.end()],
  ['half an answer', (socket: Socket) => socket.end('HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n{')],
  ['no HTTP', (socket: Socket) => socket.end('SSH-2.0\r\n')],
  ['silence', () => undefined],
])('after %s nobody knows whether it was carried out', async (_, play) => {
  const failing = await region(play)
  expect(await sentOf(client(failing.url, { firstByteTimeout: 200 }).send(posting('{}')))).toBe(true)
})
