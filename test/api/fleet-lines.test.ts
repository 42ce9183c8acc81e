import { describe, expect, onTestFinished, test } from 'vitest'
import type { Judged } from '../../src/api/fleet/meta.ts'
import { streamRegions } from '../../src/api/fleet/stream.ts'
import { callerWith } from '../support/fleet-gateway.ts'
import { patchingHost } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { behaves, serveRegions } from '../support/served-regions.ts'
import { createFilledGateway, playOf } from './fleet-setup.ts'

type Line = Readonly<Record<string, unknown>> & { readonly type: string }

const asLines = { accept: 'application/x-ndjson' }
const regions = ['austin', 'boston', 'chicago'].map((name) => createRegion(name, { speaks: ['patching'] }))
const play = playOf({
  austin: { query_hosts: { data: [patchingHost('c-1', false), patchingHost('c-0')] } },
  boston: { query_hosts: { data: [patchingHost('w-0')] } },
  chicago: 'dark',
})
const callers = { narrow: callerWith('reader', ['boston']) }

async function linesOf(answer: Response): Promise<readonly Line[]> {
  const text = await answer.text()
  expect(text.endsWith('\n')).toBe(true)
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

test('a header, every selected region once with its rows, a summary', async () => {
  const gateway = await createFilledGateway(regions, play)
  const answer = await gateway.get('/fleet/v1/hosts?fields=hostname,patch_current', { headers: asLines })
  expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
  const lines = await linesOf(answer)
  expect(lines.map(({ type }) => type)).toEqual(['header', 'region', 'region', 'region', 'summary'])
  expect(lines[0]).toMatchObject({ resource: 'hosts', regions: 3 })
  const told = Object.fromEntries(lines.slice(1, -1).map((line) => [line['region_name'], line]))
  expect(told['austin']).toMatchObject({
    status: 'fresh',
    age_s: 1,
    items: [
      { hostname: 'c-0', patch_current: true },
      { hostname: 'c-1', patch_current: false },
    ],
  })
  expect(told['chicago']).toMatchObject({ status: 'failed', kind: 'timeout', items: [] })
  expect(lines.at(-1)).toMatchObject({
    total: 3,
    untold: 0,
    meta: { complete: false, regions: { total: 3, fresh: 2, failed: 1 }, reasons: { timeout: 1 } },
  })
})

test('filters, selection and scope hold', async () => {
  const gateway = await createFilledGateway(regions, play, callers)
  const told = async (query: string, as = 'reader') =>
    (await linesOf(await gateway.get(`/fleet/v1/${query}`, { as, headers: asLines }))).map(
      (line) => line['region_name'] ?? line['total'] ?? line['regions'],
    )
  expect(await told('hosts?patch_current=false&region_name=austin')).toEqual([1, 'austin', 1])
  expect(await told('hosts', 'narrow')).toEqual([1, 'boston', 1])
  expect(await told('regions?region_name=nobody*')).toEqual([0, 0])
  const outside = await gateway.get('/fleet/v1/hosts?region_name=austin', { as: 'narrow', headers: asLines })
  expect(outside.status).toBe(404)
})

test.each([
  'sort=hostname',
  'page_size=5',
  'partial=deny',
  'min_completeness=1',
  'require=austin',
  'details=true',
  'colour=red',
])('%s is a 400: it is about the answer as a whole, or nothing', async (query) => {
  const gateway = await createFilledGateway(regions, play)
  const answer = await gateway.get(`/fleet/v1/hosts?${query}`, { headers: asLines })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
})

test('what is not told by regions is JSON as ever; HEAD has no body', async () => {
  const gateway = await createFilledGateway(regions, play)
  const summary = await gateway.get('/fleet/v1/summary', { headers: asLines })
  expect(summary.headers.get('content-type')).toBe('application/json')
  const head = await gateway.get('/fleet/v1/hosts', { method: 'HEAD', headers: asLines })
  expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
    200,
    'application/x-ndjson',
    '',
  ])
})

test('over a socket: regions are told as they answer, the slow one last', async () => {
  const served = await serveRegions({ regions: { slow: {}, quick: {} } })
  onTestFinished(() => served.close())
  for (const path of ['query_hosts', 'deploy_host']) await served.ask('GET', `/v1/${path}`)
  const held = Promise.withResolvers<void>()
  served.region('slow').plays(async (request) => {
    await held.promise
    return behaves(request)
  })
  const answer = await fetch(`${served.url}/fleet/v1/hosts?max_age=0`, {
    headers: { authorization: `Bearer ${await served.token()}`, ...asLines },
  })
  const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.includes('"quick"')) text += (await reader.read()).value ?? ''
  expect(text).not.toContain('"slow"')
  held.resolve()
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) text += chunk.value
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  expect(lines.map((line) => line['region_name'] ?? line.type)).toEqual([
    'header',
    'quick',
    'slow',
    'summary',
  ])
})

describe('while regions are waited for', () => {
  const waiting = (stopping: AbortSignal) =>
    streamRegions({
      answers: [new Promise<Judged>(() => undefined)],
      header: {},
      lineOf: () => ({}),
      summaryOf: (_, untold) => ({ untold }),
      heartbeatEvery: 1,
      stopping,
    })
      .pipeThrough(new TextDecoderStream())
      .getReader()

  test('there are signs of life, and a last word when the gateway stops', async () => {
    const gateway = new AbortController()
    const reader = waiting(gateway.signal)
    expect((await reader.read()).value).toBe('{"type":"header"}\n')
    expect((await reader.read()).value).toBe('{"type":"heartbeat","waiting":1}\n')
    gateway.abort()
    let last = (await reader.read()).value
    while (last?.includes('heartbeat')) last = (await reader.read()).value
    expect(last).toBe('{"type":"summary","untold":1}\n')
    expect((await reader.read()).done).toBe(true)
  })

  test('an answer that fails by our own fault cuts the stream off, without a summary', async () => {
    const stream = streamRegions({
      answers: [Promise.reject(new Error('our fault'))],
      header: {},
      lineOf: () => ({}),
      summaryOf: () => ({}),
      heartbeatEvery: 60_000,
      stopping: new AbortController().signal,
    })
    const reader = stream.getReader()
    await reader.read()
    await expect(reader.read()).rejects.toThrow('our fault')
  })
})
