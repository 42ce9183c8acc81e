import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { answers, fails, type Played } from '../support/fleet-answers.ts'
import { callerWith, createTestGateway, type GetOptions, type TestGateway } from '../support/fleet-gateway.ts'
import { patch, patchingHost, release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'

interface Fleet extends TestGateway {
  /** From now on the region answers so. */
  become(name: string, played: Played): void
  etag(path: string, options?: GetOptions): Promise<string>
}

const v1 = answers([release('24.09.1')])
const v2 = answers([release('24.09.2')])
const dark = fails('timeout')

function fleetOf(...names: readonly string[]): Fleet {
  const held = new Map<string, Played>()
  const gateway = createTestGateway(
    names.map((name) => createRegion(name, { labels: { site: name } })),
    ({ name }, { resource }) => {
      if (resource === 'show') return answers({ metadata: {}, contents: {}, error: '' })
      if (resource === 'query_hosts') return answers({ data: [patchingHost('controller-0')] })
      if (resource === 'query') return answers({ pd: { P: patch('Applied') } })
      return held.get(name) ?? v1
    },
    {
      ofEast: callerWith('reader', ['east']),
      alsoOfEast: callerWith('admin', ['e*']),
      ofWest: callerWith('reader', ['west']),
      noRole: callerWith(undefined),
    },
  )
  return {
    ...gateway,
    become: (name, played) => void held.set(name, played),
    async etag(path, options) {
      return (await gateway.get(path, options)).headers.get('etag') ?? 'none'
    },
  }
}

describe('the ETag', () => {
  test('is strong, and stays while nothing changes, whoever asks for the same', async () => {
    const fleet = fleetOf('east', 'west')
    const first = await fleet.etag('/v1/release')
    expect(first).toMatch(/^"[\w-]{20,}"$/)
    fleet.clock.pass(61_000)
    expect(await fleet.etag('/v1/release')).toBe(first)
    expect(await fleet.etag('/usm/v1/release/', { as: 'reader' })).toBe(first)
    expect(fleet.asked).toHaveLength(4)
    expect(await fleet.etag('/v1/release', { as: 'ofEast' })).toBe(
      await fleet.etag('/v1/release', { as: 'alsoOfEast' }),
    )
  })

  test('differs with what is asked, how, and by whom', async () => {
    const fleet = fleetOf('east', 'west')
    const tags = [
      await fleet.etag('/v1/release'),
      await fleet.etag('/v1/release', { as: 'ofEast' }),
      await fleet.etag('/v1/release', { as: 'ofWest' }),
      await fleet.etag('/v1/release?show=deployed'),
      await fleet.etag('/v1/release?release=24.09'),
      await fleet.etag('/v1/release?with=site'),
      await fleet.etag('/v1/release?with=subcloud_name'),
      await fleet.etag('/v1/release?region_name=east'),
      await fleet.etag('/v1/release/starlingx-24.09.1'),
      await fleet.etag('/v1/release/starlingx-24.09.1/is_deployed'),
      await fleet.etag('/v1/release/starlingx-24.09.1/is_available'),
      await fleet.etag('/v1/release/starlingx-24.09.2/is_available'),
      await fleet.etag('/v1/deploy'),
      await fleet.etag('/v1/query'),
      await fleet.etag('/v1/query_hosts'),
      await fleet.etag('/v1/show/A'),
      await fleet.etag('/v1/show/B'),
    ]
    expect(new Set(tags).size).toBe(tags.length)
  })

  test('changes when an answer changes, and when a status does though the bytes stay', async () => {
    const fleet = fleetOf('east', 'west')
    const tags = [await fleet.etag('/v1/release')]
    for (const played of [v2, dark, v2]) {
      fleet.become('east', played)
      fleet.clock.pass(61_000)
      tags.push(await fleet.etag('/v1/release'))
    }
    const [first, changed, stale, again] = tags
    expect(new Set([first, changed, stale]).size).toBe(3)
    expect(again).toBe(changed)
  })

  test('spares the body, and nothing else: a 304 carries what is current', async () => {
    const fleet = fleetOf('east', 'west')
    fleet.become('west', dark)
    const etag = await fleet.etag('/v1/release')
    fleet.clock.pass(30_000)
    const answer = await fleet.get('/v1/release', { headers: { 'if-none-match': `"other", W/${etag}` } })

    expect([answer.status, await answer.text()]).toEqual([304, ''])
    expect(Object.fromEntries(answer.headers)).toEqual({
      age: '30',
      'cache-control': 'no-store',
      etag,
      'fleet-complete': '?0',
      'fleet-regions': 'total=2, fresh=1, stale=0, failed=1, unsupported=0, skipped=0',
      vary: 'Authorization, X-Auth-Token, OIDC-Token, Accept, Accept-Encoding',
      'x-request-id': answer.headers.get('x-request-id'),
    })
  })

  test('is one for each coding; the unpacked bytes are the same', async () => {
    const fleet = fleetOf('east', 'west')
    const packed = await fleet.get('/v1/release', { headers: { 'accept-encoding': 'br, gzip' } })
    const plain = await fleet.get('/v1/release', { headers: { 'accept-encoding': 'gzip;q=0' } })
    const bytes = Buffer.from(await packed.arrayBuffer())
    const tags = [packed, plain].map(({ headers }) => headers.get('etag') ?? '')

    expect([packed.headers.get('content-encoding'), plain.headers.get('content-encoding')]).toEqual([
      'gzip',
      null,
    ])
    expect(packed.headers.get('content-length')).toBe(String(bytes.length))
    expect(gunzipSync(bytes).toString()).toBe(await plain.text())
    expect(new Set(tags).size).toBe(2)
    const unchanged = await Promise.all(
      tags.flatMap((etag) =>
        ['gzip', 'identity'].map(async (coding) => {
          const headers = { 'if-none-match': etag, 'accept-encoding': coding }
          return (await fleet.get('/v1/release', { headers })).status
        }),
      ),
    )
    expect(unchanged).toEqual([304, 200, 200, 304])
  })

  test.each(['', '"other"', 'W/"other", "more"'])(
    'that is another (%o) gets the whole answer',
    async (other) => {
      const answer = await fleetOf('east').get('/v1/release', { headers: { 'if-none-match': other } })
      expect(answer.status).toBe(200)
    },
  )

  test('of another scope is of no use', async () => {
    const fleet = fleetOf('east', 'west')
    const etag = await fleet.etag('/v1/release', { as: 'ofEast' })
    const answer = await fleet.get('/v1/release', { as: 'ofWest', headers: { 'if-none-match': etag } })
    expect([answer.status, await answer.json()]).toEqual([
      200,
      [{ region_name: 'west', ...release('24.09.1') }],
    ])
  })

  test('does not hide that an answer is refused', async () => {
    const fleet = fleetOf('east', 'west')
    fleet.become('west', dark)
    const etag = await fleet.etag('/v1/release')
    const answer = await fleet.get('/v1/release?partial=deny', { headers: { 'if-none-match': etag } })
    expect(answer.status).toBe(503)
  })
})

describe('methods', () => {
  test('HEAD has every header of GET, and no body', async () => {
    const fleet = fleetOf('east', 'west')
    const options = { headers: { 'x-request-id': 'same' } }
    for (const path of [
      '/v1/release',
      '/v1/release/starlingx-24.09.1/is_deployed',
      '/v1/query?region_name=east',
    ]) {
      const get = await fleet.get(path, options)
      const head = await fleet.get(path, { ...options, method: 'HEAD' })
      expect([head.status, await head.text()]).toEqual([200, ''])
      expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers))
      expect(Number(head.headers.get('content-length'))).toBe((await get.arrayBuffer()).byteLength)
    }
  })

  test.each(['/v1/none', '/v1/release?a=1', '/v1/release?region_name=none'])(
    'HEAD of an error: %s',
    async (path) => {
      const fleet = fleetOf('east')
      const [get, head] = [await fleet.get(path), await fleet.get(path, { method: 'HEAD' })]
      expect([head.status, await head.text()]).toEqual([get.status, ''])
      expect(head.headers.get('content-type')).toBe('application/json')
    },
  )

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    '%s is answered with those that are possible',
    async (method) => {
      for (const path of [
        '/v1/deploy_host',
        '/v1/software_upgrade/',
        '/usm/v1/release/x/is_deployed',
        '/',
        '/metrics',
      ]) {
        const answer = await fleetOf('east').get(path, { method })
        expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
        expect(await answer.json()).toMatchObject({
          error: `${method} is not possible here; GET and HEAD are`,
          type: '/problems/method-not-allowed',
          status: 405,
        })
      }
    },
  )
})

describe('an error', () => {
  test.each<[string, GetOptions, number]>([
    ['/nothing', {}, 404],
    ['/v1/upload/', {}, 405],
    ['/v1/release?a=1', {}, 400],
    ['/v1/release', { method: 'PUT' }, 405],
    ['/v1/release', { method: 'POST' }, 403],
    ['/v1/release', { as: 'stranger' }, 401],
    ['/v1/release', { as: 'noRole' }, 403],
    ['/metrics', { as: 'noRole' }, 403],
    ['/v1/release/none', {}, 404],
    ['/v1/release?require=west&region_name=*', {}, 503],
  ])('is in the words that StarlingX clients read: %s %o', async (path, options, status) => {
    const fleet = fleetOf('east', 'west')
    fleet.become('west', dark)
    if (path === '/v1/release/none') fleet.become('west', v1)
    const answer = await fleet.get(path, { ...options, headers: { 'x-request-id': 'r-1' } })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('x-request-id')).toBe('r-1')
    const { regions: _, ...body } = (await answer.json()) as Record<string, unknown>
    expect(body).toEqual({
      info: '',
      warning: '',
      error: expect.stringMatching(/./) as unknown,
      type: expect.stringMatching(/^\/problems\/[a-z-]+$/) as unknown,
      status,
      detail: body['error'],
      instance: 'r-1',
    })
  })

  test('of ours tells nothing of what went wrong, but to the log', async () => {
    const gateway = createTestGateway([createRegion('east')], () => v1, {
      broken: {
        ...callerWith('reader'),
        scope: () => {
          throw new Error('secret')
        },
      },
    })
    const answer = await gateway.get('/v1/release', { as: 'broken' })
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('secret')
    expect(gateway.errors).toEqual([new Error('secret')])
  })

  test('of a missing token says how to send one', async () => {
    const answer = await fleetOf('east').app.request('/v1/release')
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="stx-fleet-gateway"',
    ])
    const wrong = await fleetOf('east').get('/v1/release', { as: 'stranger' })
    expect(wrong.headers.get('www-authenticate')).toBe(
      'Bearer realm="stx-fleet-gateway", error="invalid_token"',
    )
  })

  test.each(['/', '/v1', '/v1/none', '/metrics', '/v1/release'])(
    'is all that a stranger sees: %s',
    async (path) => {
      for (const method of ['GET', 'HEAD', 'POST']) {
        expect((await fleetOf('east').app.request(path, { method })).status).toBe(401)
      }
    },
  )
})

describe('the request id', () => {
  test.each(['abc-123', 'req:1.2_3', 'x'.repeat(128)])('%s is kept', async (id) => {
    const answer = await fleetOf('east').get('/v1/release', { headers: { 'x-request-id': id } })
    expect(answer.headers.get('x-request-id')).toBe(id)
  })

  test.each([undefined, '', 'x'.repeat(129), 'a b', '<script>', 'a"b'])('%s is replaced', async (id) => {
    const headers: Record<string, string> = id === undefined ? {} : { 'x-request-id': id }
    for (const path of ['/v1/release', '/', '/v1/none', '/metrics']) {
      const answer = await fleetOf('east').get(path, { headers })
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    }
  })
})

describe('a patch id', () => {
  const allowed = 'letters, digits, dots, dashes and underscores, beginning with a letter or a digit'

  test.each(['P', 'STX_22.12-001', 'a'.repeat(128), '1..2'])('%s is asked for', async (id) => {
    const fleet = fleetOf('east')
    expect((await fleet.get(`/v1/show/${id}`)).status).toBe(200)
    expect(fleet.asked).toEqual(['east show'])
  })

  test.each([
    '..%2F..%2Fapply',
    'a%2Fb',
    'a%252Fb',
    '%2E%2E%2F',
    '.hidden',
    '-P',
    '_P',
    'P;x=1',
    'P%3Bx',
    'P%00',
    'P%0d%0aX:%20y',
    'P%20Q',
    'P%3Fa=b',
    'P%23',
    'P,Q',
    'P%5CQ',
    '%C3%A9',
    '%FF',
    '%E0%A4%A',
    'é',
    'a'.repeat(129),
    'P*',
    '%25',
  ])('%s is refused, and nothing is asked', async (id) => {
    const fleet = fleetOf('east')
    const answer = await fleet.get(`/v1/show/${id}`)
    expect(fleet.asked).toEqual([])
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: `parameter "id": ${allowed}` }])
  })

  test.each(['/v1/show/..', '/v1/show/.', '/v1/show/%2e%2e/apply', '/v1/show//', '/v1/show/a/b'])(
    '%s does not lead anywhere',
    async (path) => {
      const fleet = fleetOf('east')
      await fleet.get(path)
      expect(fleet.asked).toEqual([])
    },
  )

  test('of a release is looked up here, so it may be anything, but not long', async () => {
    const fleet = fleetOf('east')
    expect((await fleet.get('/v1/release/..%2Fx')).status).toBe(404)
    expect((await fleet.get(`/v1/release/${'x'.repeat(256)}`)).status).toBe(404)
    const long = await fleet.get(`/v1/release/${'x'.repeat(257)}`)
    expect([long.status, await long.json()]).toMatchObject([
      400,
      { error: 'parameter "id": at most 256 characters' },
    ])
  })
})

describe('metrics with a token', () => {
  test('are of the regions that the caller may see', async () => {
    const fleet = fleetOf('east', 'west')
    await fleet.get('/v1/release')
    const answer = await fleet.get('/metrics', { as: 'ofEast' })
    const text = await answer.text()

    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('stx_region_info{region_name="east"')
    expect(text).toContain('stx_fleet_regions{resource="release",status="fresh"} 1\n')
    expect(text).not.toContain('west')
    expect(fleet.asked).toHaveLength(2)
  })

  test('are of the regions that a scrape names, among those', async () => {
    const fleet = fleetOf('east', 'west')
    await fleet.get('/v1/release')
    const scrape = async (query: string, as?: string): Promise<readonly unknown[]> => {
      const answer = await fleet.get(`/metrics${query}`, as === undefined ? {} : { as })
      const text = await answer.text()
      const names = new Set([...text.matchAll(/region_name="(\w+)"/g)].map(([, name]) => name))
      return [answer.status, [...names].join(' ')]
    }
    expect(await scrape('')).toEqual([200, 'east west'])
    expect(await scrape('?region_name=w*')).toEqual([200, 'west'])
    expect(await scrape('?region_name=w*', 'ofEast')).toEqual([200, ''])
    expect(await scrape('?region_name=west', 'ofEast')).toEqual(await scrape('?region_name=none', 'ofEast'))
    expect((await scrape('?region_name=none', 'ofEast'))[0]).toBe(404)
  })

  test('hold nothing of the gateway itself', async () => {
    const fleet = fleetOf('east')
    const openmetrics = { headers: { accept: 'application/openmetrics-text' } }
    const text = await (await fleet.get('/metrics', openmetrics)).text()
    expect(text).not.toMatch(/stx_gateway|stx_upstream|stx_writes|process_|nodejs_/)
    expect(text.endsWith('# EOF\n')).toBe(true)
  })

  test('take no other parameters', async () => {
    expect((await fleetOf('east').get('/metrics?a=1')).status).toBe(400)
  })
})

describe('each answer is counted', () => {
  test.each<[string, string, number, string]>([
    ['GET', '/v1/release', 200, '/v1/release'],
    ['GET', '/v1/release/', 200, '/v1/release'],
    ['HEAD', '/usm/v1/release', 200, '/usm/v1/release'],
    ['GET', '/v1/release/starlingx-24.09.1', 200, '/v1/release/:id'],
    ['GET', '/v1/release?a=b', 400, '/v1/release'],
    ['GET', '/v1/nothing', 404, '/v1/*'],
    ['GET', '/regions/east/v1/nothing', 404, '/regions/*'],
    ['GET', '/secret/path', 404, 'none'],
    ['BREW', '/metrics', 405, '/metrics'],
  ])('%s %s: %s, by its route %s', async (method, path, status, route) => {
    const fleet = fleetOf('east')
    await fleet.get(path, { method })
    expect(fleet.answered).toEqual([`${method === 'BREW' ? 'other' : method} ${route} ${status}`])
  })

  test('also one to a caller who is not known', async () => {
    const fleet = fleetOf('east')
    await fleet.get('/v1/release', { as: 'nobody' })
    expect(fleet.answered).toEqual(['GET /v1/release 401'])
  })
})
