import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Region } from '../../src/model/region.ts'
import { createRegionClient, type RegionClient } from '../../src/upstream/ask.ts'
import { createClients } from '../../src/upstream/clients.ts'
import { createHttp } from '../../src/upstream/http.ts'
import { withoutLogin, type AccessTo } from '../../src/upstream/token.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import type { PlayedService } from '../support/played-region.ts'
import { writeTimeouts } from '../support/write-timeouts.ts'
import { createAskSetup, regionAt } from './ask-setup.ts'
import {
  hostsOfOstree,
  noHosts,
  releases,
  releasesOfStx10,
  releasesOfStx11,
  releasesOfStx12,
  releasesOfStx9,
  stx10Unknown,
  stx10UnknownOnLoopback,
  stx12Unknown,
  versionOfStx10,
  versionOfStx9,
} from './bodies.ts'
import { failureOf } from './failure-of.ts'
import { limits } from './http-setup.ts'

// A discovered subcloud's Patching is looked for where upstream would have it: nobody says that it is there.

const { play } = createAskSetup()
const minute = 60_000
const missing = {
  status: 'unsupported',
  reason: 'nothing is at the address where its Patching would be, and its USM needs none',
}
const down = { kind: 'unreachable', message: 'GET /v1/query_hosts: connection refused', refused: true }

let now: number
beforeEach(() => void (now = 1_000_000))
const options = (accessTo: AccessTo = () => withoutLogin) => ({
  http: createHttp(limits, undefined),
  accessTo,
  userAgent: 'gateway/1',
  now: () => now,
  writeTimeouts,
})
const opened: RegionClient[] = []
afterEach(() => {
  for (const client of opened.splice(0)) client.close()
})
function clientOf(region: Region, accessTo?: AccessTo): RegionClient {
  const client = createRegionClient(region, options(accessTo))
  opened.push(client)
  return client
}
function guessed(usm: PlayedService, patching: PlayedService): Region {
  return { ...regionAt({ usm: usm.url, patching: patching.url }), patchingGuessed: true }
}
async function closed(): Promise<PlayedService> {
  const service = await play().service({ '/v1/query_hosts': noHosts })
  await service.close()
  return service
}
async function usmOf(version: string, body: string, unknown = stx10Unknown): Promise<PlayedService> {
  const usm = await play().service({ '/v1': version, '/v1/release': body, '/v1/software/query': body })
  usm.otherwise = unknown
  return usm
}
const usmOfStx10 = (): Promise<PlayedService> => usmOf(versionOfStx10, releasesOfStx10)
const hosts = (asking: RegionClient) => asking.ask({ resource: 'query_hosts' })

describe('it refuses connections, and never answered', () => {
  test.each([
    ['10', releasesOfStx10, stx10Unknown],
    ['10 on loopback', releasesOfStx10, stx10UnknownOnLoopback],
    ['11', releasesOfStx11, stx10Unknown],
  ])('beside a USM of stx %s that answers: the region has none', async (_, body, unknown) => {
    const usm = await usmOf(versionOfStx10, body, unknown)
    const asking = clientOf(guessed(usm, await closed()))
    expect(await hosts(asking)).toEqual(missing)
    expect(await asking.ask({ resource: 'query' })).toEqual(missing)
    expect((await asking.ask({ resource: 'release' })).status).toBe('answered')
  })

  test('stx 12 has none whoever gave the address', async () => {
    const usm = await usmOf(versionOfStx10, releasesOfStx12, stx12Unknown)
    expect(await hosts(clientOf(guessed(usm, await closed())))).toMatchObject({
      reason: expect.stringContaining('stx 12') as string,
    })
  })

  test('where somebody gave its address, it is down', async () => {
    const region = { ...guessed(await usmOfStx10(), await closed()), patchingGuessed: false }
    expect(await failureOf(hosts(clientOf(region)))).toEqual(down)
  })

  test('stx 9 has Patching: it is down', async () => {
    const usm = await usmOf(versionOfStx9, releasesOfStx9)
    const asking = clientOf(guessed(usm, await closed()))
    expect(await failureOf(hosts(asking))).toEqual(down)
  })

  test.each<[string, (usm: PlayedService) => unknown]>([
    ['refuses too', (usm) => usm.close()],
    [
      'is a front without its USM',
      (usm) => (usm.otherwise = { status: '503 Service Unavailable', body: '<html>' }),
    ],
    ['wants another login', (usm) => (usm.otherwise = { status: '401 Unauthorized', body: '{}' })],
  ])('a USM that %s tells nothing: it is down', async (_, breaks) => {
    const usm = await usmOfStx10()
    const asking = clientOf(guessed(usm, await closed()))
    await asking.ask({ resource: 'release' })
    await breaks(usm)
    expect(await failureOf(hosts(asking))).toEqual(down)
  })

  test('it is tried again after five minutes: one that came later is found', async () => {
    const [usm, patching] = [await usmOfStx10(), await closed()]
    const asking = clientOf(guessed(usm, patching))
    await hosts(asking)
    await play().service({ '/v1/query_hosts': noHosts }, patching.port)
    now += 5 * minute - 1
    expect(await hosts(asking)).toEqual(missing)
    now += 1
    expect((await hosts(asking)).status).toBe('answered')
  })
})

describe('it fails in another way than refusing: it is there', () => {
  test.each([
    ['503 Service Unavailable', '<html>'],
    ['404 Not Found', '{}'],
    ['500 Internal Server Error', 'A server error occurred.'],
  ])('%s', async (status, body) => {
    const patching = await play().service({ '/v1/query_hosts': { status, body } })
    const region = guessed(await usmOfStx10(), patching)
    const asking = clientOf(region)
    const failure = await failureOf(hosts(asking))
    expect(failure.status).toBe(Number(status.slice(0, 3)))
    await patching.close()
    expect(await failureOf(hosts(asking))).toEqual(down)
  })

  test('its Keystone refuses connections, and for a moment only: nothing is known of Patching', async () => {
    let refusals = 1
    const token = async (): Promise<string> => {
      if (refusals-- > 0) {
        throw new UpstreamError('unreachable', 'POST /v3/auth/tokens: connection refused', { refused: true })
      }
      return 't'
    }
    const region = guessed(await usmOfStx10(), await closed())
    const asking = clientOf(region, () => ({ ...withoutLogin, token }))
    expect(await failureOf(hosts(asking))).toEqual({
      kind: 'unreachable',
      message: 'POST /v3/auth/tokens: connection refused',
    })
  })
})

describe('it has answered, and refuses connections now: it is down', () => {
  test('until its region runs another release', async () => {
    const [usm, patching] = [await usmOfStx10(), await play().service({ '/v1/query_hosts': noHosts })]
    const asking = clientOf(guessed(usm, patching))
    await asking.ask({ resource: 'release' })
    expect((await hosts(asking)).status).toBe('answered')
    await patching.close()
    expect(await failureOf(hosts(asking))).toEqual(down)
    usm.answers.set('/v1/release', releases('24.09.1'))
    await asking.ask({ resource: 'release' })
    expect(await failureOf(hosts(asking))).toEqual(down)
    usm.answers.set('/v1/release', releasesOfStx11)
    await asking.ask({ resource: 'release' })
    expect(await hosts(asking)).toEqual(missing)
  })

  test('also after its connections were made anew, for another account or address', async () => {
    const [usm, patching] = [
      await usmOfStx10(),
      await play().service({ '/v1/query_hosts': hostsOfOstree('24.09') }),
    ]
    const region = guessed(usm, patching)
    const clients = createClients([region], options())
    expect((await clients.read(region, hosts)).status).toBe('answered')
    await patching.close()
    clients.use(options())
    expect(await failureOf(clients.read(region, hosts))).toEqual(down)
    const moved = guessed(usm, await closed())
    clients.follow([moved])
    expect(await failureOf(clients.read(moved, hosts))).toEqual(down)
    // One that left and came back is another region.
    clients.follow([])
    clients.follow([moved])
    expect(await clients.read(moved, hosts)).toEqual(missing)
    clients.close()
  })
})
