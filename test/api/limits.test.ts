import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createAdminApp } from '../../src/api/admin.ts'
import { listen } from '../../src/api/listen.ts'
import { answers, fails } from '../support/fleet-answers.ts'
import { createTestGateway } from '../support/fleet-gateway.ts'
import { release } from '../support/fleet-records.ts'
import { createRegion, directoryOf } from '../support/fleet-regions.ts'

const v1 = answers([release('24.09.1')])

/** What the admin port answers to these bytes. */
async function raw(request: string): Promise<string> {
  const app = createAdminApp({
    directory: () => directoryOf(),
    metrics: { regions: async () => [], whole: async () => [] },
    notReady: () => undefined,
    inventory: { states: () => [], conflicts: () => [], confirm: () => 0 },
  })
  const listener = await listen(app, { host: '127.0.0.1', port: 0 })
  onTestFinished(() => listener.close())
  const socket = connect(Number(new URL(listener.url).port), '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(request)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

test('a health check by HTTP/1.0, which names no host, is answered', async () => {
  expect(await raw('GET /livez HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK[^]*\{"status":"alive"\}$/)
})

test.each([
  ['what is not HTTP', 'HELLO\r\n\r\n', 400, 'the request is not HTTP'],
  [
    'two framings of one body',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'the request is not HTTP',
  ],
  [
    'a head beyond measure',
    `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(70_000)}\r\n\r\n`,
    431,
    "the request's head is larger than 65536 bytes",
  ],
])('%s is refused as JSON', async (_, request, status, error) => {
  const [head = '', body = ''] = (await raw(request)).split('\r\n\r\n')
  expect(head).toContain(`HTTP/1.1 ${status} `)
  expect(JSON.parse(body)).toMatchObject({
    info: '',
    warning: '',
    error,
    status,
    type: '/problems/malformed-request',
  })
})

test('a field that is asked for a thousand times is added once; too many fields are a 400', async () => {
  const gateway = createTestGateway([createRegion('east', { labels: { site: 'boston' } })], () => v1)
  const often = await gateway.get(`/v1/release?with=${Array.from({ length: 1000 }, () => 'site').join(',')}`)
  expect(await often.json()).toMatchObject([{ region_name: 'east', site: 'boston' }])
  const many = await gateway.get(
    `/v1/release?with=${Array.from({ length: 17 }, (_, i) => `f${i}`).join(',')}`,
  )
  expect(await many.json()).toMatchObject({ status: 400, error: 'parameter "with": at most 16 fields' })
})

test.each(['group', 'selector', 'region_name'])(
  'what is compared with every region is bounded: %s',
  async (name) => {
    const gateway = createTestGateway([createRegion('east')], () => v1)
    const value = name === 'region_name' ? 'e*' : name === 'selector' ? 'a!=b' : 'g'
    const many = Array.from({ length: 101 }, (_, i) => value + i).join(',')
    const answer = await gateway.get(`/v1/release?${name}=${many}`)
    expect(await answer.json()).toMatchObject({
      status: 400,
      error: expect.stringContaining('at most 100 values'),
    })
  },
)

test('a release that a region in maintenance may have is not said to be nowhere', async () => {
  const regions = [createRegion('east'), createRegion('west', { maintenanceUntil: Infinity })]
  const gateway = createTestGateway(regions, () => v1)
  const answer = await gateway.get('/v1/release/starlingx-99.99.9')
  expect([answer.status, answer.headers.get('fleet-regions')]).toEqual([
    503,
    'total=2, fresh=1, stale=0, failed=0, unsupported=0, skipped=1',
  ])
  expect(await answer.json()).toMatchObject({
    regions: { west: { status: 'skipped', reason: 'maintenance' } },
  })
})

test('a patch that a region which did not answer may have is not said to be unrecognized', async () => {
  const unknown = answers({ metadata: {}, contents: {}, error: 'P is unrecognized\n' })
  const regions = [createRegion('east'), createRegion('west')]
  const [all, some] = [unknown, fails('timeout')].map((west) =>
    createTestGateway(regions, ({ name }) => (name === 'west' ? west : unknown)),
  )
  expect(await (await all?.get('/v1/show/P'))?.json()).toEqual({
    metadata: {},
    contents: {},
    error: 'P is unrecognized\n',
  })
  expect((await some?.get('/v1/show/P'))?.status).toBe(503)
})
