import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeSources } from '../../src/discovery/merge-sources.ts'
import type { Region } from '../../src/model/region.ts'

const region = (name: string, more: Partial<Region> = {}): Region => ({
  name,
  subcloud: name,
  keystoneRegion: name,
  endpoints: {},
  credentials: 'none',
  labels: {},
  ...more,
})
const merge = (...sources: readonly (readonly Region[])[]) =>
  mergeSources(sources.map((regions, i) => ({ source: `source ${i + 1}`, regions })))
const patching = (host: string) => ({ patching: new URL(`http://${host}:5491`) })
const guess = (host: string): Partial<Region> => ({ endpoints: patching(host), patchingGuessed: true })
const usm = (host: string) => ({ usm: new URL(`http://${host}:5497`) })

test('the first source that says something counts; what it leaves open the next ones fill in', () => {
  const { regions, conflicts } = merge(
    [region('a', { endpoints: usm('by-hand'), labels: { site: 'boston' } })],
    [
      region('a', {
        subcloud: 'boston-1',
        endpoints: { ...usm('by-hand'), patching: new URL('http://found:5491') },
        credentials: 'fleet',
        labels: { site: 'elsewhere', group: 'east' },
      }),
      region('b', { subcloud: 'boston-2' }),
    ],
    [
      region('a', {
        subcloud: 'third',
        credentials: 'third',
        endpoints: { keystone: new URL('http://third') },
      }),
    ],
  )
  expect(conflicts).toEqual([])
  expect(regions).toEqual([
    {
      name: 'a',
      subcloud: 'boston-1',
      keystoneRegion: 'a',
      endpoints: {
        usm: new URL('http://by-hand:5497'),
        patching: new URL('http://found:5491'),
        keystone: new URL('http://third'),
      },
      credentials: 'fleet',
      labels: { site: 'boston', group: 'east' },
    },
    region('b', { subcloud: 'boston-2' }),
  ])
})

test.each<[string, Partial<Region>, Partial<Region>, true | undefined]>([
  ['two guess', guess('a'), guess('b'), true],
  ['one guesses', {}, guess('b'), true],
  ['one gives another address', guess('a'), { endpoints: patching('b') }, undefined],
  ['one gives it, the other guesses', { endpoints: patching('a') }, guess('b'), undefined],
  ['nobody says', {}, {}, undefined],
])('an address of Patching is a guess as long as nobody gives one: %s', (_, first, second, guessed) => {
  const { regions } = merge([region('a', first)], [region('a', second)])
  expect(regions[0]?.patchingGuessed).toBe(guessed)
})

test('each address that sources disagree on is a conflict, told with both', () => {
  const { regions, conflicts } = merge(
    [region('a', { endpoints: usm('one') })],
    [region('a', { endpoints: { ...usm('two'), keystone: new URL('http://two:5000/v3') } })],
    [region('a', { endpoints: { ...usm('one'), keystone: new URL('http://three:5000/v3') } })],
  )
  expect(regions[0]?.endpoints.usm?.host).toBe('one:5497')
  expect(conflicts).toEqual([
    'a: usm is http://one:5497/ by source 1, and not http://two:5497/ by source 2',
    'a: keystone is http://two:5000/v3 by source 1, and not http://three:5000/v3 by source 3',
  ])
})

describe('unmanaged and offline', () => {
  const flags = fc.record({
    unmanaged: fc.constantFrom(undefined, true, false),
    offline: fc.constantFrom(undefined, true, false),
  })
  const says = [undefined, true, false]

  test.each(says.flatMap((first) => says.map((second) => [first, second] as const)))(
    '%s and %s: who manages a region, or reaches it, knows better than who holds a copy',
    (first, second) => {
      const { regions } = merge(
        [region('a', { unmanaged: first, offline: first })],
        [region('a', { unmanaged: second, offline: second })],
      )
      const wanted = [first, second].filter((said) => said !== undefined)
      const merged = wanted.length === 0 ? undefined : wanted.every(Boolean)
      expect([regions[0]?.unmanaged, regions[0]?.offline]).toEqual([merged, merged])
    },
  )

  test('one source that manages a region is enough, wherever it stands', () => {
    fc.assert(
      fc.property(fc.array(flags, { minLength: 1, maxLength: 5 }), (all) => {
        const { regions } = merge(...all.map((each) => [region('a', each)]))
        const said = all.map(({ unmanaged }) => unmanaged).filter((each) => each !== undefined)
        expect(regions[0]?.unmanaged ?? false).toBe(said.length > 0 && !said.includes(false))
      }),
    )
  })
})

test('one region for each name, in whatever sources and order', () => {
  const list = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'))
  fc.assert(
    fc.property(fc.array(list, { maxLength: 4 }), (sources) => {
      const { regions } = merge(...sources.map((names) => names.map((name) => region(name))))
      const names = regions.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      expect(new Set(names)).toEqual(new Set(sources.flat()))
    }),
  )
})
