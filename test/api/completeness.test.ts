import { describe, expect, test } from 'vitest'
import type { Region } from '../../src/model/region.ts'
import { answers, fails, type Played } from '../support/fleet-answers.ts'
import { startOfTests } from '../support/fleet-clock.ts'
import { createTestGateway, type TestGateway } from '../support/fleet-gateway.ts'
import { release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'

const v1 = answers([release('24.09.1')])
const dark = fails('unreachable', 'GET /v1/release: connection refused')

/** Regions that answer as they are called: well, dark; old ones have no USM, closed ones are in maintenance. */
function fleetOf(...names: readonly string[]): TestGateway & { turnDark(name: string): void } {
  const turned = new Set<string>()
  const regions = names.map((name): Region => {
    if (name.startsWith('old')) return createRegion(name, { speaks: ['patching'] })
    return createRegion(name, name.startsWith('closed') ? { maintenanceUntil: Infinity } : {})
  })
  const gateway = createTestGateway(regions, ({ name }): Played =>
    name.startsWith('dark') || turned.has(name) ? dark : v1,
  )
  return { ...gateway, turnDark: (name) => void turned.add(name) }
}

function metadata({ headers, status }: Response): unknown {
  return [
    status,
    headers.get('fleet-complete'),
    headers.get('fleet-regions'),
    headers.get('age'),
    headers.get('cache-control'),
  ]
}

describe('a merged answer tells', () => {
  test('that it is complete', async () => {
    const answer = await fleetOf('well-1', 'well-2', 'old', 'closed').get('/v1/release')
    expect(metadata(answer)).toEqual([
      200,
      '?1',
      'total=4, fresh=2, stale=0, failed=0, unsupported=1, skipped=1',
      '0',
      'private, no-cache',
    ])
    expect(answer.headers.get('vary')).toBe(
      'Authorization, X-Auth-Token, OIDC-Token, Accept, Accept-Encoding',
    )
  })

  test('what is missing, and how old its oldest part is', async () => {
    const gateway = fleetOf('well', 'turning', 'dark')
    await gateway.get('/v1/release')
    gateway.turnDark('turning')
    gateway.clock.pass(90_900)
    const answer = await gateway.get('/v1/release')

    expect(metadata(answer)).toEqual([
      200,
      '?0',
      'total=3, fresh=1, stale=1, failed=1, unsupported=0, skipped=0',
      '90',
      'no-store',
    ])
    expect(await answer.json()).toEqual([
      { region_name: 'turning', ...release('24.09.1') },
      { region_name: 'well', ...release('24.09.1') },
    ])
  })

  test('that an old part is stale even where everything that was asked answered', async () => {
    const gateway = fleetOf('well', 'turning')
    await gateway.get('/v1/release')
    gateway.clock.pass(30_000)
    gateway.turnDark('turning')
    expect(metadata(await gateway.get('/v1/release?max_age=20s'))).toEqual([
      200,
      '?0',
      'total=2, fresh=1, stale=1, failed=0, unsupported=0, skipped=0',
      '30',
      'no-store',
    ])
    expect(metadata(await gateway.get('/v1/release'))).toEqual([
      200,
      '?1',
      'total=2, fresh=2, stale=0, failed=0, unsupported=0, skipped=0',
      '30',
      'private, no-cache',
    ])
  })

  test.each([
    [['old-1', 'old-2'], '', 'total=2, fresh=0, stale=0, failed=0, unsupported=2, skipped=0'],
    [['closed'], '', 'total=1, fresh=0, stale=0, failed=0, unsupported=0, skipped=1'],
    [['well'], '?region_name=x*', 'total=0, fresh=0, stale=0, failed=0, unsupported=0, skipped=0'],
    [
      ['well'],
      '?group=x&min_completeness=1',
      'total=0, fresh=0, stale=0, failed=0, unsupported=0, skipped=0',
    ],
    [['old'], '?partial=deny', 'total=1, fresh=0, stale=0, failed=0, unsupported=1, skipped=0'],
  ])('that there was nobody to ask, and is complete: %o%s', async (names, query, counts) => {
    const answer = await fleetOf(...names).get(`/v1/release${query}`)
    expect(metadata(answer)).toEqual([200, '?1', counts, '0', 'private, no-cache'])
    expect(await answer.json()).toEqual([])
  })

  test.each([
    '/v1/query',
    '/v1/query_hosts',
    '/v1/show/P',
    '/v1/release/x',
    '/v1/release/x/is_deployed',
    '/v1/software_upgrade',
  ])('as much for %s of nobody', async (path) => {
    const answer = await fleetOf('well').get(`${path}?region_name=x*`)
    expect(metadata(answer)).toEqual([
      200,
      '?1',
      'total=0, fresh=0, stale=0, failed=0, unsupported=0, skipped=0',
      '0',
      'private, no-cache',
    ])
  })
})

describe('age', () => {
  test('a region is not asked while its answer is younger than max_age', async () => {
    const gateway = fleetOf('well')
    await gateway.get('/v1/release')
    gateway.clock.pass(60_000)
    await gateway.get('/v1/release')
    await gateway.get('/v1/release?max_age=1h')
    expect(gateway.asked).toEqual(['well release'])
    await gateway.get('/v1/release?max_age=59s')
    expect(gateway.asked).toEqual(['well release', 'well release'])
  })

  test.each([
    ['0', 'reader', 403],
    ['9.999', 'reader', 403],
    ['10s', 'reader', 200],
    ['0', 'operator', 200],
  ])('max_age=%s as %s: %d', async (maxAge, as, status) => {
    const answer = await fleetOf('well').get(`/v1/release?max_age=${maxAge}`, { as })
    expect(answer.status).toBe(status)
    if (status === 403) {
      expect(await answer.json()).toMatchObject({
        error: 'max_age below 10 s needs the role operator',
        type: '/problems/forbidden',
      })
    }
  })

  test('a region that failed a moment ago is asked again only where it is the only one named', async () => {
    const gateway = fleetOf('dark', 'well')
    await gateway.get('/v1/release')
    await gateway.get('/v1/release')
    await gateway.get('/v1/release?region_name=da*')
    await gateway.get('/v1/release?region_name=dark,well')
    expect(gateway.asked).toEqual(['dark release', 'well release'])
    await gateway.get('/v1/release?region_name=dark')
    expect(gateway.asked).toEqual(['dark release', 'well release', 'dark release'])
  })
})

describe('an answer that misses what was asked of it is a 503 with the same metadata', () => {
  test.each([
    ['min_completeness=0.76', 'only 75 % of the regions are fresh; 76 % asked for'],
    ['partial=deny', 'only 75 % of the regions are fresh; 100 % asked for'],
    ['min_completeness=0.1&partial=deny', 'only 75 % of the regions are fresh; 100 % asked for'],
    ['require=dark', 'region "dark" is required, and not fresh'],
    ['require=well-1,old', 'region "old" is required, and not fresh'],
  ])('%s', async (query, error) => {
    const gateway = fleetOf('well-1', 'well-2', 'well-3', 'dark', 'old', 'closed')
    const answer = await gateway.get(`/v1/release?${query}`, { headers: { 'x-request-id': 'r-1' } })

    expect(metadata(answer)).toEqual([
      503,
      '?0',
      'total=6, fresh=3, stale=0, failed=1, unsupported=1, skipped=1',
      '0',
      'no-store',
    ])
    expect(await answer.json()).toEqual({
      info: '',
      warning: '',
      error,
      type: '/problems/incomplete',
      status: 503,
      detail: error,
      instance: 'r-1',
      regions: {
        closed: { status: 'skipped', reason: 'maintenance' },
        dark: {
          status: 'failed',
          kind: 'unreachable',
          message: 'dark: GET /v1/release: connection refused',
          failed_at: new Date(startOfTests).toISOString(),
        },
        old: { status: 'unsupported', reason: 'no usm endpoint' },
      },
    })
  })

  test.each(['min_completeness=0.75', 'require=well-1,well-2', 'partial=allow'])(
    '%s is kept',
    async (query) => {
      const gateway = fleetOf('well-1', 'well-2', 'well-3', 'dark', 'old', 'closed')
      expect((await gateway.get(`/v1/release?${query}`)).status).toBe(200)
    },
  )

  test('a stale region counts as missing, with its age', async () => {
    const gateway = fleetOf('turning', 'well')
    await gateway.get('/v1/release')
    gateway.turnDark('turning')
    gateway.clock.pass(61_500)
    const answer = await gateway.get('/v1/release?require=turning')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ regions: { turning: { status: 'stale', age_s: 61 } } })
  })

  test('a name that is required means the region that is called so, before a subcloud', async () => {
    const gateway = createTestGateway([createRegion('a'), createRegion('b', { subcloud: 'a' })], ({ name }) =>
      name === 'b' ? dark : v1,
    )
    expect((await gateway.get('/v1/release?require=a')).status).toBe(200)
    expect((await gateway.get('/v1/release?require=b')).status).toBe(503)
  })
})

describe('no data', () => {
  test('from any region that has the call is a 503, never an empty list', async () => {
    const answer = await fleetOf('dark-1', 'dark-2', 'old', 'closed').get('/v1/release')
    expect(metadata(answer)).toEqual([
      503,
      '?0',
      'total=4, fresh=0, stale=0, failed=2, unsupported=1, skipped=1',
      '0',
      'no-store',
    ])
    expect(await answer.json()).toMatchObject({
      error: 'none of 2 regions answered',
      type: '/problems/no-data',
    })
  })

  test('from one region says why', async () => {
    const answer = await fleetOf('dark').get('/v1/release?region_name=dark')
    expect(await answer.json()).toMatchObject({
      error: 'dark: GET /v1/release: connection refused',
      status: 503,
    })
  })

  test('but a last good answer is served', async () => {
    const gateway = fleetOf('turning')
    await gateway.get('/v1/release')
    gateway.turnDark('turning')
    gateway.clock.pass(3_600_000)
    expect(metadata(await gateway.get('/v1/release'))).toEqual([
      200,
      '?0',
      'total=1, fresh=0, stale=1, failed=0, unsupported=0, skipped=0',
      '3600',
      'no-store',
    ])
  })
})

describe('one release', () => {
  test('that no region has is a 404 where all answered', async () => {
    const answer = await fleetOf('well-1', 'well-2', 'old').get('/v1/release/none')
    expect(metadata(answer)).toEqual([
      404,
      '?1',
      'total=3, fresh=2, stale=0, failed=0, unsupported=1, skipped=0',
      '0',
      'private, no-cache',
    ])
    expect(await answer.json()).toMatchObject({
      error: 'no selected region has "none"',
      type: '/problems/unknown-release',
    })
  })

  test('that no region has is a 503 where one did not answer', async () => {
    const answer = await fleetOf('well', 'dark').get('/v1/release/none')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({
      error: 'no region that answered has "none", and 1 did not answer',
      regions: { dark: { status: 'failed' } },
    })
  })

  test('that a region has is an answer, though another did not answer', async () => {
    const answer = await fleetOf('well', 'dark').get('/v1/release/starlingx-24.09.1')
    expect(answer.headers.get('fleet-complete')).toBe('?0')
    expect(await answer.json()).toEqual([{ region_name: 'well', ...release('24.09.1') }])
  })
})
