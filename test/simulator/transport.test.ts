import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import { askOn, headerOf, rawGet } from './rawHttp.ts'

let region: OneRegion | undefined
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await region?.simulator.close()
})

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

test('a direct region speaks HTTP/1.0 and closes after its answer', async () => {
  region = await startOneRegion({ release: '12' })
  const socket = await open(region.usm)
  const ended = once(socket, 'end')
  const answer = await askOn(socket, `${region.usm}/v1/release`)
  await ended
  expect(answer.version).toBe('HTTP/1.0')
  expect(answer.headers.map(([name]) => name)).toEqual(['Date', 'Server', 'Content-Length', 'Content-Type'])
})

test('a direct region serves one request at a time', async () => {
  region = await startOneRegion({ release: '12', latency: [100, 100] })
  const { usm } = region
  const started = performance.now()
  await Promise.all([1, 2, 3, 4].map(() => rawGet(`${usm}/v1/release`)))
  expect(performance.now() - started).toBeGreaterThan(390)
  const [seen] = region.simulator.requests()
  expect(seen?.usm).toMatchObject({ total: 4, connections: 4, max_open_connections: 4, max_in_flight: 1 })
})

test('an idle connection blocks a direct region until it closes', async () => {
  region = await startOneRegion({ release: '12' })
  const idle = await open(region.usm)
  const answer = rawGet(`${region.usm}/v1/release`)
  const first = await Promise.race([answer.then(() => 'answered'), later(300, 'blocked')])
  idle.destroy()
  expect(first).toBe('blocked')
  expect((await answer).status).toBe(200)
})

test('a half-sent request blocks a direct region as well', async () => {
  region = await startOneRegion({ release: '12' })
  const half = await open(region.usm)
  half.write('GET /v1/release HTTP/1.1\r\nHost: x\r\n')
  const answer = rawGet(`${region.usm}/v1/release`)
  expect(await Promise.race([answer.then(() => 'answered'), later(300, 'blocked')])).toBe('blocked')
  half.write('\r\n')
  expect((await answer).status).toBe(200)
})

test('a front keeps the connection, in lower case, and serves the next request on it', async () => {
  region = await startOneRegion({ release: '12', mode: 'front' })
  const socket = await open(region.usm)
  const first = await askOn(socket, `${region.usm}/v1/release`)
  const second = await askOn(socket, `${region.usm}/v1/deploy`)
  expect(first.version).toBe('HTTP/1.0')
  const names = ['date', 'server', 'content-length', 'content-type', 'connection']
  expect(first.headers.map(([name]) => name)).toEqual(names)
  expect(headerOf(first, 'connection')).toBe('keep-alive')
  expect(second.body).toBe('[]')
  expect(region.simulator.requests()[0]?.usm).toMatchObject({ total: 2, connections: 1 })
})

test('an idle connection to a front blocks nobody, and requests still queue behind each other', async () => {
  region = await startOneRegion({ release: '12', mode: 'front', latency: [100, 100] })
  await open(region.usm)
  const { usm } = region
  const started = performance.now()
  await Promise.all([1, 2, 3].map(() => rawGet(`${usm}/v1/release`)))
  expect(performance.now() - started).toBeGreaterThan(290)
  expect(region.simulator.requests()[0]?.usm).toMatchObject({ max_in_flight: 3 })
})

test('a front gives its own 503 and 504', async () => {
  region = await startOneRegion({ release: '11', mode: 'front' }, { frontDownMs: 50, frontTimeoutMs: 100 })
  await region.simulator.setFault('east', { kind: 'down' })
  const down = await rawGet(`${region.usm}/v1/release`)
  expect(down).toMatchObject({ version: 'HTTP/1.1', status: 503 })
  expect(down.headers.map(([name]) => name)).toEqual([
    'content-length',
    'cache-control',
    'content-type',
    'connection',
  ])
  await region.simulator.setFault('east', { kind: 'slow', ms: 300 })
  expect(await rawGet(`${region.usm}/v1/release`)).toMatchObject({ version: 'HTTP/1.1', status: 504 })
})

function later<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, ms, value))
}
