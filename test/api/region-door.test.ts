import { describe, expect, test } from 'vitest'
import type { Relay, RelayOutcome } from '../../src/fleet/act.ts'
import { fails } from '../support/fleet-answers.ts'
import { createTestGateway } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { answered, boston, doorsOf, post, problemOf } from './doors.ts'

describe('a read of one region', () => {
  test('is asked now, each time, with its query as it was', async () => {
    let turn = 0
    const { get, relayed, asked } = doorsOf(async () => answered([{ turn: turn++ }]))
    expect(await (await get('/regions/boston-1/v1/release?show=bogus&x=1')).json()).toEqual([{ turn: 0 }])
    expect(await (await get('/regions/5d5b/v1/release?show=bogus&x=1')).json()).toEqual([{ turn: 1 }])
    expect(relayed.map(({ region, intent }) => [region, intent.path, intent.query])).toEqual([
      ['5d5b', '/v1/release', '?show=bogus&x=1'],
      ['5d5b', '/v1/release', '?show=bogus&x=1'],
    ])
    expect(asked).toEqual([])
  })

  test.each([200, 404, 406, 500])('has the region’s own status %i and words', async (http) => {
    const value = { info: 'i', warning: 'w', error: 'e', more: [1] }
    const answer = await doorsOf(async () => answered(value, http)).get('/regions/boston-1/v1/release/x-1')
    expect([answer.status, await answer.json()]).toEqual([http, value])
    expect(Object.fromEntries(answer.headers)).toEqual({
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'content-length': String(JSON.stringify(value).length),
      'x-request-id': expect.stringMatching(/./) as string,
    })
  })

  test('is never a last known good answer', async () => {
    const relay: Relay = async () => ({
      status: 'failed',
      kind: 'timeout',
      message: 'no answer within 10 s',
      ofService: true,
      sent: true,
    })
    const { get, read } = doorsOf(relay)
    await read('/v1/release?region_name=boston-1')
    const answer = await get('/regions/boston-1/v1/release')
    expect([answer.status, await answer.json()]).toMatchObject([
      504,
      {
        error: 'boston-1: no answer within 10 s',
        kind: 'timeout',
        region_name: '5d5b',
        type: '/problems/region-failed',
      },
    ])
  })

  test('HEAD: the same without its body', async () => {
    const { get, relayed } = doorsOf(async () => answered({ a: 'é' }))
    const answer = await get('/regions/boston-1/v1/release', { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([
      200,
      '10',
      '',
    ])
    expect(relayed).toMatchObject([{ intent: { method: 'GET' } }])
  })

  test('what its release lacks is a 404 for a read, a 409 for a write', async () => {
    const { get } = doorsOf(async () => ({ status: 'refused', reason: 'its release has no metapackages' }))
    const lacks = { error: 'boston-1: its release has no metapackages', type: '/problems/not-supported' }
    const read = await get('/regions/boston-1/v1/release/metapackage')
    expect([read.status, await read.json()]).toMatchObject([404, lacks])
    const write = await get('/regions/boston-1/v1/deploy/select', post('{"releases": ["m-1"]}'))
    expect([write.status, await write.json()]).toMatchObject([409, lacks])
  })

  test.each<[string, number, string | null]>([
    ['unauthorized', 502, null],
    ['unreachable', 502, null],
    ['tls', 502, null],
    ['malformed', 502, null],
    ['too_large', 502, null],
    ['broken', 502, null],
    ['backed_off', 503, '5'],
    ['timeout', 504, null],
  ])('%s: %i', async (kind, status, retryAfter) => {
    const outcome = { status: 'failed', kind, message: 'm', ofService: false, sent: true } as RelayOutcome
    const answer = await doorsOf(async () => outcome).get('/regions/boston-1/v1/release')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter])
    const body = await problemOf(answer)
    expect(body).toMatchObject({ error: 'boston-1: m', kind, info: '', warning: '' })
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['title', 'description']))
  })

  test('a front’s 503 is a 503 with Retry-After', async () => {
    const outcome = {
      status: 'failed',
      kind: 'broken',
      message: 'm',
      ofService: false,
      sent: true,
      http: 503,
    } as const
    const answer = await doorsOf(async () => outcome).get('/regions/boston-1/v1/release')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  })
})

describe('paths that both APIs have', () => {
  test('the service that is named, or the one that the region speaks', async () => {
    const onlyPatching = createRegion('old', { speaks: ['patching'] })
    const { get, relayed } = doorsOf(undefined, [boston, onlyPatching])
    for (const path of [
      '/regions/old/',
      '/regions/old',
      '/regions/5d5b/',
      '/regions/5d5b/?service=patching',
      '/regions/5d5b/patching/',
    ]) {
      expect((await get(path)).status).toBe(200)
    }
    expect(relayed.map(({ intent }) => intent.call.name)).toEqual([
      'show_patching_version',
      'show_patching_version',
      'show_versions',
      'show_patching_version',
      'show_patching_version',
    ])
    const both = await get('/regions/5d5b/v1/upload', post())
    expect([both.status, (await problemOf(both))['error']]).toEqual([
      400,
      expect.stringContaining('region boston-1 speaks both APIs'),
    ])
    expect((await get('/regions/5d5b/?service=both')).status).toBe(400)
    expect((await get('/regions/5d5b/?service=usm&service=patching')).status).toBe(400)
  })

  test('a service that does not answer counts as spoken', async () => {
    const gateway = createTestGateway(
      [boston],
      () => fails('timeout'),
      {},
      async () => answered({}),
    )
    expect((await gateway.get('/regions/5d5b/v1/upload', post())).status).toBe(400)
  })
})

test('links of version documents lead through the door that was used', async () => {
  const href = (path: string): string => `http://127.0.0.1:5493${path}`
  const doors = doorsOf(async () =>
    answered({
      versions: [{ id: 'v1', links: [{ href: href('/v1/'), rel: 'self' }] }],
      release: [
        { href: href('/usm/v1/release/'), rel: 'self' },
        { href: 'https://[fd00::2]:5497/v1/release/', rel: 'bookmark' },
      ],
      other: { href: 'not a URL', name: href('/v1/kept') },
      root: { href: href('/') },
    }),
  )
  const links = async (path: string): Promise<unknown> =>
    (await doors.get(`http://gw.example:8443${path}`)).json()
  expect(await links('/regions/boston-1/v1')).toEqual({
    versions: [{ id: 'v1', links: [{ href: 'http://gw.example:8443/regions/boston-1/v1/', rel: 'self' }] }],
    release: [
      { href: 'http://gw.example:8443/regions/boston-1/v1/release/', rel: 'self' },
      { href: 'http://gw.example:8443/regions/boston-1/v1/release/', rel: 'bookmark' },
    ],
    other: { href: 'not a URL', name: 'http://127.0.0.1:5493/v1/kept' },
    root: { href: 'http://gw.example:8443/regions/boston-1/' },
  })
  expect(JSON.stringify(await links('/regions/boston-1/'))).not.toContain('"href":"http://127')
})
