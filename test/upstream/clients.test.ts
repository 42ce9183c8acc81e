import { afterEach, expect, test } from 'vitest'
import type { Region } from '../../src/model/region.ts'
import type { AskOptions, RegionClient } from '../../src/upstream/ask.ts'
import { createClients, type Clients } from '../../src/upstream/clients.ts'
import { createHttp } from '../../src/upstream/http.ts'
import { withoutLogin, type Access } from '../../src/upstream/token.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { json } from '../support/scripted-central.ts'
import { createScriptedRegion, type RegionReply, type ScriptedRegion } from '../support/scripted-region.ts'
import { writeTimeouts } from '../support/write-timeouts.ts'
import { failureOf } from './failure-of.ts'
import { limits } from './http-setup.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** USM of stx 12 whose only release is named after it. */
async function serve(name: string, held?: Promise<unknown>): Promise<ScriptedRegion> {
  const release = [{ release_id: name, sw_version: '26.3.0', state: 'deployed' }]
  const site = await createScriptedRegion(async ({ path }): Promise<RegionReply> => {
    if (path === '/v1') return json(200, { id: 'v1', release: [], links: [] })
    await held
    return json(200, release)
  })
  closing.push(() => site.close())
  return site
}

let closedTokens: string[] = []
const options = (more: Partial<AskOptions> = {}): AskOptions => ({
  http: createHttp(limits, undefined),
  accessTo: ({ name }): Access => ({ ...withoutLogin, close: () => void closedTokens.push(name) }),
  userAgent: 'gateway/1',
  now: Date.now,
  writeTimeouts,
  ...more,
})
function clientsOf(...regions: readonly Region[]): Clients {
  closedTokens = []
  const clients = createClients(regions, options())
  closing.push(() => clients.close())
  return clients
}
const at = (name: string, site: ScriptedRegion): Region => ({
  ...createRegion(name),
  endpoints: { usm: new URL(site.url) },
})
const releaseOf = async (client: RegionClient): Promise<unknown> => {
  const asked = await client.ask({ resource: 'release' })
  return asked.status === 'answered' ? (JSON.parse(String(asked.reading.body)) as unknown) : asked.status
}
const named = (release: string) => [{ release_id: release }]
const reached = (site: ScriptedRegion) =>
  expect.poll(() => site.requests.some(({ path }) => path === '/v1/release'))

test('one client for each region, made when it is asked', async () => {
  const site = await serve('one')
  const clients = clientsOf(at('east', site))
  expect(clients.existing('east')).toBeUndefined()
  expect(await clients.read(at('east', site), releaseOf)).toMatchObject(named('one'))
  const first = clients.existing('east')
  await clients.read({ ...at('east', site), subcloud: 'renamed', labels: { a: 'b' } }, releaseOf)
  expect(clients.existing('east')).toBe(first)
})

test('a region that was renamed keeps its client and token; one that moved, or left, does not', async () => {
  const [one, two] = [await serve('one'), await serve('two')]
  const [east, west, north] = [at('east', one), at('west', one), at('north', one)]
  const clients = clientsOf(east, west, north)
  for (const region of [east, west, north]) await clients.read(region, releaseOf)
  const kept = clients.existing('east')
  clients.follow([{ ...east, subcloud: 'boston-1', offline: true }, at('west', two)])
  expect(clients.existing('east')).toBe(kept)
  expect([clients.existing('west'), clients.existing('north')]).toEqual([undefined, undefined])
  expect(closedTokens).toEqual(['west', 'north'])
})

test.each([
  ['other credentials', { credentials: 'other' }],
  ['another name of its own', { keystoneRegion: 'RegionOne' }],
  ['another Keystone', { endpoints: { usm: new URL('http://x'), keystone: new URL('http://k') } }],
  ['a Patching that is a guess', { patchingGuessed: true }],
  [
    'another place for releases',
    { endpoints: { usm: new URL('http://x'), usmReleaseWrites: new URL('http://y') } },
  ],
])('%s are another way to it', async (_, more) => {
  const region = { ...createRegion('east'), endpoints: { usm: new URL('http://x') } }
  const clients = clientsOf(region)
  await clients.read(region, () => Promise.resolve())
  clients.follow([{ ...region, ...more }])
  expect(clients.existing('east')).toBeUndefined()
})

test('who holds an older description asks where the region is now', async () => {
  const [one, two] = [await serve('one'), await serve('two')]
  const clients = clientsOf(at('east', one))
  clients.follow([at('east', two)])
  expect(await clients.read(at('east', one), releaseOf)).toMatchObject(named('two'))
  const kept = clients.existing('east')
  await clients.read(at('east', two), releaseOf)
  expect(clients.existing('east')).toBe(kept)
  expect(one.requests).toEqual([])
})

test('a read that a move cuts short is asked again where the region is now', async () => {
  const [one, two] = [await serve('one', new Promise(() => undefined)), await serve('two')]
  const clients = clientsOf(at('east', one))
  const reading = clients.read(at('east', one), releaseOf)
  await reached(one).toBe(true)
  clients.follow([at('east', two)])
  expect(await reading).toMatchObject(named('two'))
})

test('what was answered where the region is no more is not believed', async () => {
  const [one, two] = [await serve('one'), await serve('two')]
  const clients = clientsOf(at('east', one))
  let moved = false
  const reading = clients.read(at('east', one), async (client) => {
    const answer = await releaseOf(client)
    if (!moved) clients.follow([at('east', two)])
    moved = true
    return answer
  })
  expect(await reading).toMatchObject(named('two'))
})

test('other limits or accounts: reads under way are asked again, with them', async () => {
  const held = Promise.withResolvers<void>()
  const site = await serve('one', held.promise)
  const clients = clientsOf(at('east', site))
  const reading = clients.read(at('east', site), releaseOf)
  await reached(site).toBe(true)
  clients.use(options({ userAgent: 'gateway/2' }))
  held.resolve()
  expect(await reading).toMatchObject(named('one'))
  expect(site.requests.at(-1)?.headers['user-agent']).toBe('gateway/2')
  expect(closedTokens).toEqual(['east'])
})

test.each(['moves', 'leaves', 'gets other limits'])(
  'a write under way ends where it began when its region %s, and its connection with it',
  async (what) => {
    const held = Promise.withResolvers<void>()
    const [one, two] = [await serve('one', held.promise), await serve('two')]
    const clients = clientsOf(at('east', one))
    const writing = clients.relay(at('east', one), releaseOf)
    await reached(one).toBe(true)
    if (what === 'gets other limits') clients.use(options())
    else clients.follow(what === 'leaves' ? [] : [at('east', two)])
    expect(clients.existing('east')).toBeUndefined()
    expect(closedTokens).toEqual([])
    held.resolve()
    expect(await writing).toMatchObject(named('one'))
    expect(closedTokens).toEqual(['east'])
    expect(two.requests).toEqual([])
  },
)

test('of a region that left nothing is asked, and nothing is kept', async () => {
  const site = await serve('one', new Promise(() => undefined))
  const clients = clientsOf(at('east', site))
  const reading = failureOf(clients.read(at('east', site), releaseOf))
  await reached(site).toBe(true)
  clients.follow([])
  const gone = { kind: 'unreachable', message: 'it has left the fleet' }
  expect(await reading).toEqual(gone)
  const before = site.requests.length
  expect(await failureOf(clients.read(at('east', site), releaseOf))).toEqual(gone)
  expect(await failureOf(clients.relay(at('east', site), releaseOf))).toEqual(gone)
  expect(site.requests).toHaveLength(before)
  expect(clients.existing('east')).toBeUndefined()
})

test('what still waited for its turn at a client that was closed sends nothing', async () => {
  const held = Promise.withResolvers<void>()
  const site = await serve('one', held.promise)
  const clients = clientsOf(at('east', site))
  const asked = Array.from({ length: 5 }, () => failureOf(clients.read(at('east', site), releaseOf)))
  await reached(site).toBe(true)
  clients.follow([])
  await Promise.all(asked)
  expect(site.requests.filter(({ path }) => path === '/v1/release')).toHaveLength(1)
})
