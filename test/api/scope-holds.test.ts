import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Region } from '../../src/model/region.ts'
import type { Want } from '../../src/model/reading.ts'
import { toScope } from '../../src/api/caller.ts'
import { fleetResources } from '../../src/api/fleet/resources.ts'
import { everyCall } from '../support/every-call.ts'
import { answers, fails, lacks, type Played } from '../support/fleet-answers.ts'
import { callerWith, createTestGateway, type TestGateway } from '../support/fleet-gateway.ts'
import { deployment, patch, patchingHost, release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'

/*
 * Whatever the fleet, the scope and the requests: a caller with a scope gets, byte for byte, what the same caller gets from
 * a gateway that has no other regions. So nothing of them is in any answer, header, ETag, count, error or metric.
 */

const names = ['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'RegionOne']
const subclouds = ['boston', 'boston-2', 'denver', 'a1', 'lab']
const groups = ['east', 'west', 'lab']
const sites = ['b', 'd']
const roles = ['reader', 'operator', 'configurator', 'admin'] as const

const fleets: fc.Arbitrary<readonly Region[]> = fc
  .uniqueArray(fc.constantFrom(...names), { minLength: 1 })
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((name) =>
        fc
          .record({
            subcloud: fc.constantFrom(name, ...subclouds),
            keystoneRegion: fc.constantFrom(name, 'RegionOne'),
            group: fc.option(fc.constantFrom(...groups), { nil: undefined }),
            site: fc.option(fc.constantFrom(...sites), { nil: undefined }),
            speaks: fc.constantFrom<('usm' | 'patching')[]>(['usm'], ['patching'], ['usm', 'patching']),
          })
          .map(({ group, site, ...rest }) =>
            createRegion(name, { ...rest, labels: { ...(group && { group }), ...(site && { site }) } }),
          ),
      ),
    ),
  )
const words = fc.oneof(
  fc.constantFrom(...names, ...subclouds),
  fc.constantFrom(
    '*',
    'a*',
    '*1',
    'b*n',
    'group:east',
    'group:west',
    'label:site=b',
    'label:group=lab',
    'none',
  ),
)
const scopes = fc.array(words, { maxLength: 3 })

interface Request {
  readonly method: string
  readonly target: string
  readonly body?: string
  readonly gzip: boolean
  /** As a line per region. */
  readonly lines: boolean
}
const naming = fc.constantFrom(...names, ...subclouds, 'none', '*', 'a*', '*2', 'a1,b1', 'a1,none')
const parameter = fc.oneof(
  { weight: 4, arbitrary: naming.map((name) => `region_name=${name}`) },
  naming.map((name) => `require=${name}`),
  fc.constantFrom(
    'group=east',
    'group=west,lab',
    'selector=site=b',
    'selector=group!=east',
    'with=site',
    'with=group',
  ),
  fc.constantFrom(
    'with=subcloud_name',
    'partial=deny',
    'min_completeness=0.5',
    'max_age=0',
    'show=deployed',
    'x=1',
  ),
)
const requests: fc.Arbitrary<Request> = fc
  .record({
    call: fc.constantFrom(...everyCall),
    door: fc.constantFrom('fleet', 'fleet', 'service', 'region', 'metrics', 'own', 'own'),
    own: fc.constantFrom(...fleetResources.map(({ path }) => path), 'whoami', 'nothing'),
    ownParameters: fc.array(
      fc.constantFrom(
        'page_size=1',
        'page_size=3',
        'details=true',
        'sort=-region_name',
        'patch_current=null',
      ),
      { maxLength: 2 },
    ),
    at: fc.constantFrom(...names, ...subclouds, 'none'),
    parameters: fc.array(parameter, { maxLength: 2 }),
    inBody: fc.option(naming, { nil: undefined }),
    method: fc.constantFrom(undefined, undefined, undefined, 'GET', 'HEAD', 'POST', 'DELETE', 'PUT'),
    gzip: fc.boolean(),
    lines: fc.boolean(),
  })
  .map(({ call, door, own, at, parameters, ownParameters, inBody, method, gzip, lines }) => {
    const shared = parameters.filter((each) => !/^(with|show|x)=/.test(each))
    const all = door === 'own' ? [...shared, ...ownParameters] : parameters
    const query = all.length === 0 ? '' : `?${all.join('&')}`
    const path = {
      fleet: call.path,
      service: `/${call.service}${call.path}`,
      region: `/regions/${at}${call.path}`,
      metrics: '/metrics',
      own: `/fleet/v1/${own.replace('{id}', at)}`,
    }[door]
    const how = method ?? (door === 'own' ? 'GET' : call.method)
    const bodied = how !== 'GET' && how !== 'HEAD' && inBody !== undefined
    return {
      method: how,
      target: path + query,
      // What is random in answers of this door would be packed with the rest.
      gzip: gzip && door !== 'own',
      lines: lines && door === 'own',
      ...(bodied && { body: JSON.stringify({ region_name: inBody }) }),
    }
  })

/** Each region's answers are its own; some fail, some lack the call. */
function play(region: Region, { resource }: Want): Played {
  const own = { of: `secret of ${region.name}` }
  if (region.name === 'b2') return fails('timeout', `secret of ${region.name}`)
  if (region.name === 'c2' && resource !== 'release') return lacks(`secret of ${region.name}`)
  if (resource === 'release')
    return answers([release('24.09.1', 'deployed', own), release(`24.${region.name.length}.0`)])
  if (resource === 'deploy') return answers([deployment('start', own)])
  if (resource === 'query_hosts') return answers({ data: [patchingHost('controller-0', true, own)] })
  if (resource === 'query')
    return answers({ pd: { [`P-${region.name}`]: patch('Applied', own), P: patch('Available') } })
  return resource === 'deploy_host' ? answers([]) : lacks(`secret of ${region.name}`)
}

function gatewayOf(
  regions: readonly Region[],
  callers: Parameters<typeof createTestGateway>[2],
): TestGateway {
  return createTestGateway(regions, play, callers, async (region) => ({
    status: 'answered',
    http: 200,
    value: { info: `secret of ${region.name}`, warning: '', error: '' },
    succeeded: true,
    error: '',
  }))
}

interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

async function tell(gateway: TestGateway, as: string, request: Request, ifNoneMatch?: string): Promise<Told> {
  const { method, target, body, gzip, lines } = request
  const answer = await gateway.get(target, {
    as,
    method,
    headers: {
      'x-request-id': 'same',
      traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`,
      ...(gzip && { 'accept-encoding': 'gzip' }),
      ...(lines && { accept: 'application/x-ndjson' }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
    },
    ...(body !== undefined && { body }),
  })
  const bytes = Buffer.from(await answer.arrayBuffer())
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: bytes.toString('latin1'),
  }
}

/** ETags, names of snapshots and page tokens have something random in them: what tells is when one is the same again. */
function numberNames(): (told: Told) => Told {
  const known = new Map<string, string>()
  const number = (name: string): string => {
    const own = known.get(name) ?? `number ${known.size}`
    known.set(name, own)
    return own
  }
  return ({ status, headers, body }) => {
    const { etag, 'content-length': _, ...rest } = headers
    return {
      status,
      headers: { ...rest, ...(etag !== undefined && { etag: number(etag) }) },
      body: body.replaceAll(
        /("(?:snapshot|next_page_token)":)"([^"]+)"/g,
        (_, key: string, name: string) => key + number(name),
      ),
    }
  }
}

test('a caller with a scope is told what a gateway tells that has no other regions, and no other is asked', async () => {
  await fc.assert(
    fc.asyncProperty(
      fleets,
      scopes,
      fc.constantFrom(...roles),
      fc.array(requests, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      async (fleet, scope, role, asked, warm) => {
        const sees = toScope(scope)
        const callers = { limited: callerWith(role, scope), all: callerWith('operator') }
        const whole = gatewayOf(fleet, callers)
        const part = gatewayOf(fleet.filter(sees), callers)
        // What others have asked before is held: in both, as far as there is anything to hold.
        if (warm) for (const gateway of [whole, part]) await gateway.get('/v1/release', { as: 'all' })
        const before = [whole.asked.length, part.asked.length] as const
        const numbered = [numberNames(), numberNames()] as const
        for (const request of asked) {
          const told = numbered[0](await tell(whole, 'limited', request))
          expect([request, told]).toEqual([request, numbered[1](await tell(part, 'limited', request))])
        }
        expect(whole.asked.slice(before[0])).toEqual(part.asked.slice(before[1]))
        expect(whole.audited).toEqual(part.audited)
        expect([...whole.errors, ...part.errors]).toEqual([])
      },
    ),
    { numRuns: 400 },
  )
}, 120_000)

test("callers of different scope share an ETag only where they share the bytes; another's is good for nothing else", async () => {
  const reads = requests.filter(({ method }) => method === 'GET')
  await fc.assert(
    fc.asyncProperty(fleets, scopes, scopes, reads, async (fleet, one, other, request) => {
      const gateway = gatewayOf(fleet, { one: callerWith('reader', one), other: callerWith('reader', other) })
      const ones = await tell(gateway, 'one', request)
      const others = await tell(gateway, 'other', request)
      const [etag, theirs] = [ones.headers['etag'], others.headers['etag']]
      if (etag === undefined || theirs === undefined) return
      if (etag === theirs) expect(others).toEqual(ones)
      const again = await tell(gateway, 'other', request, etag)
      expect(again.status).toBe(etag === theirs ? 304 : 200)
      if (etag !== theirs) expect(again.body).toBe(others.body)
    }),
    { numRuns: 400 },
  )
}, 120_000)

test('a page token is good for whom it was made, and for nobody who sees something else', async () => {
  const fleet = ['a1', 'a2', 'b1', 'c1'].map((name) => createRegion(name))
  await fc.assert(
    fc.asyncProperty(scopes, scopes, async (one, other) => {
      const gateway = gatewayOf(fleet, { one: callerWith('reader', one), other: callerWith('reader', other) })
      const first = (await gateway.read('/fleet/v1/regions?page_size=1', { as: 'one' })) as Page
      if (first.next_page_token === null) return
      const target = `/fleet/v1/regions?page_size=1&page_token=${first.next_page_token}`
      const [ones, others] = [
        await gateway.get(target, { as: 'one' }),
        await gateway.get(target, { as: 'other' }),
      ]
      const same = fleet.every((region) => toScope(one)(region) === toScope(other)(region))
      expect([ones.status, others.status]).toEqual([200, same ? 200 : 400])
      if (same) expect(await others.json()).toEqual(await ones.json())
    }),
    { numRuns: 200 },
  )
}, 120_000)

interface Page {
  readonly next_page_token: string | null
}

test('the requests reach what they are about: reads with data, writes, refusals, and metrics', async () => {
  const seen = new Set<string>()
  const fleet = names.map((name) => createRegion(name))
  const gateway = gatewayOf(fleet, { all: callerWith('admin') })
  for (const request of fc.sample(requests, { numRuns: 400, seed: 1 })) {
    const { status, headers, body } = await tell(gateway, 'all', { ...request, gzip: false })
    if (request.target.startsWith('/fleet/'))
      seen.add(`${status} ${headers['content-type'] === 'application/x-ndjson' ? 'lines' : 'own'}`)
    const kind = headers['fleet-regions']
      ? 'merged'
      : headers['content-type']?.startsWith('text/plain')
        ? 'metrics'
        : 'one'
    seen.add(`${status} ${kind}${body.includes('secret of') ? ' with data' : ''}`)
  }
  for (const wanted of [
    '200 merged with data',
    '200 one with data',
    '404 one',
    '400 one',
    '200 metrics',
    '200 own',
    '200 lines',
    '404 own',
  ]) {
    expect([...seen]).toContain(wanted)
  }
})
