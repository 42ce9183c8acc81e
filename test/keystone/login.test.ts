import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startKeystone, type KeystoneServer } from '../support/keystone-server.ts'
import { until } from '../support/simulated-fleet.ts'
import { createWorld, userAgent, type World } from './world.ts'

// The gateway's login at Debian's real Keystone, whose clock is moved where a token or a password has to age.

let keystone: KeystoneServer
let world: World

beforeAll(async () => {
  keystone = await startKeystone()
}, 300_000)
beforeEach(async () => {
  keystone.setClock(0)
  world = await createWorld(keystone)
})
afterEach(() => world.close())
afterAll(() => keystone.close())

test('the token of one login is what the region is shown', async () => {
  expect(await world.ask()).toBe('answered')
  expect(await world.ask()).toBe('answered')
  expect(world.logins()).toEqual([201])
  const [login] = world.front.logins
  expect(world.shown()).toEqual([login?.token, login?.token])
  expect([login?.userAgent, login?.token.length]).toEqual([userAgent, 183])
})

test('many who ask at once make one login', async () => {
  const tokens = await Promise.all(Array.from({ length: 20 }, () => world.access.token()))
  expect(new Set(tokens).size).toBe(1)
  const asked = await Promise.all(Array.from({ length: 5 }, () => world.ask()))
  expect(new Set(asked)).toEqual(new Set(['answered']))
  expect(world.logins()).toEqual([201])
})

test('a token is renewed before its end, behind the back of who asks', async () => {
  await world.ask()
  // An hour of life, less 300 to 460 s.
  world.advance(3600 - 381)
  await world.ask()
  expect(world.logins()).toEqual([201])
  world.advance(2)
  expect(await world.ask()).toBe('answered')
  await until(() => world.logins().length === 2)
  const [first, second] = world.front.logins
  await until(async () => (await world.access.token()) === second?.token)
  await world.ask()
  expect(world.shown()).toEqual([first?.token, first?.token, first?.token, second?.token])
  expect(world.logins()).toEqual([201, 201])
})

test('a token that can not be renewed serves until its end', async () => {
  await world.ask()
  await world.front.down()
  world.advance(3600 - 60)
  expect(await world.ask()).toBe('answered')
  world.advance(31)
  expect(await world.ask()).toMatchObject({ kind: 'unreachable' })
  await world.front.up()
  expect(await world.ask()).toBe('answered')
  expect(world.logins()).toEqual([201, 201])
})

test.each([2 * 3600, -2 * 3600])(
  'a Keystone whose clock is %i s off: the token lives as long as it says, by our clock',
  async (ahead) => {
    keystone.setClock(ahead)
    expect(await world.ask()).toBe('answered')
    world.advance(3000)
    expect(await world.ask()).toBe('answered')
    expect(world.logins()).toEqual([201])
    world.advance(600)
    expect(await world.ask()).toBe('answered')
    expect(world.logins()).toEqual([201, 201])
  },
)

test('a token that expired at Keystone, though not by our clock: one login, and the read is sent again', async () => {
  await world.ask()
  keystone.setClock(3601)
  expect(await world.ask()).toBe('answered')
  expect(world.logins()).toEqual([201, 201])
  expect(new Set(world.shown()).size).toBe(2)
})

test('Keystone is down: unreachable, no failed login, and all is well when it is back', async () => {
  await world.front.down()
  for (let i = 0; i < 5; i++) {
    expect(await world.ask()).toEqual({
      kind: 'unreachable',
      message: 'POST /v3/auth/tokens: connection refused',
    })
  }
  await world.front.up()
  expect(await world.ask()).toBe('answered')
  expect(world.logins()).toEqual([201])
})

test('services are found in the catalog: of the right region, by the admin interface first', async () => {
  const byCatalog = await createWorld(keystone, { byCatalog: true })
  const { keystoneRegion: region, site } = byCatalog
  const elsewhere = 'http://127.0.0.1:9'
  const service = 'usm'
  try {
    expect(await byCatalog.ask()).toBe('unsupported')
    await keystone.admin.addEndpoint({ service, region: `${region}-b`, interface: 'admin', url: elsewhere })
    await keystone.admin.addEndpoint({ service, region, interface: 'public', url: site.url })
    // A catalog is as old as its token.
    byCatalog.advance(3600)
    expect(await byCatalog.ask()).toBe('answered')
    await keystone.admin.addEndpoint({ service, region, interface: 'internal', url: `${site.url}/in/` })
    byCatalog.advance(3600)
    expect((await byCatalog.access.endpoint('usm'))?.href).toBe(`${site.url}/in`)
    await keystone.admin.addEndpoint({ service, region, interface: 'admin', url: `${site.url}/v1` })
    byCatalog.advance(3600)
    expect((await byCatalog.access.endpoint('usm'))?.href).toBe(`${site.url}/`)
    expect(await byCatalog.ask()).toBe('answered')
    expect(await byCatalog.access.endpoint('patching')).toBeUndefined()
  } finally {
    await byCatalog.close()
  }
})
