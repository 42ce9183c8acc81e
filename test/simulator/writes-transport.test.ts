import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { RegionPlan } from '../../src/simulator/fleetPlan.ts'
import type { SimulatorOptions } from '../../src/simulator/simulator.ts'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import type { RawRequest } from './rawHttp.ts'
import { rawGet } from './rawHttp.ts'

let region: OneRegion | undefined
afterEach(() => region?.simulator.close())

async function start(plan: Partial<RegionPlan> = {}, options: SimulatorOptions = {}): Promise<OneRegion> {
  region = await startOneRegion({ release: '12', ...plan }, options)
  return region
}
const json = { 'Content-Type': 'application/json', Accept: 'application/json' }
const post = (url: string, body: unknown = {}) =>
  rawGet(url, { method: 'POST', headers: json, body: JSON.stringify(body) })
const next = 'starlingx-26.03.2'
const deployment = ({ simulator }: OneRegion) => simulator.truth()[0]?.deployment?.state
const hostStates = ({ simulator }: OneRegion) =>
  simulator.truth()[0]?.deploy_hosts.map((host) => host.host_state)
const writes = ({ simulator }: OneRegion) => simulator.requests()[0]?.usm?.writes ?? []

test('writes are seen in the order in which they arrive, with what they brought', async () => {
  const east = await start()
  await rawGet(`${east.usm}/v1/release`)
  await post(`${east.usm}/v1/deploy/${next}/precheck?region_name=east`, { options: ['a=b'] })
  await post(`${east.usm}/v1/deploy/${next}/start`, { force: 'true' })
  expect(writes(east)).toMatchObject([
    {
      method: 'POST',
      path: `/v1/deploy/${next}/precheck`,
      query: { region_name: 'east' },
      headers: { 'content-type': 'application/json' },
      body: { options: ['a=b'] },
      status: 200,
    },
    { path: `/v1/deploy/${next}/start`, body: { force: 'true' }, status: 200 },
  ])
  const [first, second] = writes(east)
  expect(first?.order).toBeLessThan(second?.order ?? 0)
  const overHttp = await fetch(`${east.simulator.control}/requests`)
  expect(await overHttp.json()).toMatchObject([{ usm: { writes: [{ method: 'POST' }, { method: 'POST' }] } }])
})

test('a verb that changes something is a write by GET as well', async () => {
  const east = await start({ release: '8' })
  await rawGet(`${east.patching}/v1/query`)
  await rawGet(`${east.patching}/v1/drop_host/controller-1`)
  expect(east.simulator.requests()[0]?.patching?.writes).toMatchObject([
    { method: 'GET', path: '/v1/drop_host/controller-1', body: null, bytes: 0, status: 200 },
  ])
})

test('of an upload only names, sizes and sums are kept', async () => {
  const east = await start()
  const patch = Buffer.from([0x1f, 0x8b, 1, 2, 3])
  const answer = await rawGet(`${east.usm}/v1/release`, form([['/home/me/26.03.9.patch', patch]]))
  expect(JSON.parse(answer.body)).toMatchObject({
    info: 'starlingx-26.03.9 is now uploaded\n',
    upload_info: [{ '26.03.9.patch': { id: 'starlingx-26.03.9', sw_release: '26.03.9' } }],
  })
  expect(writes(east)).toMatchObject([
    { body: null, parts: [{ name: '/home/me/26.03.9.patch', filename: '/home/me/26.03.9.patch', bytes: 5 }] },
  ])
  expect(writes(east)[0]?.parts?.[0]?.sha256).toBe(createHash('sha256').update(patch).digest('hex'))
})

test('parts come out the same however the bytes are cut', async () => {
  const east = await start()
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
  expect(writes(east)[0]?.parts).toMatchObject([
    {
      filename: '/a/26.03.8.patch',
      bytes: inner.length,
      sha256: createHash('sha256').update(inner).digest('hex'),
    },
    { filename: '/a/26.03.9.patch', bytes: 0 },
  ])
})

test('an upload of 256 MiB passes through in constant memory', async () => {
  const east = await start()
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
  expect(writes(east)[0]).toMatchObject({ status: 200, parts: [{ bytes: 256 << 20 }] })
  expect((most - before) >> 20).toBeLessThan(128)
})

test('a chunked body is dropped, as upstream drops it', async () => {
  const east = await start({ mode: 'front' })
  const headers = { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' }
  const answer = await rawGet(`${east.usm}/v1/release`, { method: 'POST', headers, body: '["/x"]' })
  expect(answer.status).toBe(500)
  expect(writes(east)).toMatchObject([{ body: null, bytes: 0 }])
})

test('deploy_host takes its time: behind a front reads go on, and another write waits', async () => {
  const east = await start(
    { mode: 'front', changes: [{ deployment: { state: 'start-done' } }] },
    { transitionMs: null },
  )
  const order: string[] = []
  const host = post(`${east.usm}/v1/deploy_host/controller-0`).then(() => order.push('host'))
  await expect.poll(() => hostStates(east)?.[0]).toBe('deploying')
  const sync = post(`${east.usm}/v1/deploy/software_sync`).then(() => order.push('sync'))
  const hosts = await rawGet(`${east.usm}/v1/deploy_host`)
  expect(JSON.parse(hosts.body)).toMatchObject([{ host_state: 'deploying' }, { host_state: 'pending' }])
  expect(order).toEqual([])
  east.simulator.change('east', { deployment: 'advance' })
  await Promise.all([host, sync])
  expect(order).toEqual(['host', 'sync'])
  expect(hostStates(east)).toEqual(['deployed', 'pending'])
})

test('where no front stands before it, reads wait for deploy_host too', async () => {
  const changes = [{ deployment: { state: 'start-done' } }]
  const east = await start({ changes }, { transitionMs: null })
  const order: string[] = []
  const host = post(`${east.usm}/v1/deploy_host/controller-0`).then(() => order.push('host'))
  await expect.poll(() => hostStates(east)?.[0]).toBe('deploying')
  const read = rawGet(`${east.usm}/v1/deploy`).then(() => order.push('read'))
  await expect.poll(() => east.simulator.requests()[0]?.usm?.connections).toBe(2)
  east.simulator.change('east', { deployment: 'fail' })
  await Promise.all([host, read])
  expect(order).toEqual(['host', 'read'])
  expect(deployment(east)).toBe('host-failed')
})

test('by itself a region goes from start to start-done, and no further', async () => {
  const east = await start({}, { transitionMs: 20 })
  await post(`${east.usm}/v1/deploy/${next}/start`)
  expect(deployment(east)).toBe('start')
  await expect.poll(() => deployment(east)).toBe('start-done')
  await post(`${east.usm}/v1/deploy_host/controller-0`)
  await post(`${east.usm}/v1/deploy_host/controller-1`)
  expect(deployment(east)).toBe('host-done')
  await post(`${east.usm}/v1/deploy/activate`)
  await expect.poll(() => deployment(east)).toBe('activate-done')
  await post(`${east.usm}/v1/deploy/complete`)
  await rawGet(`${east.usm}/v1/deploy`, { method: 'DELETE' })
  expect(east.simulator.truth()[0]?.releases.at(-1)).toMatchObject({ release_id: next, state: 'deployed' })
})

test('under --advance a requested deployment takes only the steps that are its own', async () => {
  const east = await start({}, { advanceEveryMs: 10 })
  await post(`${east.usm}/v1/deploy/${next}/start`)
  await expect.poll(() => deployment(east)).toBe('start-done')
  const { control } = east.simulator
  // A round trip that outlasts some ticks.
  for (let i = 0; i < 20; i++) await (await fetch(`${control}/truth`)).text()
  expect(deployment(east)).toBe('start-done')
})

test.each(['before', 'midway'] as const)('lost %s its answer: done all the same', async (at) => {
  const east = await start()
  await east.simulator.setFault('east', { kind: 'lost', at, method: 'POST' }, 'usm')
  await expect(post(`${east.usm}/v1/deploy/${next}/start`)).rejects.toThrow()
  expect(east.simulator.truth()[0]?.deployment).toMatchObject({ to_release: '26.03.2' })
  expect(writes(east)).toMatchObject([{ status: 200 }])
  expect((await rawGet(`${east.usm}/v1/deploy`)).status).toBe(200)
})

test('late: done at once, answered later, and the next request waits', async () => {
  const east = await start({}, { transitionMs: null })
  const fault = { kind: 'late' as const, ms: 300, path: '/v1/deploy/', method: 'POST' }
  await east.simulator.setFault('east', fault, 'usm')
  const order: string[] = []
  const started = post(`${east.usm}/v1/deploy/${next}/start`).then(() => order.push('start'))
  await expect.poll(() => deployment(east)).toBe('start')
  const read = rawGet(`${east.usm}/v1/deploy`).then(() => order.push('read'))
  expect(order).toEqual([])
  await Promise.all([started, read])
  expect(order).toEqual(['start', 'read'])
})

test('what somebody else answers is not done', async () => {
  const east = await start()
  await east.simulator.setFault('east', { kind: 'status', status: 503 }, 'usm')
  await post(`${east.usm}/v1/deploy/${next}/start`)
  expect(east.simulator.truth()[0]?.deployment).toBeNull()
  expect(writes(east)).toMatchObject([{ status: 503 }])
})

test('without its token a region does nothing', async () => {
  const east = await start({ token: 'secret' })
  expect((await post(`${east.usm}/v1/deploy/${next}/start`)).status).toBe(401)
  expect(east.simulator.truth()[0]?.deployment).toBeNull()
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
