import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createDirectory } from '../../src/fleet/directory.ts'
import { matcher, select, type Scope, type Selection } from '../../src/fleet/select.ts'
import type { Region } from '../../src/model/region.ts'
import { createRegion, directoryOf } from '../support/fleet-regions.ts'

const boston = createRegion('5d5b', { subcloud: 'boston-1', labels: { site: 'boston', group: 'east' } })
const quincy = createRegion('7c01', { subcloud: 'boston-2', labels: { site: 'quincy', group: 'east' } })
const denver = createRegion('denver', { labels: { site: 'denver', group: 'west', tier: 'lab' } })
const central = createRegion('RegionOne')
const fleet = directoryOf(denver, quincy, central, boston)

const everything: Scope = () => true
const none: Selection = { names: [], groups: [], labels: [] }

function named(selection: Partial<Selection>, scope: Scope = everything, directory = fleet): unknown {
  const { regions, unknown, sole } = select(directory, scope, { ...none, ...selection })
  return { regions: regions.map(({ name }) => name), unknown, sole: sole?.name }
}
function labelled(label: string, value: string, equal = true): Selection['labels'][number] {
  return { label, value, equal }
}

describe('the directory', () => {
  test('orders regions by code unit, whatever order they came in', () => {
    const names = ['b', 'a', 'B', '10', '9', 'é', 'a-1']
    const { regions } = createDirectory(names.map((name) => createRegion(name)))
    expect(regions.map(({ name }) => name)).toEqual(['10', '9', 'B', 'a', 'a-1', 'b', 'é'])
  })

  test('knows a region by its name, else by its subcloud name', () => {
    expect(fleet.named('5d5b')).toEqual([boston])
    expect(fleet.named('boston-1')).toEqual([boston])
    expect(fleet.named('boston')).toEqual([])
  })
})

describe('a selection', () => {
  test('that is empty means all that the caller may see', () => {
    expect(named({})).toEqual({
      regions: ['5d5b', '7c01', 'RegionOne', 'denver'],
      unknown: [],
      sole: undefined,
    })
    expect(named({}, ({ labels }) => labels['group'] === 'east')).toEqual({
      regions: ['5d5b', '7c01'],
      unknown: [],
      sole: undefined,
    })
  })

  test('of one exact name has a sole region, by region or by subcloud name', () => {
    expect(named({ names: ['denver'] })).toEqual({ regions: ['denver'], unknown: [], sole: 'denver' })
    expect(named({ names: ['boston-2'] })).toEqual({ regions: ['7c01'], unknown: [], sole: '7c01' })
  })

  test.each<[string, Partial<Selection>]>([
    ['a glob', { names: ['denve*'] }],
    ['two names of the same region', { names: ['5d5b', 'boston-1'] }],
    ['a group beside it', { names: ['denver'], groups: ['west'] }],
    ['a label beside it', { names: ['denver'], labels: [labelled('tier', 'lab')] }],
  ])('of one region has none with %s', (_, selection) => {
    expect(named(selection)).toMatchObject({ unknown: [], sole: undefined })
    expect(select(fleet, everything, { ...none, ...selection }).regions).toHaveLength(1)
  })

  test('names each region once, in the order of the directory', () => {
    expect(named({ names: ['denver', 'boston-*', '5d5b', '*1'] })).toEqual({
      regions: ['5d5b', '7c01', 'denver'],
      unknown: [],
      sole: undefined,
    })
  })

  test('lists names that nobody has; a glob that matches nothing is not one', () => {
    expect(named({ names: ['denver', 'nobody', 'no*', 'boston'] })).toEqual({
      regions: ['denver'],
      unknown: ['nobody', 'boston'],
      sole: undefined,
    })
  })

  test('of a subcloud name that several regions share selects them all', () => {
    const twins = directoryOf(
      createRegion('r2', { subcloud: 'lab' }),
      createRegion('r1', { subcloud: 'lab' }),
      denver,
    )
    expect(named({ names: ['lab'] }, everything, twins)).toEqual({
      regions: ['r1', 'r2'],
      unknown: [],
      sole: undefined,
    })
  })

  test('of a region name does not mean the subcloud that is called so', () => {
    const clash = directoryOf(createRegion('r1', { subcloud: 'denver' }), denver)
    expect(named({ names: ['denver'] }, everything, clash)).toEqual({
      regions: ['denver'],
      unknown: [],
      sole: 'denver',
    })
  })

  test.each<[string, Partial<Selection>, string[]]>([
    ['one of the groups', { groups: ['west', 'north'] }, ['denver']],
    ['every label', { labels: [labelled('group', 'east'), labelled('site', 'quincy')] }, ['7c01']],
    ['no such label, for !=', { labels: [labelled('tier', 'lab', false)] }, ['5d5b', '7c01', 'RegionOne']],
    ['a label that is not one', { labels: [labelled('constructor', 'Object')] }, []],
    [
      'name, group and label',
      { names: ['boston-*'], groups: ['east'], labels: [labelled('site', 'boston')] },
      ['5d5b'],
    ],
    ['a name and another group', { names: ['denver'], groups: ['east'] }, []],
  ])('takes regions that have %s', (_, selection, regions) => {
    expect(named(selection)).toEqual({ regions, unknown: [], sole: undefined })
  })
})

describe('what a caller may not see', () => {
  const words = fc.constantFrom('a', 'b', 'ab', 'c', 'abc')
  const region = fc
    .record({ name: words, subcloud: words, group: words })
    .map(({ name, subcloud, group }) => createRegion(name, { subcloud, labels: { group } }))
  const regions = fc.uniqueArray(region, { selector: ({ name }) => name, maxLength: 5 })
  const selection = fc.record({
    names: fc.uniqueArray(fc.oneof(words, fc.constantFrom('*', 'a*', '*b', 'z')), { maxLength: 3 }),
    groups: fc.uniqueArray(words, { maxLength: 2 }),
    labels: fc.array(
      fc.record({ label: fc.constantFrom('group', 'site'), value: words, equal: fc.boolean() }),
      { maxLength: 1 },
    ),
  })

  test('is never selected', () => {
    fc.assert(
      fc.property(regions, fc.uniqueArray(words), selection, (all, visible, wanted) => {
        const scope: Scope = ({ name }) => visible.some((each) => each === name)
        const selected = select(createDirectory(all), scope, wanted)
        expect(selected.regions.filter((each) => !scope(each))).toEqual([])
        expect(selected.sole === undefined || scope(selected.sole)).toBe(true)
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  test('can not be told from what does not exist', () => {
    fc.assert(
      fc.property(regions, fc.uniqueArray(words), selection, (all, visible, wanted) => {
        const scope: Scope = ({ name }) => visible.some((each) => each === name)
        expect(select(createDirectory(all), scope, wanted)).toEqual(
          select(createDirectory(all.filter(scope)), everything, wanted),
        )
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  test('does not hide a visible subcloud that is called like it', () => {
    const clash = directoryOf(createRegion('r1', { subcloud: 'denver' }), denver)
    expect(named({ names: ['denver'] }, ({ name }) => name === 'r1', clash)).toEqual({
      regions: ['r1'],
      unknown: [],
      sole: 'r1',
    })
  })
})

describe('a glob', () => {
  const asRegion = (name: string): Region => createRegion(name)

  test('matches as the regular expression that it looks like', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'é'), maxLength: 12 })
    const globs = fc.string({ unit: fc.constantFrom('a', 'b', '.', 'é', '*'), maxLength: 8 })
    fc.assert(
      fc.property(globs, letters, (glob, text) => {
        const reference = new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 's')
        expect(matcher(glob)(asRegion(text))).toBe(reference.test(text))
      }),
      { seed: 2, numRuns: 2_000 },
    )
  })

  test('matches the region name or the subcloud name', () => {
    expect([boston, quincy, denver].map(matcher('boston*'))).toEqual([true, true, false])
    expect([boston, quincy, denver].map(matcher('7*'))).toEqual([false, true, false])
  })

  test('takes no special character but the asterisk', () => {
    const glob = matcher('a.[b]?*')
    expect(['a.[b]?x', 'axbx', 'a.b', 'a.[b]'].map((name) => glob(asRegion(name)))).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  test('that would make a regular expression explode is done in no time', () => {
    const glob = matcher(`${'a*'.repeat(30_000)}b`)
    const startedAt = performance.now()
    expect(glob(asRegion('a'.repeat(30_000)))).toBe(false)
    expect(glob(asRegion('a'.repeat(255)))).toBe(false)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  })

  test('costs each of thousands of regions no more for being as long as a request can be', () => {
    const fleet = Array.from({ length: 5_000 }, (_, i) => asRegion(`region-${i}`))
    const globs = [
      '*'.repeat(60_000),
      'region'.padEnd(60_000, '*'),
      '*-'.repeat(30_000),
      '*'.repeat(59_999) + '1',
    ]
    expect(globs.map((glob) => fleet.filter(matcher(glob)).length)).toEqual([5_000, 5_000, 0, 500])
  })
})
