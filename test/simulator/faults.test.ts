import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Fault } from '../../src/simulator/faults.ts'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import { headerOf, rawGet } from './rawHttp.ts'

let region: OneRegion
beforeEach(async () => {
  region = await startOneRegion()
})
afterEach(() => region.simulator.close())

const query = () => rawGet(`${region.patching}/v1/query`)
const withFault = async (fault: Fault) => {
  await region.simulator.setFault('east', fault, 'patching')
  return query()
}
/** Whether something settles within the time. */
const settles = (promise: Promise<unknown>, ms: number) =>
  Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setTimeout(resolve, ms, false)),
  ])

test('refuse: nobody listens, and the other service goes on', async () => {
  await expect(withFault({ kind: 'refuse' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect((await rawGet(`${region.usm}/v1/software/query`)).status).toBe(200)
  expect(region.simulator.truth()[0]?.faults).toEqual({ patching: { kind: 'refuse' } })
  await region.simulator.clearFault('boston-1')
  expect((await query()).status).toBe(200)
})

test('down: refused too where no front stands before it', async () => {
  await expect(withFault({ kind: 'down' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('black-hole: accepts and says nothing, until cleared', async () => {
  const asked = withFault({ kind: 'black-hole' })
  expect(await settles(asked, 300)).toBe(false)
  await region.simulator.clearFault('east')
  await expect(asked).rejects.toThrow()
  expect((await query()).status).toBe(200)
})

test('black-hole with connect: does not even accept', async () => {
  await region.simulator.setFault('east', { kind: 'black-hole', connect: true }, 'patching')
  const { hostname, port } = new URL(region.patching)
  const socket = connect({ host: hostname, port: Number(port) })
  const connected = new Promise<void>((resolve) => {
    for (const event of ['connect', 'error']) socket.once(event, () => resolve())
  })
  expect(await settles(connected, 500)).toBe(false)
  socket.destroy()
  await region.simulator.clearFault('east')
  expect((await query()).status).toBe(200)
})

test('slow: the answer comes late', async () => {
  expect((await withFault({ kind: 'slow', ms: 300 })).ms).toBeGreaterThan(290)
})

test('drip: byte by byte', async () => {
  const asked = withFault({ kind: 'drip', every: 5 })
  expect(await settles(asked, 500)).toBe(false)
  await region.simulator.clearFault('east')
})

test('cut: half the body, then a reset', async () => {
  await expect(withFault({ kind: 'cut' })).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('html: a login page as 200', async () => {
  const answer = await withFault({ kind: 'html' })
  expect(answer.status).toBe(200)
  expect(headerOf(answer, 'content-type')).toContain('text/html')
})

test('bad-json: ends too early', async () => {
  const answer = await withFault({ kind: 'bad-json' })
  expect(answer.status).toBe(200)
  expect(() => JSON.parse(answer.body)).toThrow(SyntaxError)
})

test('status: in the words of who gives it', async () => {
  expect(await withFault({ kind: 'status', status: 500 })).toMatchObject({ status: 500 })
  expect(headerOf(await withFault({ kind: 'status', status: 401 }), 'www-authenticate')).toMatch(
    /^Keystone uri=/,
  )
  expect((await withFault({ kind: 'status', status: 403 })).body).toContain('403 Forbidden')
  const keystone = await withFault({ kind: 'status', status: 503, flavour: 'keystone' })
  expect(JSON.parse(keystone.body)).toMatchObject({ code: '503 Service Unavailable' })
})

test('error-200, redirect, empty-204', async () => {
  expect((await withFault({ kind: 'error-200', error: 'no' })).body).toBe('{"error":"no"}')
  expect(headerOf(await withFault({ kind: 'redirect' }), 'location')).toBe('https://login.example/')
  expect(await withFault({ kind: 'empty-204' })).toMatchObject({ status: 204, body: '' })
})

test('huge: as many bytes as wanted, and valid JSON', async () => {
  const answer = await withFault({ kind: 'huge', bytes: 3_000_000 })
  expect(answer.body.length).toBe(3_000_000)
  expect(JSON.parse(answer.body)).toEqual([])
})

test('impersonate: records claim to be of another region, in either spelling', async () => {
  const plain = await withFault({ kind: 'impersonate', region_name: 'west' })
  expect(Object.values(JSON.parse(plain.body).pd)[0]).toMatchObject({ region_name: 'west' })
  const escaped = await withFault({ kind: 'impersonate', region_name: 'west', spelling: 'escaped' })
  expect(escaped.body).not.toContain('region_name')
  expect(Object.values(JSON.parse(escaped.body).pd)[0]).toMatchObject({ region_name: 'west' })
})

test('crash: a 500, then hanging, then gone, then back without hosts for a while', async () => {
  const answer = await withFault({ kind: 'crash', for_ms: 600 })
  expect(answer).toMatchObject({ status: 500, body: expect.stringContaining('server error') })
  expect(await settles(query(), 100)).toBe(false)
  await expect.poll(() => query().catch((error: { code: string }) => error.code)).toBe('ECONNREFUSED')
  await expect.poll(() => query().then(({ status }) => status, String)).toBe(200)
  const hosts = await rawGet(`${region.patching}/v1/query_hosts`)
  expect(JSON.parse(hosts.body)).toEqual({ data: [] })
})

test('a fault can be kept to some paths', async () => {
  await region.simulator.setFault('east', { kind: 'html', path: '/v1/query_hosts' })
  expect(headerOf(await query(), 'content-type')).toBe('application/json')
  const hosts = await rawGet(`${region.patching}/v1/query_hosts`)
  expect(headerOf(hosts, 'content-type')).toContain('text/html')
})
