import { expect, test } from 'vitest'
import { answers, fails } from '../support/fleet-answers.ts'
import { callerWith } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { patchingHost } from '../support/fleet-records.ts'
import { createFilledGateway, playOf, type FilledGateway } from './fleet-setup.ts'

// Age and completeness: what is asked for is kept, or the answer is a 503 that says who is missing.

const regions = ['a', 'b', 'c'].map((name) => createRegion(name, { speaks: ['patching'] }))
const host = { query_hosts: { data: [patchingHost('x')] } }

interface Fleet extends FilledGateway {
  /** Regions that are dark from now on. */
  dark: readonly string[]
}

async function createFleet(): Promise<Fleet> {
  const state = { dark: [] as readonly string[] }
  const gateway = await createFilledGateway(
    regions,
    (region, want) =>
      state.dark.includes(region.name)
        ? fails('timeout', 'no connection within 3 s')
        : playOf({ [region.name]: host })(region, want),
    { narrow: callerWith('reader', ['a', 'b']) },
  )
  return Object.assign(state, gateway)
}

test('an age is asked for: older regions are asked, and their hosts are as they are now', async () => {
  const fleet = await createFleet()
  fleet.clock.pass(20_000)
  fleet.asked.length = 0
  const { items, meta } = await fleet.list('hosts?max_age=15s')
  expect(fleet.asked.filter((each) => each.endsWith('query_hosts'))).toEqual(
    ['a', 'b', 'c'].map((name) => `${name} query_hosts`),
  )
  expect(meta.regions).toMatchObject({ fresh: 3 })
  expect(items.map(({ age_s }) => age_s)).toEqual([0, 0, 0])
  fleet.asked.length = 0
  await fleet.list('hosts?max_age=15s')
  expect(fleet.asked).toEqual([])
})

test('what is too old for this caller is stale to him alone, and nothing of it is current', async () => {
  const fleet = await createFleet()
  fleet.clock.pass(20_000)
  fleet.dark = ['b']
  const { items, meta } = await fleet.list('hosts?max_age=15s&details=true')
  expect(meta.regions).toMatchObject({ total: 3, fresh: 2, stale: 1 })
  expect(meta.details).toMatchObject({ b: { status: 'stale', kind: 'timeout', age_s: 21 } })
  expect(items.map(({ region_name, patch_current, stale }) => [region_name, patch_current, stale])).toEqual([
    ['a', true, false],
    ['b', null, true],
    ['c', true, false],
  ])
  fleet.clock.pass(1_000)
  expect((await fleet.list('hosts')).meta.regions).toMatchObject({ fresh: 3, stale: 0 })
})

test('an age above the default makes regions count as fresh, but nothing current', async () => {
  const fleet = await createFleet()
  fleet.clock.pass(90_000)
  fleet.dark = ['a', 'b', 'c']
  const { items, meta } = await fleet.list('hosts?max_age=1h')
  expect(meta.complete).toBe(true)
  expect(items.map(({ patch_current }) => patch_current)).toEqual([null, null, null])
})

test('a deadline alone asks those that are older than the default', async () => {
  const fleet = await createFleet()
  fleet.clock.pass(50_000)
  fleet.asked.length = 0
  await fleet.list('hosts?deadline=2s')
  expect(fleet.asked).toEqual([])
  fleet.clock.pass(20_000)
  await fleet.list('hosts?deadline=2s')
  expect(fleet.asked).toHaveLength(3)
})

test('a reader may not have every region asked all the time', async () => {
  const fleet = await createFleet()
  const answer = await fleet.get('/fleet/v1/hosts?max_age=9s', { as: 'reader' })
  expect(await answer.json()).toMatchObject({
    type: '/problems/forbidden',
    status: 403,
    detail: 'max_age below 10 s needs the role operator',
  })
})

test.each([
  ['min_completeness=0.7', 'incomplete', 'only 66.6 % of the regions are fresh; 70 % asked for'],
  ['partial=deny', 'incomplete', 'only 66.6 % of the regions are fresh; 100 % asked for'],
  ['require=a,b', 'incomplete', 'region "b" is required, and not fresh'],
  ['region_name=b', 'no-data', 'b: no connection within 3 s'],
])('hosts?%s: a 503 with the meta that tells who is missing', async (query, slug, detail) => {
  const state = playOf({ a: host, b: 'dark', c: host })
  const gateway = await createFilledGateway(regions, state)
  const answer = await gateway.get(`/fleet/v1/hosts?${query}`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(answer.headers.get('fleet-complete')).toBe('?0')
  expect(await answer.json()).toMatchObject({
    type: `/problems/${slug}`,
    detail,
    meta: { complete: false, details: { b: { status: 'failed', resource: 'query_hosts', kind: 'timeout' } } },
  })
  const met = await gateway.get('/fleet/v1/hosts?min_completeness=0.6&require=a,c')
  expect(met.status).toBe(200)
})

test('a fleet without a single answer still has regions, a summary and a problem, but no list of hosts', async () => {
  const gateway = await createFilledGateway(regions, playOf({}))
  expect((await gateway.list('regions')).total).toBe(3)
  expect((await gateway.list('problems')).total).toBe(1)
  expect(await gateway.read('/fleet/v1/summary')).toMatchObject({
    item: { patch_current: { regions: { true: 0, false: 0, unknown: 3 } } },
  })
  expect((await gateway.get('/fleet/v1/hosts')).status).toBe(503)
})

test('a region whose one service is dark is stale: something of it is known, not all', async () => {
  const both = createRegion('both')
  const gateway = await createFilledGateway([both], (_, { resource }) =>
    resource.startsWith('query')
      ? fails('unreachable', 'connection refused')
      : answers(resource === 'release' ? [{ release_id: 'r', state: 'deployed', sw_version: '24.09' }] : []),
  )
  const { items } = await gateway.list('regions')
  expect(items[0]).toMatchObject({
    status: 'stale',
    failure_kind: 'unreachable',
    patch_current: null,
    up: true,
  })
})

test('what a caller may not see is nowhere: not in totals, not in aggregates, not in errors', async () => {
  const fleet = await createFleet()
  const narrow = (path: string) => fleet.read(`/fleet/v1/${path}`, { as: 'narrow' })
  expect(await narrow('regions')).toMatchObject({ total: 2, meta: { regions: { total: 2 } } })
  expect(await narrow('hosts')).toMatchObject({ total: 2 })
  expect(await narrow('summary')).toMatchObject({ item: { patch_current: { hosts: { true: 2 } } } })
  expect(await narrow('drift?baseline=region:a')).toMatchObject({ counts: { in_sync: 2 } })
  const bytes = async (path: string) => {
    const answer = await fleet.get(`/fleet/v1/${path}`, { as: 'narrow', headers: { 'x-request-id': 'r' } })
    return [answer.status, (await answer.text()).replaceAll(/"c"|\\"c\\"|"n"|\\"n\\"/g, '…')]
  }
  for (const path of ['regions/', 'hosts?region_name=', 'hosts?require=', 'drift?baseline=region:']) {
    const [hidden, missing] = [await bytes(`${path}c`), await bytes(`${path}n`)]
    expect(hidden[0]).toBe(404)
    expect(hidden).toEqual(missing)
  }
})
