import { expect, test } from 'vitest'
import { createAdminApp } from '../../src/api/admin.ts'
import type { Scrape } from '../../src/metrics/scrape.ts'
import { createRegion, directoryOf } from '../support/fleet-regions.ts'

/** Tells what it is asked for. */
const metrics: Scrape = {
  regions: async (scope, format) => [
    Buffer.from(`${format}: east ${scope(createRegion('east'))}, west ${scope(createRegion('west'))}`),
  ],
  whole: async (format) => [Buffer.from(`${format}: everything`)],
}

function admin(notReady?: string): ReturnType<typeof createAdminApp> {
  return createAdminApp({
    directory: () => directoryOf(createRegion('east')),
    metrics,
    inventory: { states: () => [], conflicts: () => [], confirm: () => 0 },
    notReady: () => notReady,
  })
}

test('the admin port needs no token, and tells whether the gateway lives, is ready, and its metrics', async () => {
  const seen = await Promise.all(
    ['/livez', '/readyz', '/metrics', '/v1/release'].map(async (path) => {
      const answer = await admin().request(path)
      return [path, answer.status, await answer.text()]
    }),
  )
  expect(seen).toEqual([
    ['/livez', 200, '{"status":"alive"}'],
    ['/readyz', 200, '{"status":"ready"}'],
    ['/metrics', 200, 'text: everything'],
    ['/v1/release', 404, '{"error":"the admin port has /livez, /readyz, /metrics and /discovery"}'],
  ])
})

test('while it is not ready it lives, and says why', async () => {
  const app = admin('not every region was asked yet')
  const ready = await app.request('/readyz')
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'not ready', reason: 'not every region was asked yet' },
  ])
  expect((await app.request('/livez')).status).toBe(200)
})

test('how each source does is shown, and what it holds back is taken over by who says so', async () => {
  let confirmed = 0
  const states = [{ source: 'dcmanager https://10.0.0.2:8120', regions: 10, heldBack: 3 }]
  const app = createAdminApp({
    directory: () => directoryOf(),
    metrics,
    inventory: { states: () => states, conflicts: () => ['a: differs'], confirm: () => ++confirmed },
    notReady: () => undefined,
  })
  const shown = await app.request('/discovery')
  expect(await shown.json()).toEqual({ sources: states, conflicts: ['a: differs'] })

  // What a page in a browser on this machine could send confirms nothing.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', undefined]) {
    const headers = type === undefined ? {} : { 'content-type': type }
    expect((await app.request('/discovery/confirm', { method: 'POST', headers })).status).toBe(415)
  }
  expect((await app.request('/discovery/confirm')).status).toBe(404)
  expect(confirmed).toBe(0)
  for (const [i, type] of ['application/json', 'Application/JSON; charset=utf-8'].entries()) {
    const headers = { 'content-type': type }
    const answer = await app.request('/discovery/confirm', { method: 'POST', headers })
    expect([answer.status, await answer.json()]).toEqual([200, { confirmed: i + 1 }])
  }
})

test('a scrape of the admin port may name regions, as any read', async () => {
  const seen = await Promise.all(
    ['?region_name=east', '?region_name=e*', '?group=north', '?region_name=nobody', '?a=b'].map(
      async (query) => {
        const answer = await admin().request(`/metrics${query}`)
        return [query, answer.status, await answer.text()]
      },
    ),
  )
  expect(seen).toEqual([
    ['?region_name=east', 200, 'text: east true, west false'],
    ['?region_name=e*', 200, 'text: east true, west false'],
    ['?group=north', 200, 'text: east false, west false'],
    ['?region_name=nobody', 404, '{"error":"no region is called \\"nobody\\""}'],
    ['?a=b', 400, '{"error":"parameter \\"a\\": unknown here; allowed are region_name, group, selector"}'],
  ])
})

test.each([
  [undefined, 'text'],
  ['*/*', 'text'],
  ['text/html, */*;q=0.8', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text; version=0.0.1', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;q=0.3,text/plain;q=0.5', 'text'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
])('to Accept: %s it answers %s', async (accept, format) => {
  const answer = await admin().request('/metrics', accept === undefined ? {} : { headers: { accept } })
  expect(await answer.text()).toBe(`${format}: everything`)
  expect(answer.headers.get('content-type')).toBe(
    format === 'text'
      ? 'text/plain; version=0.0.4; charset=utf-8'
      : 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  )
})
