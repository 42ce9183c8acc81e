import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOtlpReceiver, kind, type OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts'
import { behaves, serveRegions, type Served } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'

// What a collector is told of a caller's request, and of what it caused at regions.

let receiver: OtlpReceiver
let gateway: Served
beforeAll(async () => {
  receiver = await createOtlpReceiver()
  gateway = await serveRegions({
    regions: { well: {}, slow: {}, broken: {}, without: { usm: undefined } },
    config: {
      refresh: { interval: '1h', min_age: '0s' },
      tracing: { otlp: { url: receiver.url }, sample: 0 },
    },
  })
  await until(async () => (await fetch(`${gateway.adminUrl}/readyz`)).ok)
})
afterAll(async () => {
  await gateway.close()
  await receiver.close()
})

const parent = '00f067aa0ba902b7'
let last = 0
/** A trace that no other test has. */
const newTrace = (): string => (++last).toString(16).padStart(32, 'a')
const sampled = (trace: string, flags = '01'): string[] => [`traceparent: 00-${trace}-${parent}-${flags}`]

/** What regions were sent as the trace of their requests. */
const sentTo = (name: string, trace: string): readonly (string | undefined)[] =>
  gateway
    .region(name)
    .requests.map(({ headers }) => headers['traceparent'])
    .filter((sent) => sent?.includes(trace))

const ofRegion = (spans: readonly ReceivedSpan[], name: string): ReceivedSpan => {
  const [found, ...others] = spans.filter(({ attributes }) => attributes['fleet.region_name'] === name)
  if (found === undefined || others.length > 0) throw new Error(`${name} has ${others.length + 1} spans`)
  return found
}

test('each region is sent its own span as the parent, and the flag that it is sampled', async () => {
  const trace = newTrace()
  await gateway.ask('GET', '/v1/release?max_age=0', { headers: sampled(trace) })
  const spans = await receiver.ofTrace(trace, 4)
  for (const name of ['well', 'slow', 'broken']) {
    expect(sentTo(name, trace)).toEqual([`00-${trace}-${ofRegion(spans, name).spanId}-01`])
  }
})

test('a request over regions: one span of it, and one of each request that a region was sent', async () => {
  const trace = newTrace()
  const callerLeft = Promise.withResolvers<void>()
  gateway.region('slow').plays(async (request) => {
    await callerLeft.promise
    return behaves(request)
  })
  gateway.region('broken').plays(() => ({ status: 503, body: 'secret words of the region' }))
  const answer = await gateway.ask('GET', '/v1/release?max_age=0&deadline=1s', { headers: sampled(trace) })
  expect(answer.headers.get('fleet-regions')).toBe(
    'total=4, fresh=1, stale=2, failed=0, unsupported=1, skipped=0',
  )
  // Its answer comes when the caller has gone: it is of the request all the same.
  callerLeft.resolve()
  gateway.region('broken').plays(() => undefined)
  const spans = await receiver.ofTrace(trace, 4)
  const root = spans.find((span) => span.kind === kind.server)
  expect(root).toMatchObject({
    name: 'GET /v1/release',
    parentSpanId: parent,
    failed: false,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/v1/release',
      'http.response.status_code': 200,
      'fleet.regions.total': 4,
      'fleet.regions.fresh': 1,
      'fleet.regions.stale': 2,
      'fleet.regions.failed': 0,
      'fleet.regions.unsupported': 1,
      'fleet.regions.skipped': 0,
    },
  })
  const below = { name: 'GET release', kind: kind.client, parentSpanId: root?.spanId }
  const well = ofRegion(spans, 'well')
  expect(well).toMatchObject({ ...below, failed: false })
  expect(well.attributes).toEqual({
    'fleet.region_name': 'well',
    'fleet.service': 'usm',
    'fleet.call': 'release',
    'fleet.dialect': 'usm-stx10',
    'fleet.outcome': 'answered',
    'server.address': '127.0.0.1',
    'server.port': expect.any(Number) as number,
    'http.request.method': 'GET',
    'url.full': expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1\/release$/) as string,
    'http.response.status_code': 200,
  })
  expect(ofRegion(spans, 'broken')).toMatchObject({
    ...below,
    failed: true,
    attributes: { 'fleet.outcome': 'broken', 'error.type': 'broken', 'http.response.status_code': 503 },
  })
  const slow = ofRegion(spans, 'slow')
  expect(slow).toMatchObject({ ...below, failed: false, attributes: { 'fleet.outcome': 'answered' } })
  expect(slow.end > (root?.end ?? 0n)).toBe(true)
  expect(spans.length).toBe(4)
  for (const span of spans) expect(span.end >= span.start).toBe(true)
  expect(JSON.stringify(receiver.batches)).not.toContain('secret words')
})

test('an answer from memory has a span, and none below it', async () => {
  const trace = newTrace()
  await gateway.ask('GET', '/fleet/v1/summary', { headers: [...sampled(trace), 'X-Request-Id: held-1'] })
  const spans = await receiver.ofTrace(trace, 1)
  expect(spans).toMatchObject([
    {
      name: 'GET /fleet/*',
      attributes: {
        'fleet.request_id': 'held-1',
        'fleet.regions.total': 4,
        'http.response.status_code': 200,
      },
    },
  ])
})

test('a write: the wait for its turn, the request, and what the region is read for afterwards', async () => {
  const trace = newTrace()
  const answer = await gateway.ask('POST', '/regions/well/v1/deploy/abort', { headers: sampled(trace) })
  expect(answer.status).toBe(200)
  const [line] = await gateway.audited(1)
  expect(line?.trace_id).toBe(trace)
  const spans = await receiver.ofTrace(trace, 6)
  const root = spans.find(({ name }) => name === 'POST /regions/*')
  const [turn, write, ...reads] = spans
    .filter((span) => span !== root)
    .toSorted((a, b) => Number(a.start - b.start))
  expect(turn).toMatchObject({ name: 'wait for the turn to write', kind: kind.internal, failed: false })
  expect(write).toMatchObject({
    name: 'POST abort_deployment',
    kind: kind.client,
    attributes: { 'fleet.outcome': 'answered', 'fleet.region_name': 'well', 'http.request.method': 'POST' },
  })
  expect(reads.map(({ name }) => name)).toEqual(['GET release', 'GET deploy', 'GET deploy_host'])
  expect(spans.filter((span) => span !== root && span.parentSpanId !== root?.spanId)).toEqual([])
})

test('what a region refuses with HTTP 200 is told as the gateway judges it', async () => {
  const trace = newTrace()
  gateway
    .region('well')
    .plays(({ method }) =>
      method === 'POST' ? { status: 200, body: '{"info": "", "warning": "", "error": "no"}' } : undefined,
    )
  await gateway.ask('POST', '/regions/well/v1/deploy/abort', { headers: sampled(trace) })
  gateway.region('well').plays(() => undefined)
  const spans = await receiver.ofTrace(trace, 6)
  expect(spans.find(({ name }) => name === 'POST abort_deployment')).toMatchObject({
    failed: true,
    attributes: { 'fleet.outcome': 'rejected', 'error.type': 'rejected', 'http.response.status_code': 200 },
  })
})

test('where a region is sent several requests, what came of it has a span beside theirs', async () => {
  const trace = newTrace()
  // A Patching that breaks has its USM asked whether it needs one.
  gateway.region('broken').plays(({ path }) => (path === '/v1/query' ? { status: 503 } : undefined))
  await gateway.ask('GET', '/v1/query?max_age=0&region_name=broken', { headers: sampled(trace) })
  gateway.region('broken').plays(() => undefined)
  const spans = await receiver.ofTrace(trace, 4)
  const told = spans
    .filter((span) => span.kind !== kind.server)
    .map(({ name, attributes }) => [name, attributes['error.type'], attributes['fleet.outcome']])
  expect(told).toEqual([
    ['GET query', '503', undefined],
    ['GET query', '404', undefined],
    ['ask query', 'broken', 'broken'],
  ])
})

test('tracestate is handed on, to the collector too', async () => {
  const trace = newTrace()
  const headers = [...sampled(trace), 'tracestate: vendor=opaque']
  await gateway.ask('GET', '/regions/well/v1/deploy', { headers })
  const spans = await receiver.ofTrace(trace, 2)
  expect(spans.map(({ traceState }) => traceState)).toEqual(['vendor=opaque', 'vendor=opaque'])
})

test('a caller who says that its trace is not sampled is followed, one who says nothing too', async () => {
  const [unsampled, later] = [newTrace(), newTrace()]
  await gateway.ask('GET', '/v1/release?max_age=0', { headers: sampled(unsampled, '00') })
  expect(sentTo('well', unsampled)).toEqual([
    expect.stringMatching(new RegExp(`^00-${unsampled}-(?!${parent})[0-9a-f]{16}-00$`)),
  ])
  await gateway.ask('GET', '/v1/release?max_age=0', { headers: ['X-Request-Id: alone'] })
  const alone = gateway.region('well').requests.find(({ headers }) => headers['x-request-id'] === 'alone')
  expect(alone?.headers['traceparent']).toMatch(/-00$/)
  // What is told comes in order: had they been told, they would be there by now.
  await gateway.ask('GET', '/fleet/v1/summary', { headers: sampled(later) })
  await receiver.ofTrace(later, 1)
  const told = new Set(receiver.spans().map(({ traceId }) => traceId))
  expect([told.has(unsampled), told.has(alone?.headers['traceparent']?.slice(3, 35) ?? '')]).toEqual([
    false,
    false,
  ])
  // Nor are the gateway's own rounds.
  const roots = receiver.spans().filter((span) => span.kind === kind.server)
  expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(told.size)
})

test('a gateway says what it is', () => {
  expect(receiver.resource()).toMatchObject({
    'service.name': 'stx-fleet-gateway',
    'service.version': expect.stringMatching(/^\d+\./) as string,
    'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
  })
})
