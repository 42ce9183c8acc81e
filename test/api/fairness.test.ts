import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { serveRegions, type Served } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'

// What one caller may ask for, over real sockets. Rates are so small that none is refilled during a test.

let gateway: Served
afterEach(() => gateway.close())

async function limitedTo(limits: object): Promise<void> {
  gateway = await serveRegions({
    regions: { boston: { listen: { host: '127.0.0.1', port: 0 }, sw_patch_listen: { port: 0 } } },
    config: { limits },
  })
}
const tokenOf = (sub: string): Promise<string> => gateway.token({ claims: { sub } })
const status = async (token: string, target = '/v1', at?: string): Promise<number> =>
  (await gateway.ask('GET', target, { token, ...(at !== undefined && { at }) })).status

test('too many requests are a 429 before anything is done, through all doors together', async () => {
  await limitedTo({ requests_per_second: 0.001, burst: 3 })
  await until(() => gateway.region('boston').requests.some(({ path }) => path === '/v1/query_hosts'))
  const [anna, bob] = [await tokenOf('anna'), await tokenOf('bob')]
  expect(await status(anna)).toBe(200)
  expect(await status(anna, '/v1/deploy', gateway.urlOf('boston', 'listen'))).toBe(200)
  // What is refused for another reason counts.
  expect(await status(anna, '/nothing')).toBe(404)

  const before = gateway.region('boston').requests.length
  for (const [method, target] of [
    ['GET', '/v1/release'],
    ['POST', '/regions/boston/v1/deploy/abort'],
    ['GET', '/metrics'],
    ['GET', '/nothing'],
  ] as const) {
    const answer = await gateway.ask(method, target, { token: anna })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([429, 'application/json'])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(900)
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      type: '/problems/too-many-requests',
      error: 'more than 0.001 requests per second of this caller',
    })
  }
  expect(await status(anna, '/v1', gateway.urlOf('boston', 'listen'))).toBe(429)
  // Another token of hers is still her.
  expect(await status(await gateway.token({ claims: { sub: 'anna', jti: 'another' } }))).toBe(429)
  expect(gateway.region('boston').requests.length).toBe(before)

  // Others are not touched, nor who has no token, nor the admin port.
  expect(await status(bob)).toBe(200)
  expect(
    (await gateway.ask('GET', '/patch/query', { token: '', at: gateway.urlOf('boston', 'swPatch') })).status,
  ).toBe(200)
  expect((await fetch(`${gateway.adminUrl}/metrics`)).status).toBe(200)
})

test('bad tokens take nothing from whom they name', async () => {
  await limitedTo({ requests_per_second: 0.001, burst: 1 })
  const forged = (await tokenOf('anna')).replace(/[^.]+$/, 'AAAA')
  for (let i = 0; i < 20; i++) expect(await status(forged)).toBe(401)
  expect(await status(await tokenOf('anna'))).toBe(200)
})

test('so many at once: the next is a 429 and asks no region; whoever is done, or leaves, makes room', async () => {
  await limitedTo({ requests_per_second: 0, concurrent: 2 })
  const [anna, bob] = [await tokenOf('anna'), await tokenOf('bob')]
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  const held = (): number =>
    gateway.region('boston').requests.filter(({ path }) => path.startsWith('/v1/deploy/')).length
  gateway.region('boston').plays(({ path }) => {
    if (!path.startsWith('/v1/deploy/')) return undefined
    return released.then(() => ({ status: 200, body: '{"info": "", "warning": "", "error": ""}' }))
  })
  const abort = '/regions/boston/v1/deploy/abort'
  const first = gateway.ask('POST', abort, { token: anna })
  await until(() => held() === 1)
  const leaving = leave(anna, abort)
  // It waits for its turn at the region.
  await until(async () => (await status(anna)) === 429)
  expect([await status(anna), await status(bob)]).toEqual([429, 200])
  expect(held()).toBe(1)
  leaving.destroy()
  await until(async () => (await status(anna)) === 200)
  release()
  expect((await first).status).toBe(200)
  await until(async () => (await Promise.all([status(anna), status(anna)])).join() === '200,200')
})

test('whoever does not read an answer keeps the place', async () => {
  await limitedTo({ requests_per_second: 0, concurrent: 1 })
  const big = JSON.stringify(
    Array.from({ length: 12_000 }, (_, i) => ({
      release_id: `r-${i}`,
      sw_version: '24.09.1',
      state: 'deployed',
      summary: 'x'.repeat(500),
    })),
  )
  gateway
    .region('boston')
    .plays(({ path }) => (path === '/v1/release' ? { status: 200, body: big } : undefined))
  const anna = await tokenOf('anna')
  await until(
    async () => (await gateway.ask('GET', '/v1/release?max_age=0', { token: anna })).body.length > big.length,
  )
  const lazy = leave(anna, '/v1/release', 'GET')
  lazy.pause()
  await until(async () => (await status(anna)) === 429)
  expect(await status(await tokenOf('bob'))).toBe(200)
  lazy.destroy()
  await until(async () => (await status(anna)) === 200)
})

/** A request on a connection that the test ends, or does not read. */
function leave(token: string, target: string, method = 'POST'): Socket {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  socket.write(
    `${method} ${target} HTTP/1.1\r\nHost: a\r\nX-Auth-Token: ${token}\r\nContent-Length: 0\r\n\r\n`,
  )
  return socket
}
