import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ok, serveRegions, type Served, type ServedRegion } from '../support/served-regions.ts'

// A write over real sockets, and all that can become of it.

let gateway: Served
let boston: ServedRegion
beforeAll(async () => {
  gateway = await serveRegions({
    regions: { boston: {}, gone: { usm: 'http://127.0.0.1:9', patching: 'http://127.0.0.1:9' }, crash: {} },
    config: {
      upstream: {
        connect_timeout: '1s',
        first_byte_timeout: '2s',
        read_timeout: '3s',
        max_response: '1MiB',
        write_timeouts: { quick: '700ms', precheck: '700ms', host_deploy: '60s', upload: '60s' },
      },
    },
  })
  boston = gateway.region('boston')
})
afterAll(() => gateway.close())
beforeEach(() => boston.plays(() => undefined))

const json = ['Content-Type: application/json']
const abort = '/regions/boston/v1/deploy/abort'
async function post(
  target: string,
  body?: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await gateway.ask('POST', target, body === undefined ? {} : { body, headers: json })
  return { status: answer.status, body: JSON.parse(answer.body.toString()) as Record<string, unknown> }
}
/** What was written to boston while something was done. */
async function writesDuring(doing: () => Promise<unknown>): Promise<string[]> {
  const before = boston.writes().length
  await doing()
  return boston
    .writes()
    .slice(before)
    .map(({ method, path, body }) => `${method} ${path} ${body}`.trim())
}

test('the region’s own answer, and what it was sent', async () => {
  const asked = '{"force": false, "options": ["a=b"], "region_name": "boston"}'
  const writes = await writesDuring(async () => {
    expect(await post(abort)).toEqual({ status: 200, body: { info: 'Done.\n', warning: '', error: '' } })
    expect((await post('/regions/boston/v1/deploy/x-1/precheck', asked)).status).toBe(409)
    expect((await post('/regions/boston/v1/deploy/x-1/precheck', '{"force": false}')).status).toBe(200)
    expect((await post('/v1/deploy/x-1/start?region_name=boston&force=YES')).status).toBe(200)
    expect((await post('/regions/boston/v1/deploy_host/controller-0', '{"force": true}')).status).toBe(200)
    expect((await post('/regions/boston/v1/deploy_host/controller-0/force/rollback')).status).toBe(200)
    expect((await gateway.ask('DELETE', '/regions/boston/v1/release/a-1/b-2')).status).toBe(200)
  })
  expect(writes).toEqual([
    'POST /v1/deploy/abort {}',
    'POST /v1/deploy/x-1/precheck {"region_name":"boston"}',
    'POST /v1/deploy/x-1/start {"force":"true"}',
    'POST /v1/deploy_host/controller-0/force',
    'POST /v1/deploy_host/controller-0/rollback/force',
    'DELETE /v1/release/a-1/b-2',
  ])
})

describe('an answer that is none is lost: the state is read, and nothing is sent again', () => {
  const state = 'it was sent; state now: deployment 24.09.0 to 24.09.1 is host'
  const large = `{"info": "${'x'.repeat(2 * 2 ** 20)}"}`

  test.each<[string, Parameters<ServedRegion['plays']>[0], number, string]>([
    ['a time-out', () => 'hang', 504, 'timeout'],
    ['a reset', () => 'reset', 502, 'unreachable'],
    ['an end without a byte', () => 'close', 502, 'unreachable'],
    ['an answer cut off', () => ({ ...ok, cutAfter: 5 }), 502, 'broken'],
    ['no JSON', () => ({ status: 200, body: '<html>It works!</html>' }), 502, 'malformed'],
    ['nothing', () => ({ status: 204 }), 502, 'malformed'],
    ['too much', () => ({ status: 200, body: large }), 502, 'too_large'],
    [
      'too much, announced',
      () => ({ status: 200, headers: [['Content-Length', '104857600']], body: '{' }),
      502,
      'too_large',
    ],
    ['too deep', () => ({ status: 200, body: '['.repeat(90_000) + ']'.repeat(90_000) }), 502, 'malformed'],
    [
      'a redirect',
      () => ({ status: 307, headers: [['Location', '/v1/deploy/complete']], body: '' }),
      502,
      'broken',
    ],
    ['a front’s 504', () => ({ status: 504, body: '<html>' }), 504, 'timeout'],
    ['a front’s 502', () => ({ status: 502, body: '<html>' }), 502, 'broken'],
  ])('%s', async (_, play, status, kind) => {
    boston.plays((request) => (request.method === 'GET' ? undefined : play(request)))
    const writes = await writesDuring(async () => {
      expect(await post(abort)).toMatchObject({
        status,
        body: {
          type: '/problems/answer-lost',
          kind,
          sent: true,
          region_name: 'boston',
          error: expect.stringContaining(state) as string,
        },
      })
    })
    expect(writes).toEqual(['POST /v1/deploy/abort {}'])
    expect(
      boston.requests
        .slice(boston.requests.findLastIndex(({ method }) => method === 'POST'))
        .map(({ path }) => path),
    ).toContain('/v1/deploy')
  })

  test('where the region stays silent, that is what is known', async () => {
    boston.plays(({ method, path }) =>
      method === 'POST' ? 'reset' : path === '/v1/deploy' ? 'reset' : undefined,
    )
    expect(await post(abort)).toMatchObject({
      status: 502,
      body: {
        error: expect.stringMatching(/it was sent; state now: unknown, boston: .*connection lost/) as string,
      },
    })
  })
})

test('what refuses connections was sent nothing', async () => {
  expect(await post('/regions/gone/v1/deploy/abort')).toMatchObject({
    status: 502,
    body: { type: '/problems/region-failed', kind: 'unreachable', sent: false },
  })
})

test('its words for a refusal come through, whatever their form', async () => {
  for (const [reply, error] of [
    [
      { status: 406, body: '{"info": "Deploy not allowed", "warning": "", "error": ""}' },
      'Deploy not allowed',
    ],
    [{ status: 404, body: '<html><title>404</title> Not <b>Found</b></html>' }, 'HTTP 404: 404 Not Found'],
    [{ status: 400, body: '{"title": "Bad", "description": "why", "error": ""}' }, 'why'],
    [{ status: 500, body: 'A server error occurred.' }, 'HTTP 500: A server error occurred.'],
  ] as const) {
    boston.plays(({ method }) => (method === 'POST' ? reply : undefined))
    const { status, body } = await post(abort)
    expect([status, body['error']]).toEqual([reply.status, expect.stringContaining(error)])
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['title']))
  }
})

test('Patching that answered 500 is left alone: reads and writes of it wait, USM does not', async () => {
  const crash = gateway.region('crash')
  crash.plays(({ path }) =>
    path === '/v1/apply/P-1' ? { status: 500, body: 'A server error occurred.' } : undefined,
  )
  expect((await post('/regions/crash/v1/apply/P-1')).status).toBe(500)
  const before = crash.requests.length
  for (const [method, target] of [
    ['POST', '/regions/crash/v1/apply/P-2'],
    ['GET', '/regions/crash/v1/query'],
    ['POST', '/v1/delete/P-2?region_name=crash'],
  ] as const) {
    const answer = await gateway.ask(method, target)
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
      503,
      { type: '/problems/backed-off', kind: 'backed_off', sent: false },
    ])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(50)
  }
  expect(crash.requests.length).toBe(before)
  expect((await post('/regions/crash/v1/deploy/abort')).status).toBe(200)
})

test('one write at a time; each of the others waits for its turn', async () => {
  let [open, most] = [0, 0]
  boston.plays(async ({ method }) => {
    if (method === 'GET') return ok
    most = Math.max(most, ++open)
    await new Promise((resolve) => setImmediate(resolve))
    open--
    return ok
  })
  const ids = ['a-1', 'b-2', 'c-3', 'd-4', 'e-5']
  const writes = await writesDuring(async () => {
    const answers = await Promise.all(
      ids.map((id) => gateway.ask('DELETE', `/regions/boston/v1/release/${id}`)),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
  })
  expect([most, writes.sort()]).toEqual([1, ids.map((id) => `DELETE /v1/release/${id}`)])
})

test('whoever waited too long was sent nothing', async () => {
  let sent = 0
  let end: () => void = () => undefined
  const held = new Promise<void>((resolve) => (end = resolve))
  boston.plays(async ({ method }) => {
    if (method !== 'POST') return ok
    sent++
    await held
    return ok
  })
  const slow = post('/regions/boston/v1/deploy_host/controller-0')
  const quick = await post(abort)
  expect(quick).toMatchObject({
    status: 503,
    body: {
      kind: 'backed_off',
      sent: false,
      error: expect.stringContaining('nothing was sent: another write took longer') as string,
    },
  })
  end()
  expect([(await slow).status, sent]).toEqual([200, 1])
})

test('a caller who leaves midway: what was sent goes on, and its line is written', async () => {
  let arrived: () => void = () => undefined
  let end: () => void = () => undefined
  const [asked, held] = [
    new Promise<void>((resolve) => (arrived = resolve)),
    new Promise<void>((resolve) => (end = resolve)),
  ]
  boston.plays(({ method }) => {
    if (method !== 'POST') return undefined
    arrived()
    return held.then(() => ok)
  })
  const before = (await gateway.audited(0)).length
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST /regions/boston/v1/deploy_host/controller-0 HTTP/1.1\r\nHost: a\r\nX-Auth-Token: ${await gateway.token()}\r\nContent-Length: 0\r\n\r\n`,
  )
  await asked
  socket.destroy()
  await once(socket, 'close')
  const waiting = post('/regions/boston/v1/deploy_host/controller-1')
  end()
  expect((await waiting).status).toBe(200)
  const lines = (await gateway.audited(before + 2)).slice(before)
  expect(lines.map(({ call, regions }) => [call, regions[0]?.outcome])).toEqual([
    ['deploy_host', 'done'],
    ['deploy_host', 'done'],
  ])
})
