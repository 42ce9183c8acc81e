import { expect, onTestFinished, test } from 'vitest'
import { callerWith } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { patchingHost } from '../support/fleet-records.ts'
import { readEvents, type EventReader } from '../support/event-reader.ts'
import { behaves, serveRegions, type Served } from '../support/served-regions.ts'
import { hostsOfOstree, releases } from '../upstream/bodies.ts'
import { createFilledGateway, playOf } from './fleet-setup.ts'

const regions = [
  createRegion('austin', { speaks: ['patching'], labels: { site: 'south' } }),
  createRegion('boston', { speaks: ['patching'], labels: { group: 'coast' } }),
]
const callers = { narrow: callerWith('reader', ['boston']), nobody: callerWith(undefined) }

async function createHosts() {
  let current = true
  const gateway = await createFilledGateway(
    regions,
    (region, want) =>
      playOf({ [region.name]: { query_hosts: { data: [patchingHost('c-0', current)] } } })(region, want),
    callers,
  )
  await gateway.eventLog.look()
  return {
    ...gateway,
    async turn(to: boolean) {
      current = to
      await gateway.refresh()
      await gateway.eventLog.look()
    },
  }
}

test.each([
  ['', ['austin', 'boston']],
  ['region_name=b*', ['boston']],
  ['region_name=austin', ['austin']],
  ['group=coast', ['boston']],
  ['selector=site=south', ['austin']],
  ['region_name=nobody*', []],
])('GET /fleet/v1/events?%s tells of the regions that were selected', async (query, names) => {
  const gateway = await createHosts()
  const answer = await gateway.get(`/fleet/v1/events?type=host_patch_current,inventory&${query}`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const events = readEvents(answer.body as ReadableStream<Uint8Array>)
  expect(await events.next()).toMatchObject({ event: 'bookmark' })
  await gateway.turn(false)
  for (const region_name of names) {
    expect(await events.next()).toMatchObject({
      event: 'host_patch_current',
      data: { region_name, from: true, to: false },
    })
  }
  gateway.eventLog.close()
  expect(await events.next()).toMatchObject({ event: 'end' })
})

test('a caller is told of what is in its scope, and a name outside of it is nobody', async () => {
  const gateway = await createHosts()
  const answer = await gateway.get('/fleet/v1/events', { as: 'narrow' })
  const events = readEvents(answer.body as ReadableStream<Uint8Array>)
  await events.next()
  await gateway.turn(false)
  gateway.eventLog.close()
  const told: unknown[] = []
  for (let event = await events.next(); event; event = await events.next())
    told.push(event.data['region_name'])
  expect(new Set(told)).toEqual(new Set(['boston', undefined]))

  const [outside, nobody] = await Promise.all(
    ['austin', 'nobody'].map(async (name) =>
      (
        await gateway.get(`/fleet/v1/events?region_name=${name}`, {
          as: 'narrow',
          headers: { 'x-request-id': 'r' },
        })
      ).text(),
    ),
  )
  expect(outside?.replaceAll('austin', 'nobody')).toBe(nobody)
})

test.each([
  [400, '/fleet/v1/events?colour=red'],
  [400, '/fleet/v1/events?type=weather'],
  [400, '/fleet/v1/events?type='],
  [400, `/fleet/v1/events?last_event_id=${'x'.repeat(200)}`],
  [404, '/fleet/v1/events?region_name=nobody'],
  [404, '/fleet/v1/events/x'],
])('%i for %s, in RFC 9457’s form', async (status, path) => {
  const gateway = await createHosts()
  const answer = await gateway.get(path)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(await answer.json()).toMatchObject({ status })
})

test('only with a role, only by GET; HEAD has no body', async () => {
  const gateway = await createHosts()
  expect((await gateway.get('/fleet/v1/events', { as: 'nobody' })).status).toBe(403)
  const posted = await gateway.get('/fleet/v1/events', { method: 'POST' })
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  const head = await gateway.get('/fleet/v1/events', { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

async function serve(config: object = {}): Promise<Served> {
  const served = await serveRegions({ regions: { 'boston-1': {} }, config })
  onTestFinished(() => served.close())
  return served
}

async function follow(
  served: Served,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventReader> {
  const answer = await fetch(`${served.url}/fleet/v1/events`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
  })
  return readEvents(answer.body as ReadableStream<Uint8Array>)
}

test('over a socket: a host that turns is told of; whoever was cut off goes on after it', async () => {
  const served = await serve()
  const events = await follow(served, await served.token())
  await events.until('bookmark')
  const hosts = (current: boolean) => ({
    status: 200,
    body: hostsOfOstree('24.09').replaceAll(/"patch_current": ?(true|false)/g, `"patch_current": ${current}`),
  })
  const poll = async (current: boolean): Promise<void> => {
    served
      .region('boston-1')
      .plays((request) => (request.path.startsWith('/v1/query_hosts') ? hosts(current) : behaves(request)))
    await served.ask('GET', '/v1/query_hosts?max_age=0')
  }
  await poll(true)
  await poll(false)
  const turned = await events.until('host_patch_current')
  expect(turned.data).toMatchObject({ region_name: 'boston-1', to: false })
  await events.leave()

  // What happens meanwhile is told to whoever comes back.
  served
    .region('boston-1')
    .plays((request) =>
      request.path === '/v1/release' ? { status: 200, body: releases('77.7') } : behaves(request),
    )
  await served.ask('GET', '/v1/release?max_age=0')
  const again = await follow(served, await served.token(), { 'last-event-id': turned.id })
  expect((await again.until('release_state')).data).toMatchObject({ region_name: 'boston-1' })
  await again.leave()
})

test('over a socket: the stream ends with a word when the gateway stops', async () => {
  const served = await serveRegions({ regions: { 'boston-1': {} } })
  const events = await follow(served, await served.token())
  await events.until('bookmark')
  const closing = served.close()
  expect((await events.until('end')).data).toMatchObject({ reason: 'the gateway stops' })
  expect(await events.next()).toBeUndefined()
  await closing
})
