import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Readings, Resource, Want } from '../../src/model/reading.ts'
import type { Region } from '../../src/model/region.ts'
import { createRegionClient, type Asked, type RegionClient } from '../../src/upstream/ask.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import { createHttp } from '../../src/upstream/http.ts'
import { withoutLogin, type Access } from '../../src/upstream/token.ts'
import { answer, createRawRegion } from '../support/raw-region.ts'
import { createAskSetup, regionAt } from './ask-setup.ts'
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
import { writeTimeouts } from '../support/write-timeouts.ts'

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
      {
        ...facts,
        hostname: 'controller-0',
        patch_current: true,
        state: 'deployed',
        native_state: 'deployed',
      },
      { ...facts, hostname: 'controller-1', patch_current: false, state: 'pending', native_state: 'pending' },
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

interface Entry extends Access {
  readonly refusedTokens: readonly string[]
  readonly closed: () => boolean
}

/** A way in whose tokens are `t1`, and after each refusal the next. */
function entry(changed: Partial<Access> = {}): Entry {
  const refusedTokens: string[] = []
  let closed = false
  return {
    ...withoutLogin,
    token: () => Promise.resolve(`t${refusedTokens.length + 1}`),
    refused: (token) => refusedTokens.push(token) > 0,
    close: () => void (closed = true),
    ...changed,
    refusedTokens,
    closed: () => closed,
  }
}

const entering = (access: Access, endpoints: Region['endpoints']): RegionClient =>
  createRegionClient(regionAt(endpoints), {
    writeTimeouts,
    http: createHttp(limits, undefined),
    accessTo: () => access,
    userAgent: 'gateway/1',
    now: Date.now,
  })

test('each request carries the token of its region, in X-Auth-Token', async () => {
  const region = await createRawRegion((socket) => socket.end(answer('', { status: '503 No' })))
  const asking = entering(entry(), { usm: region.url })
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
      'x-auth-token: t1',
    ],
  ])
  asking.close()
  await region.close()
})

test('no token, no request', async () => {
  const region = await createRawRegion((socket) => socket.end())
  const failing = new UpstreamError('unauthorized', 'no login')
  const asking = entering(entry({ token: () => Promise.reject(failing) }), { usm: region.url })
  expect(await failureOf(asking.ask({ resource: 'release' }))).toEqual({
    kind: 'unauthorized',
    message: 'no login',
  })
  expect(region.connections()).toBe(0)
  await region.close()
})

test('a 401 takes a new token and asks once more; a second one is the answer', async () => {
  const region = await createRawRegion((socket, head) => {
    const welcome = head.includes('x-auth-token: t2')
    socket.end(welcome ? answer(versionOfStx10) : answer('', { status: '401 Unauthorized' }))
  })
  const access = entry()
  const asking = entering(access, { usm: region.url })
  await failureOf(asking.ask({ resource: 'release' }))
  expect(access.refusedTokens).toEqual(['t1'])

  const refusing = await createRawRegion((socket) => socket.end(answer('', { status: '401 Unauthorized' })))
  const hopeless = entering(entry(), { usm: refusing.url })
  expect(await failureOf(hopeless.ask({ resource: 'release' }))).toEqual({
    kind: 'unauthorized',
    message: 'GET /v1: HTTP 401',
    status: 401,
  })
  expect(refusing.heads).toHaveLength(2)
  await Promise.all([region.close(), refusing.close()])
})

test('a 401 to a request without a token, and a 403, are asked no second time', async () => {
  for (const [access, status] of [
    [withoutLogin, '401 Unauthorized'],
    [entry(), '403 Forbidden'],
  ] as const) {
    const region = await createRawRegion((socket) => socket.end(answer('', { status })))
    const asking = entering(access, { usm: region.url })
    expect(await failureOf(asking.ask({ resource: 'release' }))).toMatchObject({ kind: 'unauthorized' })
    expect(region.heads).toHaveLength(1)
    await region.close()
  }
})

test('a region without addresses is found in its catalog, and followed when it moves', async () => {
  const region = play()
  const [first, second] = [
    await region.service({ '/v1/query': patches('22.12') }),
    await region.service({ '/v1/query': patches('22.12') }),
  ]
  let at: URL | undefined = first.url
  const asking = entering(
    entry({ endpoint: (service) => Promise.resolve(service === 'patching' ? at : undefined) }),
    {},
  )
  expect((await asking.ask({ resource: 'query' })).status).toBe('answered')
  expect(await asking.ask({ resource: 'release' })).toEqual({
    status: 'unsupported',
    reason: 'no usm endpoint',
  })
  at = second.url
  expect((await asking.ask({ resource: 'query' })).status).toBe('answered')
  expect([first.asked(), second.asked()]).toEqual([['/v1/query'], ['/v1/query']])
  at = undefined
  expect(await asking.ask({ resource: 'query' })).toEqual({
    status: 'unsupported',
    reason: 'no patching endpoint',
  })
  asking.close()
})

test('a catalog that cannot be read is a failure, not a missing service', async () => {
  const failing = new UpstreamError('timeout', 'Keystone: no answer')
  const asking = entering(entry({ endpoint: () => Promise.reject(failing) }), {})
  expect(await failureOf(asking.ask({ resource: 'query' }))).toEqual({
    kind: 'timeout',
    message: 'Keystone: no answer',
  })
})

test('close() closes the way in as well', () => {
  const access = entry()
  entering(access, {}).close()
  expect(access.closed()).toBe(true)
})

test('close() leaves no socket at the region', async () => {
  const region = await createRawRegion((socket) =>
    socket.write(answer(versionOfStx10, { headers: ['connection: keep-alive'] })),
  )
  const asking = entering(withoutLogin, { usm: region.url })
  await failureOf(asking.ask({ resource: 'release' }))
  asking.close()
  await region.allClosed()
  await region.close()
})
