import { expect, test } from 'vitest'
import { createAdminApp } from '../../src/api/admin.ts'

function admin(notReady?: string): ReturnType<typeof createAdminApp> {
  return createAdminApp({
    metrics: () => Promise.resolve('up 1\n'),
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
    ['/metrics', 200, 'up 1\n'],
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
    metrics: () => Promise.resolve(''),
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
