import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import type { RawRequest } from './rawHttp.ts'
import { rawGet } from './rawHttp.ts'

let east: OneRegion
beforeEach(async () => {
  east = await startOneRegion({ release: '12' })
})
afterEach(() => east.simulator.close())

const writes = () => east.simulator.requests()[0]?.usm?.writes ?? []
const sumOf = (content: Buffer) => createHash('sha256').update(content).digest('hex')

test('of an upload only names, sizes and sums are kept', async () => {
  const patch = Buffer.from([0x1f, 0x8b, 1, 2, 3])
  const answer = await rawGet(`${east.usm}/v1/release`, form([['/home/me/26.03.9.patch', patch]]))
  expect(JSON.parse(answer.body)).toMatchObject({
    info: 'starlingx-26.03.9 is now uploaded\n',
    upload_info: [{ '26.03.9.patch': { id: 'starlingx-26.03.9', sw_release: '26.03.9' } }],
  })
  expect(writes()).toMatchObject([
    { body: null, parts: [{ name: '/home/me/26.03.9.patch', filename: '/home/me/26.03.9.patch', bytes: 5 }] },
  ])
  expect(writes()[0]?.parts?.[0]?.sha256).toBe(sumOf(patch))
})

test('parts come out the same however the bytes are cut', async () => {
  const inner = Buffer.from('\x1f\x8b\r\n--not the end\r\n------cu\r\n')
  const { body = '', headers = {} } = form([
    ['/a/26.03.8.patch', inner],
    ['/a/26.03.9.patch', Buffer.alloc(0)],
  ])
  const socket = connect({ host: new URL(east.usm).hostname, port: Number(new URL(east.usm).port) })
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.setNoDelay(true)
  socket.write(`POST /v1/release HTTP/1.1\r\n${lines.join('')}Content-Length: ${body.length}\r\n\r\n`)
  for (const byte of Buffer.from(body)) if (!socket.write(Buffer.of(byte))) await once(socket, 'drain')
  await once(socket.resume(), 'end')
  expect(writes()[0]?.parts).toMatchObject([
    {
      filename: '/a/26.03.8.patch',
      bytes: inner.length,
      sha256: sumOf(inner),
    },
    { filename: '/a/26.03.9.patch', bytes: 0 },
  ])
})

test('an upload of 256 MiB passes through in constant memory', async () => {
  const chunk = Buffer.alloc(1 << 20, 7)
  chunk.set([0x1f, 0x8b])
  const before = process.memoryUsage().rss
  let most = 0
  const { head, tail } = frame('/home/me/26.03.9.patch')
  const { hostname, port } = new URL(east.usm)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.write(
    `POST /v1/release HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=----cut\r\n` +
      `Content-Length: ${head.length + 256 * chunk.length + tail.length}\r\n\r\n${head}`,
  )
  for (let i = 0; i < 256; i++) {
    if (!socket.write(chunk)) await once(socket, 'drain')
    most = Math.max(most, process.memoryUsage().rss)
  }
  socket.write(tail)
  await once(socket.resume(), 'end')
  expect(writes()[0]).toMatchObject({ status: 200, parts: [{ bytes: 256 << 20 }] })
  expect((most - before) >> 20).toBeLessThan(128)
})

function frame(filename: string): { head: string; tail: string } {
  const disposition = `Content-Disposition: form-data; name="${filename}"; filename="${filename}"`
  return { head: `------cut\r\n${disposition}\r\n\r\n`, tail: '\r\n------cut--\r\n' }
}

function form(files: readonly (readonly [path: string, content: Buffer])[]): RawRequest {
  const parts = files.map(([path, content]) =>
    Buffer.concat([Buffer.from(frame(path).head), content, Buffer.from('\r\n')]),
  )
  return {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=----cut' },
    body: Buffer.concat([...parts, Buffer.from('------cut--\r\n')]),
  }
}
