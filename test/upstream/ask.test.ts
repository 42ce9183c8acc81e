import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Readings, Resource, Want } from '../../src/model/reading.ts'
import { createRegionClient, type Asked, type RegionClient } from '../../src/upstream/ask.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import { createHttp } from '../../src/upstream/http.ts'
import type { TokenSource } from '../../src/upstream/token.ts'
import { createRawRegion } from '../support/raw-region.ts'
import { createAskSetup } from './ask-setup.ts'
import {
  deployHosts,
  deployments,
  hostsOfOstree,
  patches,
  releasesOfMaster,
  releasesOfStx10,
  releasesOfStx9,
  versionOfStx10,
  versionOfStx9,
} from './bodies.ts'
import { failureOf } from './failure-of.ts'
import { limits } from './http-setup.ts'

const { play, client } = createAskSetup()

async function reading<R extends Resource>(
  asking: RegionClient,
  want: Want<R>,
  previous?: Readings[R],
): Promise<Readings[R]> {
  const asked: Asked<Readings[R]> = await asking.ask(want, previous)
  if (asked.status !== 'answered') throw new Error(asked.reason)
  return asked.reading
}

test('a reading is the answer as received, its records with region_name, and their facts', async () => {
  const usm = await play().service({ '/v1': versionOfStx10, '/v1/deploy_host': deployHosts })
  const { piece, ...rest } = await reading(client({ usm: usm.url }), { resource: 'deploy_host' })
  const facts = {
    node_type: null,
    sw_version: '24.09.0',
    target_version: '24.09.1',
    reboot_required: true,
    patch_failed: false,
    last_seen_s: null,
    derived_from: 'usm-deploy-host',
  }
  expect(rest).toEqual({
    dialect: 'usm-stx10',
    body: Buffer.from(deployHosts),
    items: [
      { ...facts, hostname: 'controller-0', patch_current: true, native_state: 'deployed' },
      { ...facts, hostname: 'controller-1', patch_current: false, native_state: 'pending' },
    ],
  })
  expect(piece.bytes.toString()).toBe(
    deployHosts.slice(1, -1).replaceAll('{', '{"region_name":"east",').replace('}, {', '},{'),
  )
})

test.each([
  ['release', versionOfStx10, '/v1/release', releasesOfStx10],
  ['release', versionOfStx10, '/v1/release', releasesOfMaster],
  ['release', versionOfStx9, '/v1/software/query', releasesOfStx9],
  ['deploy', versionOfStx10, '/v1/deploy', deployments],
  ['deploy_host', versionOfStx10, '/v1/deploy_host', deployHosts],
  ['software_upgrade', versionOfStx10, '/v1/deploy/software_upgrade', 'null'],
  ['in_sync_controller', versionOfStx10, '/v1/software/in_sync_controller', '{"in_sync": true}'],
  ['query', '', '/v1/query', patches('22.12')],
  ['query_hosts', '', '/v1/query_hosts', hostsOfOstree('22.12')],
] as const)('the same bytes again are the same reading: %s (%#)', async (resource, version, path, body) => {
  const service = await play().service({ '/v1': version, [path]: body })
  const asking = client({ usm: service.url, patching: service.url })
  const first = await reading<Resource>(asking, { resource })
  expect(await reading<Resource>(asking, { resource }, first)).toBe(first)
  service.answers.set(path, `${body} `)
  const second = await reading<Resource>(asking, { resource }, first)
  expect(second).not.toBe(first)
  expect({ ...second, body: first.body }).toEqual(first)
})

test('the same bytes with another status are no answer', async () => {
  const usm = await play().service({ '/v1': versionOfStx10, '/v1/release': releasesOfStx10 })
  const asking = client({ usm: usm.url })
  const first = await reading(asking, { resource: 'release' })
  usm.answers.set('/v1/release', { status: '206 Partial Content', body: releasesOfStx10 })
  expect(await failureOf(asking.ask({ resource: 'release' }, first))).toMatchObject({ kind: 'malformed' })
})

test('one request is open at a region at a time, whatever is asked and however often', async () => {
  const region = play()
  const usm = await region.service({
    '/v1': versionOfStx10,
    '/v1/release': releasesOfStx10,
    '/v1/deploy': deployments,
    '/v1/deploy_host': deployHosts,
  })
  const patching = await region.service({ '/v1/query': patches('24.09') })
  const asking = client({ usm: usm.url, patching: patching.url })
  const asks = (['release', 'deploy', 'query', 'deploy_host', 'query_hosts'] as const).flatMap((resource) =>
    Array.from({ length: 5 }, () =>
      asking.ask({ resource }).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof UpstreamError ? error.kind : 'other'),
      ),
    ),
  )
  const outcomes = await Promise.all(asks)
  expect(outcomes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 'answered'))
  expect(outcomes.slice(20)).toEqual(Array.from({ length: 5 }, () => 'rejected'))
  expect(region.mostAtOnce()).toBe(1)
})

test('a region that hangs has at most 64 asks waiting; the next one fails at once', async () => {
  const region = play()
  const usm = await region.service({ '/v1': versionOfStx10, '/v1/release': releasesOfStx10 })
  const asking = client({ usm: usm.url })
  const release = region.hold()
  const waiting = Array.from({ length: 64 }, () => asking.ask({ resource: 'release' }))
  expect(await failureOf(asking.ask({ resource: 'release' }))).toEqual({
    kind: 'timeout',
    message: 'GET release: 64 requests are waiting already',
  })
  while (usm.asked().length === 0) await setImmediate()
  release()
  const answers = await Promise.all(waiting)
  expect(answers.every(({ status }) => status === 'answered')).toBe(true)
  expect((await asking.ask({ resource: 'release' })).status).toBe('answered')
})

test('a failure does not stop those behind it', async () => {
  const usm = await play().service({
    '/v1': versionOfStx10,
    '/v1/release': { status: '503 Service Unavailable', body: '' },
    '/v1/deploy': deployments,
  })
  const asking = client({ usm: usm.url })
  const [first, second] = await Promise.allSettled([
    asking.ask({ resource: 'release' }),
    asking.ask({ resource: 'deploy' }),
  ])
  expect([first?.status, second?.status]).toEqual(['rejected', 'fulfilled'])
})

const withTokens = (tokens: TokenSource, url: URL): RegionClient =>
  createRegionClient(
    { name: 'east', subcloud: 'east', endpoints: { usm: url }, credentials: 'default', labels: {} },
    { http: createHttp(limits, undefined), tokens, userAgent: 'gateway/1', now: Date.now },
  )

test('each request carries the token of its region, in X-Auth-Token', async () => {
  const region = await createRawRegion((socket) => socket.end('HTTP/1.0 503 No\r\nContent-Length: 0\r\n\r\n'))
  const asking = withTokens((of) => Promise.resolve(`token of ${of.name}`), region.url)
  expect(await failureOf(asking.ask({ resource: 'release' }))).toEqual({
    kind: 'broken',
    message: 'GET /v1: HTTP 503',
    status: 503,
  })
  expect(region.heads.map((head) => head.split('\r\n').toSorted())).toEqual([
    [
      'GET /v1 HTTP/1.1',
      'accept: application/json',
      'connection: keep-alive',
      `host: 127.0.0.1:${region.port}`,
      'user-agent: gateway/1',
      'x-auth-token: token of east',
    ],
  ])
  asking.close()
  await region.close()
})

test('no token, no request', async () => {
  const region = await createRawRegion((socket) => socket.end())
  const failing = new UpstreamError('unauthorized', 'no login')
  const asking = withTokens(() => Promise.reject(failing), region.url)
  expect(await failureOf(asking.ask({ resource: 'release' }))).toEqual({
    kind: 'unauthorized',
    message: 'no login',
  })
  expect(region.connections()).toBe(0)
  await region.close()
})

test('close() leaves no socket at the region', async () => {
  const region = await createRawRegion((socket) =>
    socket.write(
      `HTTP/1.0 200 OK\r\nconnection: keep-alive\r\nContent-Length: ${versionOfStx10.length}\r\n\r\n${versionOfStx10}`,
    ),
  )
  const asking = withTokens(() => Promise.resolve(undefined), region.url)
  await failureOf(asking.ask({ resource: 'release' }))
  asking.close()
  await region.allClosed()
  await region.close()
})
