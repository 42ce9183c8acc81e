import { expect, test } from 'vitest'
import { callerWith } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { patchingHost, release } from '../support/fleet-records.ts'
import { createFilledGateway, playOf, type FilledGateway, type FleetList } from './fleet-setup.ts'

const regions = [
  createRegion('a', { subcloud: 'austin', labels: { site: 'south' } }),
  createRegion('b', { subcloud: 'boston', labels: { site: 'east' } }),
  createRegion('c', { subcloud: 'chicago' }),
]

function createGateway(): Promise<FilledGateway> {
  const host = (name: string, version: string, current: boolean | null) =>
    patchingHost(name, current, { sw_version: version, ...(current === null && { stale_details: true }) })
  return createFilledGateway(
    regions,
    playOf({
      a: { query_hosts: { data: [host('x', '24.09.9', true), host('y', '24.09.10', false)] } },
      b: { query_hosts: { data: [host('x', '24.09.10', null)] }, release: [release('24.09.10')] },
      c: { query_hosts: { data: [host('z', 'unknown', true)] } },
    }),
    { nobody: callerWith(undefined) },
  )
}

function namesIn({ items }: FleetList): readonly string[] {
  return items.map(({ region_name, hostname }) => `${String(region_name)} ${String(hostname)}`)
}

test.each([
  ['sort=sw_version', ['a x', 'a y', 'b x', 'c z']],
  ['sort=-sw_version', ['a y', 'b x', 'a x', 'c z']],
  ['sort=-hostname', ['c z', 'a y', 'a x', 'b x']],
  ['sort=patch_current,-region_name', ['a y', 'c z', 'a x', 'b x']],
  ['sort=-patch_current', ['a x', 'c z', 'a y', 'b x']],
  ['sort=hostname,-sw_version', ['b x', 'a x', 'a y', 'c z']],
])('%s: numbers in order, what is alike by region and name, what is unknown last', async (query, names) => {
  const gateway = await createGateway()
  expect(namesIn(await gateway.list(`hosts?${query}`))).toEqual(names)
})

test.each([
  ['region_name=austin,c', ['a x', 'a y', 'c z']],
  ['region_name=b*', ['b x']],
  ['region_name.ne=a', ['b x', 'c z']],
  ['subcloud_name.prefix=b,c', ['b x', 'c z']],
  ['label.site=south,east', ['a x', 'a y', 'b x']],
  ['label.site.ne=south', ['b x', 'c z']],
  ['label.site=null', ['c z']],
  ['label.site.prefix=e', ['b x']],
  ['sw_version=null', ['c z']],
  ['sw_version.ne=24.09.10', ['a x', 'c z']],
  ['patch_current=null,false', ['a y', 'b x']],
  ['state=idle&stale=false&vanished=false', ['a x', 'a y', 'b x', 'c z']],
  ['last_seen_s.ge=13&last_seen_s.le=13', ['a x', 'a y', 'b x', 'c z']],
  ['last_seen_s=12', []],
  ['hostname=x&hostname=z', ['a x', 'b x', 'c z']],
])('hosts?%s', async (query, names) => {
  const gateway = await createGateway()
  const answer = await gateway.list(`hosts?${query}`)
  expect(namesIn(answer)).toEqual(names)
  expect(answer.total).toBe(names.length)
})

test('fields are told in the order of the table, and labels only when asked for', async () => {
  const gateway = await createGateway()
  const { items } = await gateway.list('hosts?fields=labels,hostname&page_size=1')
  expect(JSON.stringify(items)).toBe(
    '[{"hostname":"x","labels":{"site":"south"}}]'.replace(
      '{"hostname":"x","labels":{"site":"south"}}',
      '{"labels":{"site":"south"},"hostname":"x"}',
    ),
  )
  const [first] = (await gateway.list('hosts?page_size=1')).items
  expect(Object.keys(first ?? {})).not.toContain('labels')
})

test('an instant is compared as one', async () => {
  const gateway = await createFilledGateway(regions, playOf({}))
  const failed = (query: string) => gateway.list(`regions?${query}`).then(({ total }) => total)
  expect(await failed('failed_at.le=2026-01-15T06:00:00Z')).toBe(3)
  expect(await failed('failed_at.gt=2026-01-15T07:00:00%2B01:00')).toBe(0)
})

test.each([
  [
    'hosts?colour=red',
    400,
    'parameter "colour": unknown here; allowed are region_name, group, selector, max_age',
  ],
  ['hosts?hostname.like=x', 400, 'parameter "hostname.like": unknown here'],
  [
    'hosts?hostname.lt=x',
    400,
    'parameter "hostname.lt": possible are hostname=, hostname.ne=, hostname.prefix=',
  ],
  ['hosts?patch_current=maybe', 400, 'parameter "patch_current": allowed are true, false, unknown'],
  ['hosts?stale=unknown', 400, 'parameter "stale": allowed are true, false'],
  ['hosts?state=sleeping', 400, 'parameter "state": allowed are idle, pending, deploying, deployed'],
  ['hosts?sw_version.lt=new', 400, 'parameter "sw_version.lt": not a version: write 24.09.3'],
  ['hosts?sw_version.lt=1,2', 400, 'parameter "sw_version.lt": one value, not a list'],
  ['hosts?age_s.gt=long', 400, 'parameter "age_s.gt": not a number'],
  ['regions?failed_at.gt=today', 400, 'parameter "failed_at.gt": not an RFC 3339 time'],
  ['regions?resources=x', 400, 'parameter "resources": unknown here'],
  ['hosts?sort=colour', 400, 'parameter "sort": "colour" is none of region_name, subcloud_name, hostname'],
  ['hosts?sort=labels', 400, 'parameter "sort": "labels" is none of'],
  ['hosts?fields=colour', 400, 'parameter "fields": "colour" is none of region_name'],
  ['hosts?page_size=0', 400, 'parameter "page_size": a number from 1 to 1000'],
  ['hosts?page_size=1001', 400, 'parameter "page_size": a number from 1 to 1000'],
  ['hosts?page_size=1&page_size=2', 400, 'parameter "page_size": given more than once'],
  ['hosts?details=yes', 400, 'parameter "details": allowed are true, false'],
  ['hosts?hostname=', 400, 'parameter "hostname": an empty value'],
  ['summary?sort=x', 400, 'parameter "sort": unknown here; allowed are region_name'],
  ['summary?patch_current=true', 400, 'parameter "patch_current": unknown here'],
  ['regions/a?region_name=b', 400, 'parameter "region_name": unknown here; allowed are max_age, deadline'],
  ['drift?baseline=z', 400, 'parameter "baseline": write region:NAME or ids:A,B'],
  ['drift?baseline=ids:a,', 400, 'parameter "baseline": from 1 to 100 ids'],
  [`drift?baseline=ids:${'a,'.repeat(100)}a`, 400, 'parameter "baseline": from 1 to 100 ids'],
  [`drift?baseline=ids:${'a'.repeat(5_000)}`, 400, 'parameter "baseline": at most 4096 characters'],
  ['drift?baseline=region:zz', 404, 'no region is called "zz"'],
  ['hosts?region_name=zz', 404, 'no region is called "zz"'],
  ['regions/zz', 404, 'no region is called "zz"'],
  ['nothing', 404, 'this gateway has no GET /fleet/v1/nothing'],
  ['hosts/x', 404, 'this gateway has no GET /fleet/v1/hosts/x'],
])('%s: %s, %s', async (path, status, detail) => {
  const gateway = await createGateway()
  const answer = await gateway.get(`/fleet/v1/${path}`)
  const problem = (await answer.json()) as { readonly detail: string }
  expect(problem).toMatchObject({ status, instance: answer.headers.get('x-request-id') })
  expect(problem.detail.slice(0, detail.length)).toBe(detail)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
})

test('another method is a 405 that says which are possible', async () => {
  const answer = await (await createGateway()).get('/fleet/v1/hosts', { method: 'POST' })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  expect(await answer.json()).toMatchObject({ title: 'Method not allowed' })
})

test('who has no role reads nothing, and who has no token is told in the same form', async () => {
  const gateway = await createGateway()
  expect((await gateway.get('/fleet/v1/hosts', { as: 'nobody' })).status).toBe(403)
  const unknown = await gateway.get('/fleet/v1/hosts', { as: 'who' })
  expect([unknown.status, unknown.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
})

test('HEAD has the headers of GET, and no body', async () => {
  const gateway = await createGateway()
  const head = await gateway.get('/fleet/v1/hosts', { method: 'HEAD' })
  const get = await gateway.get('/fleet/v1/hosts')
  const told = ({ headers }: Response) =>
    ['fleet-regions', 'content-length', 'age'].map((name) => headers.get(name))
  expect(told(head)).toEqual(told(get))
  expect(await head.text()).toBe('')
  expect(get.headers.get('cache-control')).toBe('no-store')
})
