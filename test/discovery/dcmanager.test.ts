import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDcmanagerSource } from '../../src/discovery/dcmanager.ts'
import type { Source } from '../../src/discovery/source.ts'
import { createHttp } from '../../src/upstream/http.ts'
import { createKeystoneSession } from '../../src/upstream/keystone-session.ts'
import {
  createScriptedCentral,
  endpoint,
  json,
  password,
  secret,
  subcloudEntry,
  type ScriptedCentral,
} from '../support/scripted-central.ts'
import type { RegionReply } from '../support/scripted-region.ts'
import { failureOf } from '../upstream/failure-of.ts'
import { limits } from '../upstream/http-setup.ts'

let central: ScriptedCentral
let source: Source
beforeEach(async () => {
  central = await createScriptedCentral()
  central.says.catalog = [
    endpoint('usm RegionOne internal', 'http://10.0.0.2:5497/v1'),
    endpoint('usm SystemController internal', 'http://10.0.0.2:25497/v1'),
  ]
  central.says.subclouds = { subclouds: [subcloudEntry(1), subcloudEntry(2)] }
  central.says.groups = { subcloud_groups: [{ id: 1, name: 'east' }] }
  const http = createHttp({ ...limits, firstByteTimeout: 300 }, undefined)
  const userAgent = 'gateway/1'
  source = createDcmanagerSource({
    settings: '',
    interval: 60_000,
    maxShrink: 0.2,
    url: central.dcmanager,
    http,
    userAgent,
    session: createKeystoneSession(central.keystone, {
      http,
      userAgent,
      monotonic: () => performance.now(),
      random: Math.random,
      account: () =>
        Promise.resolve({
          username: 'fleet',
          password,
          projectName: 'services',
          userDomainName: 'Default',
          projectDomainName: 'Default',
        }),
    }),
    central: {
      interfaces: ['internal', 'admin', 'public'],
      centralRegion: 'RegionOne',
      keystone: central.keystone,
      credentials: 'fleet',
    },
    subclouds: {
      templates: {
        keystone: 'https://{ip}:5001/v3',
        usm: 'https://{ip}:5498',
        patching: 'https://{ip}:5492',
      },
      credentialsFor: ({ group }) => `of ${group}`,
    },
  })
})
afterEach(async () => {
  source.close()
  await central.close()
})
const asked = () => central.requests.map(({ method, path }) => `${method} ${path}`)

test('its own region and every subcloud, by three requests with one login', async () => {
  const { regions, notes } = await source.find()
  expect(notes).toEqual([])
  expect(regions.map(({ name, subcloud, credentials }) => [name, subcloud, credentials])).toEqual([
    ['RegionOne', 'RegionOne', 'fleet'],
    ['1'.padStart(32, '0'), 'subcloud-1', 'of east'],
    ['2'.padStart(32, '0'), 'subcloud-2', 'of east'],
  ])
  expect(regions[0]?.endpoints.usmReleaseWrites?.port).toBe('25497')
  await source.find()
  const lists = ['GET /v1.0/subclouds', 'GET /v1.0/subcloud-groups']
  expect(asked()).toEqual(['POST /v3/auth/tokens', ...lists, ...lists])
  // Another User-Agent than upstream's own: for some dcmanager changes what `name` means.
  expect(new Set(central.requests.map(({ headers }) => headers['user-agent']))).toEqual(
    new Set(['gateway/1']),
  )
})

test('a token that is refused is fetched anew, once', async () => {
  await source.find()
  central.says.instead.set('/v1.0', json(401, {}))
  const failing = failureOf(source.find())
  expect((await failing).kind).toBe('unauthorized')
  expect(asked().filter((call) => call.startsWith('POST'))).toHaveLength(2)
})

test('the names of groups stay while they can not be had: else each region would change its account', async () => {
  const before = (await source.find()).regions
  for (const reply of ['reset', json(500, {}), json(200, {}), json(200, [])] as const) {
    central.says.instead.set('/v1.0/subcloud-groups', reply)
    const { regions, notes } = await source.find()
    expect(regions).toEqual(before)
    expect(notes).toEqual(['the names of its subcloud groups could not be had'])
  }
})

test('a list that is what it was gives the same regions, unless a group was renamed or the list is an error', async () => {
  const subclouds = async () => (await source.find()).regions.slice(1)
  const before = await subclouds()
  for (const [i, region] of (await subclouds()).entries()) expect(region).toBe(before[i])
  central.says.groups = { subcloud_groups: [{ id: 1, name: 'lab' }] }
  expect((await subclouds()).map(({ credentials }) => credentials)).toEqual(['of lab', 'of lab'])
  central.says.instead.set('/v1.0/subclouds', json(500, central.says.subclouds))
  expect(await failureOf(source.find())).toMatchObject({ kind: 'broken', status: 500 })
  central.says.instead.clear()
  expect(await subclouds()).toHaveLength(2)
})

test('a system controller without an update service in its catalog: its subclouds all the same', async () => {
  central.says.catalog = []
  const { regions, notes } = await source.find()
  expect(regions).toHaveLength(2)
  expect(notes).toEqual(['its catalog has no update service of RegionOne'])
})

const half = JSON.stringify({ subclouds: [subcloudEntry(1), subcloudEntry(2)] }).slice(0, -200)
const page: RegionReply = { status: 200, headers: [['Content-Type', 'text/html']], body: `<html>${secret}` }

test.each<[string, RegionReply, string, string]>([
  ['goes away', 'reset', 'unreachable', 'GET /v1.0/subclouds: connection lost before an answer (ECONNRESET)'],
  ['says nothing', 'hang', 'timeout', 'GET /v1.0/subclouds: no answer within 0.3 s'],
  ['is cut off midway', { status: 200, body: `${half}${half}`, cutAfter: 900 }, 'broken', 'cut'],
  ['says half a list', { status: 200, body: half }, 'malformed', 'GET /subclouds: HTTP 200'],
  ['says a page', page, 'malformed', 'GET /subclouds: HTTP 200'],
  ['says another thing', json(200, { data: [subcloudEntry(1)] }), 'malformed', 'no list of subclouds'],
  ['fails with words', json(500, { error: `of ${secret}` }), 'broken', 'GET /subclouds: HTTP 500'],
  ['says an error as 200', json(200, { error: secret }), 'rejected', 'GET /subclouds: HTTP 200'],
  ['refuses the role', json(403, { error: secret }), 'unauthorized', 'GET /subclouds: HTTP 403'],
  ['leads elsewhere', json(302, {}, [['Location', `/${secret}`]]), 'broken', 'GET /subclouds: HTTP 302'],
])('a dcmanager that %s: the find fails, and no word of it is repeated', async (_, reply, kind, message) => {
  central.says.instead.set('/v1.0/subclouds', reply)
  const failure = await failureOf(source.find())
  expect(failure.kind).toBe(kind)
  expect(failure.message).toContain(message)
  expect(JSON.stringify(failure)).not.toContain(secret)
})

test('nothing of an entry but what a region needs is kept', async () => {
  const duplicate = subcloudEntry(3, { 'region-name': '1'.padStart(32, '0') })
  const broken = subcloudEntry(4, { 'management-start-ip': secret, name: { secret } })
  central.says.subclouds = { subclouds: [subcloudEntry(1), duplicate, broken, secret, { secret }] }
  const found = await source.find()
  expect(found.regions).toHaveLength(2)
  expect(found.notes).toHaveLength(4)
  expect(JSON.stringify(found)).not.toContain(secret)
})
