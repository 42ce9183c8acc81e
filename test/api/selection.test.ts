import { describe, expect, test } from 'vitest'
import { answers } from '../support/fleet-answers.ts'
import { callerWith, createTestGateway, type TestGateway } from '../support/fleet-gateway.ts'
import { release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'

const regions = [
  createRegion('r1', { subcloud: 'boston-1', labels: { site: 'boston', group: 'east' } }),
  createRegion('r2', { subcloud: 'boston-2', labels: { site: 'quincy', group: 'east' } }),
  createRegion('r3', { subcloud: 'lab', labels: { tier: 'lab' } }),
  createRegion('r4', { subcloud: 'lab', labels: { group: 'west' } }),
]

function fleet(): TestGateway {
  return createTestGateway(regions, () => answers([release('24.09.1')]), {
    east: callerWith('reader', ['group:east']),
    labOnly: callerWith('reader', ['r3']),
    nobody: callerWith('reader', []),
  })
}

async function selectedBy(query: string, as = 'reader'): Promise<string> {
  const records = (await fleet().read(`/v1/release?${query}`, { as })) as { region_name: string }[]
  return records.map(({ region_name }) => region_name).join(' ')
}

describe('a read is of', () => {
  test.each([
    ['', 'r1 r2 r3 r4'],
    ['region_name=r2', 'r2'],
    ['region_name=boston-2', 'r2'],
    ['region_name=r2,boston-1', 'r1 r2'],
    ['region_name=r2&region_name=r1,r4', 'r1 r2 r4'],
    ['region_name=boston-*', 'r1 r2'],
    ['region_name=*', 'r1 r2 r3 r4'],
    ['region_name=lab', 'r3 r4'],
    ['region_name=x*', ''],
    ['group=east', 'r1 r2'],
    ['group=east,west', 'r1 r2 r4'],
    ['group=north', ''],
    ['selector=site=boston', 'r1'],
    ['selector=site==boston', 'r1'],
    ['selector=tier!=lab', 'r1 r2 r4'],
    ['selector=group=east,site!=boston', 'r2'],
    ['selector=group=east&selector=site!=boston', 'r2'],
    ['region_name=lab&group=west', 'r4'],
    ['region_name=lab*&selector=tier=lab', 'r3'],
  ])('%o: %o', async (query, expected) => {
    expect(await selectedBy(query)).toBe(expected)
  })

  test('only what the caller may see, however it is asked for', async () => {
    expect(await selectedBy('', 'east')).toBe('r1 r2')
    expect(await selectedBy('region_name=*', 'east')).toBe('r1 r2')
    expect(await selectedBy('group=west', 'east')).toBe('')
    expect(await selectedBy('selector=tier=lab', 'east')).toBe('')
    expect(await selectedBy('region_name=lab', 'labOnly')).toBe('r3')
    expect(await selectedBy('', 'nobody')).toBe('')
  })

  test('the one region that an ambiguous name means to its caller, in the one-region shape', async () => {
    const answer = await fleet().read('/v1/release/starlingx-24.09.1?region_name=lab', { as: 'labOnly' })
    expect(answer).toEqual({ region_name: 'r3', ...release('24.09.1') })
  })
})

describe('a region that is not there', () => {
  test.each(['region_name=none', 'region_name=r1,none', 'region_name=*&region_name=none', 'require=none'])(
    'is a 404: %s',
    async (query) => {
      const answer = await fleet().get(`/v1/release?${query}`)
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ error: 'no region is called "none"', status: 404 })
    },
  )

  test.each(['region_name=r4', 'region_name=r1,r4', 'require=r4', 'region_name=lab'])(
    'can not be told from one that the caller may not see: %s',
    async (query) => {
      const options = { as: 'east', headers: { 'x-request-id': 'same' } }
      const unseen = await fleet().get(`/v1/release?${query}`, options)
      const small = createTestGateway(regions.slice(0, 2), () => answers([]), {
        east: callerWith('reader', ['group:east']),
      })
      const missing = await small.get(`/v1/release?${query}`, options)

      expect(unseen.status).toBe(404)
      expect(await unseen.text()).toBe(await missing.text())
      expect([...unseen.headers]).toEqual([...missing.headers])
    },
  )

  test('nor by the labels that only it has', async () => {
    const answer = await fleet().get('/v1/release?with=tier', { as: 'east' })
    expect(answer.status).toBe(400)
  })

  test('is shown in short and in visible characters', async () => {
    const answer = await fleet().get(
      `/v1/release?region_name=${encodeURIComponent(`\u0000\n‮${'x'.repeat(500)}`)}`,
    )
    expect(answer.status).toBe(404)
    const { error } = (await answer.json()) as { error: string }
    expect(error).toMatch(/^no region is called "[?x]{1,100}"$/)
  })
})
