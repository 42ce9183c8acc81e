import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createDeafListener } from '../support/deaf-listener.ts'
import { answer } from '../support/raw-region.ts'
import { failureOf } from './failure-of.ts'
import { createHttpSetup } from './http-setup.ts'

const { region, client, get } = createHttpSetup()

test('a connection that is never made ends at connectTimeout', async () => {
  const deaf = await createDeafListener()
  try {
    expect(await failureOf(get(client(deaf.url, { connectTimeout: 200 })))).toEqual({
      kind: 'timeout',
      message: 'GET /v1/release: no connection within 0.2 s',
    })
  } finally {
    await deaf.close()
  }
})

test('a TLS handshake that never ends counts as connecting', async () => {
  const silent = await region(() => undefined)
  const url = new URL(`https://127.0.0.1:${silent.port}`)
  expect(await failureOf(get(client(url, { connectTimeout: 200 })))).toEqual({
    kind: 'timeout',
    message: 'GET /v1/release: no connection within 0.2 s',
  })
  await silent.allClosed()
})

test('a region that accepts and says nothing ends at firstByteTimeout, and its connection is closed', async () => {
  const silent = await region(() => undefined)
  expect(await failureOf(get(client(silent.url, { firstByteTimeout: 200 })))).toEqual({
    kind: 'timeout',
    message: 'GET /v1/release: no answer within 0.2 s',
  })
  await silent.allClosed()
})

test('a region that sends headers without end also ends at firstByteTimeout', async () => {
  const endless = await region((socket) => {
    socket.write('HTTP/1.0 200 OK\r\n')
    const timer = setInterval(() => socket.write('X-More: 1\r\n'), 20)
    socket.on('close', () => clearInterval(timer))
  })
  expect(await failureOf(get(client(endless.url, { firstByteTimeout: 300 })))).toEqual({
    kind: 'timeout',
    message: 'GET /v1/release: no answer within 0.3 s',
  })
})

test('an answer that stops midway ends at idleTimeout', async () => {
  const stopping = await region((socket) =>
    socket.write('HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n[{"a'),
  )
  expect(await failureOf(get(client(stopping.url, { idleTimeout: 200 })))).toEqual({
    kind: 'timeout',
    message: 'GET /v1/release: the answer stopped for 0.2 s',
    status: 200,
  })
  await stopping.allClosed()
})

test('an answer that drips, never idle for long, ends at totalTimeout', async () => {
  const dripping = await region((socket) => {
    socket.write('HTTP/1.0 200 OK\r\n\r\n')
    const timer = setInterval(() => socket.write(' '), 20)
    socket.on('close', () => clearInterval(timer))
  })
  const impatient = client(dripping.url, { idleTimeout: 2_000, totalTimeout: 400 })
  expect(await failureOf(get(impatient))).toEqual({
    kind: 'timeout',
    message: 'GET /v1/release: not finished within 0.4 s',
    status: 200,
  })
  await dripping.allClosed()
})

test('an answer may be slow as long as every limit is kept', async () => {
  const slow = await region((socket) => {
    const bytes = answer('[1,2,3]')
    let at = 0
    const timer = setInterval(() => {
      if (at < bytes.length) socket.write(bytes.subarray(at, ++at))
      else clearInterval(timer)
    }, 2)
    socket.on('close', () => clearInterval(timer))
  })
  expect(await get(client(slow.url))).toEqual({ status: 200, contentType: '', body: '[1,2,3]' })
})

test('an answer of just the allowed size passes, one byte more does not', async () => {
  const sized = await region((socket, _, turn) => socket.end(answer(' '.repeat(1000 + turn))))
  const strict = client(sized.url, { maxResponse: 1000 })
  expect((await get(strict)).body).toHaveLength(1000)
  expect(await failureOf(get(strict))).toEqual({
    kind: 'too_large',
    message: 'GET /v1/release: more than 1000 bytes',
    status: 200,
  })
})

test('a gigabyte is given up at the limit, without the memory for it', async () => {
  const megabyte = Buffer.alloc(2 ** 20, ' ')
  let sent = 0
  const huge = await region((socket) => {
    socket.write(`HTTP/1.0 200 OK\r\nContent-Length: ${2 ** 30}\r\n\r\n`)
    const pour = (): void => {
      while (!socket.destroyed && sent < 2 ** 30) {
        sent += megabyte.length
        if (!socket.write(megabyte)) return
      }
    }
    socket.on('drain', pour)
    pour()
  })
  const before = process.memoryUsage().rss
  expect(await failureOf(get(client(huge.url, { maxResponse: 2 ** 20 })))).toEqual({
    kind: 'too_large',
    message: 'GET /v1/release: more than 1048576 bytes',
    status: 200,
  })
  await huge.allClosed()
  expect(sent).toBeLessThan(2 ** 28)
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28)
})

test('a gzip bomb is given up at the limit, once inflated', async () => {
  // Members laid end to end are one gzip stream: 256 MiB of spaces in 260 KB.
  const member = gzipSync(Buffer.alloc(2 ** 20, ' '))
  const bomb = Buffer.concat(Array.from({ length: 256 }, () => member))
  const bombing = await region((socket) => socket.end(answer(bomb, { headers: ['Content-Encoding: gzip'] })))
  const before = process.memoryUsage().rss
  expect(await failureOf(get(client(bombing.url, { maxResponse: 2 ** 20 })))).toMatchObject({
    kind: 'too_large',
    message: 'GET /v1/release: more than 1048576 bytes once inflated',
  })
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 26)
})
