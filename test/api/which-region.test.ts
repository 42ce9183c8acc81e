import { describe, expect, test } from 'vitest'
import type { GetOptions } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { as, boston, doorsOf, post, problemOf } from './doors.ts'

describe('which region', () => {
  test.each<[string, string]>([
    ['5d5b', '5d5b'],
    ['boston-1', '5d5b'],
    ['%62oston%2D1', '5d5b'],
    ['RegionOne', 'RegionOne'],
  ])('/regions/%s is %s', async (name, region) => {
    const { get, relayed } = doorsOf()
    expect((await get(`/regions/${name}/v1/deploy`)).status).toBe(200)
    expect(relayed).toMatchObject([{ region, intent: { path: '/v1/deploy' } }])
  })

  test('one that is out of scope can’t be told from one that does not exist', async () => {
    const { get, relayed, audited } = doorsOf()
    const answersTo = async (name: string, options: GetOptions): Promise<unknown[]> => {
      const answer = await get(`/regions/${name}/v1/deploy`, options)
      const { instance: _, ...body } = await problemOf(answer)
      return [answer.status, JSON.stringify(body).replaceAll(name, 'NAME')]
    }
    for (const method of ['GET', 'DELETE']) {
      const there = await answersTo('denver', as('bostonian', { method }))
      expect(there).toEqual(await answersTo('nowhere', as('bostonian', { method })))
      expect(there).toEqual([404, expect.stringContaining('no region is called \\"NAME\\"')])
      expect(await answersTo('boston-1', as('blind', { method }))).toEqual(there)
    }
    expect(relayed).toEqual([])
    expect(audited.map(({ regions, status }) => [regions, status])).toEqual([
      [[], 404],
      [[], 404],
      [[], 404],
    ])
  })

  test('a subcloud name of two is a 409, unless the caller sees only one of them', async () => {
    const { get, relayed } = doorsOf()
    for (const options of [as('reader'), as('configurator', { method: 'DELETE' })]) {
      const answer = await get('/regions/twin/v1/deploy', options)
      expect([answer.status, await answer.json()]).toMatchObject([
        409,
        { type: '/problems/ambiguous-region' },
      ])
    }
    const write = await get('/v1/deploy/abort?region_name=twin', post())
    expect([write.status, relayed]).toEqual([409, []])
    expect((await get('/regions/twin/v1/deploy', as('first'))).status).toBe(200)
    expect(relayed).toMatchObject([{ region: 't1' }])
  })

  test.each([
    ['v1-north', '/regions/%76%31-north/v1/release', '/v1/release'],
    ['v1', '/regions/%76%31/v1/deploy', '/v1/deploy'],
    ['v1', '/regions/v1/v1/deploy', '/v1/deploy'],
    ['zürich', '/regions/z%C3%BCrich/v1/deploy', '/v1/deploy'],
    ['東京', '/regions/%E6%9D%B1%E4%BA%AC/usm/v1/deploy', '/v1/deploy'],
    ['usm', '/regions/usm/v1/deploy', '/v1/deploy'],
    ['usm', '/regions/usm/usm/v1/deploy', '/v1/deploy'],
    ['regions', '/regions/regions/v1/deploy/', '/v1/deploy'],
    ['__proto__', '/regions/__proto__/v1/deploy', '/v1/deploy'],
    ['a+b', '/regions/a+b/v1/deploy', '/v1/deploy'],
  ])('a region called %s: %s', async (name, asked, path) => {
    const { get, relayed } = doorsOf(undefined, [createRegion(name), boston])
    expect((await get(asked)).status).toBe(200)
    expect(relayed).toMatchObject([{ region: name, intent: { path } }])
  })

  test.each([
    'z%FCrich',
    'z%C3%83%C2%BCrich',
    'Zürich',
    'zu%CC%88rich',
    'z%25C3%25BCrich',
    'zürich%00',
    'z%C3%BCrich%20',
  ])('zürich is not %s', async (name) => {
    const { get, relayed } = doorsOf(undefined, [createRegion('zürich')])
    expect([400, 404]).toContain((await get(`/regions/${name}/v1/deploy`)).status)
    expect(relayed).toEqual([])
  })
})
