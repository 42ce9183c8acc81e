import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { releaseFilter } from '../../src/fleet/filter.ts'
import { mergeContents, mergePatches, type RegionPatches } from '../../src/fleet/merge-patches.ts'
import { readingOf } from '../support/fleet-answers.ts'
import { patch, type JsonRecord } from '../support/fleet-records.ts'

function part(
  regionName: string,
  pd: string | JsonRecord,
  extra: RegionPatches['extra'] = {},
): RegionPatches {
  const json = `{"pd":${typeof pd === 'string' ? pd : JSON.stringify(pd)}}`
  return { regionName, extra, reading: readingOf('query', regionName, json) }
}

/** As a client reads it. */
function merged(parts: readonly RegionPatches[], keep?: Parameters<typeof mergePatches>[1]): JsonRecord {
  return (JSON.parse(JSON.stringify(mergePatches(parts, keep))) as { pd: JsonRecord }).pd
}

/** The merged states of one patch that regions hold in these states. */
function states(...held: readonly (readonly [patchstate: string, repostate: string])[]): unknown {
  const parts = held.map(([patchstate, repostate], i) =>
    part(`r${i}`, { P: patch(patchstate, { repostate }) }),
  )
  const { patchstate, repostate } = merged(parts)['P'] as JsonRecord
  return [patchstate, repostate]
}

describe('patches of several regions', () => {
  test('stand under their ids, with the state in each region', () => {
    const parts = [
      part('a', { P2: patch('Applied'), P1: patch('Committed') }),
      part('b', { P2: patch('Partial-Apply') }),
    ]
    expect(merged(parts)).toEqual({
      P1: {
        sw_version: '22.12',
        reboot_required: 'N',
        requires: [],
        summary: 'a patch',
        patchstate: 'Committed',
        repostate: 'Committed',
        regions: { a: { patchstate: 'Committed', repostate: 'Committed' } },
        differs: [],
      },
      P2: {
        sw_version: '22.12',
        reboot_required: 'N',
        requires: [],
        summary: 'a patch',
        patchstate: 'Partial-Apply',
        repostate: 'Applied',
        regions: {
          a: { patchstate: 'Applied', repostate: 'Applied' },
          b: { patchstate: 'Partial-Apply', repostate: 'Applied' },
        },
        differs: [],
      },
    })
  })

  test('have the metadata of the first region; where others differ is named', () => {
    const parts = [
      part('a', { P: patch('Applied', { summary: 'from a', requires: ['X'] }) }),
      part('b', { P: patch('Applied', { summary: 'from b', requires: ['X'], warnings: 'mind' }) }),
      part('c', { P: patch('Applied', { requires: ['Y'], summary: 'from a' }) }),
    ]
    expect(merged(parts)['P']).toMatchObject({
      summary: 'from a',
      requires: ['X'],
      differs: ['requires', 'summary', 'warnings'],
    })
    expect(merged(parts)['P']).not.toHaveProperty('warnings')
  })

  test('are the same though written in another order of keys', () => {
    const parts = [
      part('a', '{"P":{"patchstate":"Applied","repostate":"Applied","more":{"x":1,"y":2}}}'),
      part('b', '{"P":{"more":{"y":2,"x":1},"repostate":"Applied","patchstate":"Applied"}}'),
    ]
    expect(merged(parts)['P']).toMatchObject({ differs: [] })
  })

  test.each<[string, readonly (readonly [string, string])[], readonly [string, string]]>([
    ['one region', [['Available', 'Available']], ['Available', 'Available']],
    [
      'all alike',
      [
        ['Applied', 'Applied'],
        ['Applied', 'Applied'],
      ],
      ['Applied', 'Applied'],
    ],
    [
      'all committed',
      [
        ['Committed', 'Committed'],
        ['Committed', 'Committed'],
      ],
      ['Committed', 'Committed'],
    ],
    [
      'Committed counts as Applied',
      [
        ['Committed', 'Committed'],
        ['Applied', 'Applied'],
      ],
      ['Applied', 'Applied'],
    ],
    [
      'half applied',
      [
        ['Applied', 'Applied'],
        ['Available', 'Available'],
      ],
      ['Partial-Apply', 'Applied'],
    ],
    [
      'half committed',
      [
        ['Committed', 'Committed'],
        ['Available', 'Available'],
      ],
      ['Partial-Apply', 'Applied'],
    ],
    [
      'some remove',
      [
        ['Partial-Remove', 'Available'],
        ['Available', 'Available'],
      ],
      ['Partial-Remove', 'Available'],
    ],
    [
      'some remove, some apply',
      [
        ['Partial-Remove', 'Available'],
        ['Partial-Apply', 'Applied'],
      ],
      ['Partial-Apply', 'Applied'],
    ],
    [
      'all remove',
      [
        ['Partial-Remove', 'Available'],
        ['Partial-Remove', 'Available'],
      ],
      ['Partial-Remove', 'Available'],
    ],
    [
      'some do not know',
      [
        ['n/a', 'Available'],
        ['Available', 'Available'],
      ],
      ['Available', 'Available'],
    ],
    [
      'nobody knows',
      [
        ['n/a', 'Applied'],
        ['n/a', 'Available'],
      ],
      ['n/a', 'Applied'],
    ],
    [
      'who knows differs',
      [
        ['n/a', 'Applied'],
        ['Applied', 'Applied'],
        ['Available', 'Available'],
      ],
      ['Partial-Apply', 'Applied'],
    ],
  ])('have one state over regions: %s', (_, held, expected) => {
    expect(states(...held)).toEqual(expected)
  })

  test('that are filtered out of a region do not count there', () => {
    const parts = [
      part('a', { P: patch('Applied') }),
      part('b', { P: patch('Available'), Q: patch('Available') }),
    ]
    expect(merged(parts, releaseFilter({ show: 'available' }))).toMatchObject({
      P: { patchstate: 'Available', regions: { b: { patchstate: 'Available' } } },
      Q: { patchstate: 'Available' },
    })
    expect(merged(parts, releaseFilter({ release: 'Q' }))).not.toHaveProperty('P')
  })

  test('carry the fields of the inventory beside each state, never in place of one', () => {
    const parts = [
      part('a', { P: patch('Applied') }, { subcloud_name: 'boston', site: 'ma', patchstate: 'a label' }),
      part('b', { P: patch('Applied') }, { subcloud_name: 'denver', site: null, patchstate: null }),
    ]
    expect(merged(parts)['P']).toMatchObject({
      patchstate: 'Applied',
      regions: {
        a: { subcloud_name: 'boston', site: 'ma', patchstate: 'Applied', repostate: 'Applied' },
        b: { subcloud_name: 'denver', site: null, patchstate: 'Applied', repostate: 'Applied' },
      },
      differs: [],
    })
  })

  test('may be called like what objects have from birth, as may regions and fields', () => {
    const odd =
      '{"__proto__":{"patchstate":"Applied","repostate":"Applied","__proto__":{"x":1}},"constructor":{}}'
    const parts = [part('__proto__', odd), part('constructor', odd), part('toString', '{"__proto__":{}}')]
    const text = JSON.stringify(mergePatches(parts, undefined))

    expect(text).toContain('"__proto__":{"patchstate":"Applied","repostate":"Applied"')
    const { pd } = JSON.parse(text) as { pd: JsonRecord }
    expect(Object.keys(pd).sort()).toEqual(['__proto__', 'constructor'])
    const entry = Object.entries(pd).find(([id]) => id === '__proto__')?.[1] as JsonRecord
    expect(Object.keys(entry['regions'] as JsonRecord)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(entry['differs']).toEqual(['__proto__'])
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  test('speak only for the region that they came from', () => {
    const parts = [
      part('a', { P: patch('Applied', { region_name: 'b', regions: { b: {} }, differs: ['all'] }) }),
    ]
    expect(merged(parts)['P']).toEqual({
      sw_version: '22.12',
      reboot_required: 'N',
      requires: [],
      summary: 'a patch',
      patchstate: 'Applied',
      repostate: 'Applied',
      regions: { a: { patchstate: 'Applied', repostate: 'Applied' } },
      differs: [],
    })
  })
})

describe('whatever regions are called', () => {
  const state = fc.constantFrom('Available', 'Applied', 'Committed', 'Partial-Apply', 'Partial-Remove', 'n/a')
  const record = fc.record({ patchstate: state, repostate: state, summary: fc.constantFrom('x', 'y') })
  const fleet = fc.array(fc.dictionary(fc.constantFrom('P', 'Q', 'R'), record), {
    minLength: 1,
    maxLength: 5,
  })

  test('the merged states are the same, as is whether anything differs', () => {
    const statesOf = (pds: readonly JsonRecord[]): unknown =>
      Object.entries(merged(pds.map((pd, i) => part(`r${i}`, pd)))).map(([id, entry]) => {
        const { patchstate, repostate, regions, differs } = entry as Record<string, object>
        return [id, patchstate, repostate, Object.keys(regions ?? {}).length, differs]
      })
    const shuffled = fleet.chain((pds) =>
      fc.record({
        pds: fc.constant(pds),
        again: fc.shuffledSubarray([...pds.keys()], { minLength: pds.length }),
      }),
    )
    fc.assert(
      fc.property(shuffled, ({ pds, again }) => {
        expect(statesOf(again.map((i) => pds[i] ?? {}))).toEqual(statesOf(pds))
      }),
      { seed: 2, numRuns: 200 },
    )
  })

  test('the merged state is what the rule says', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 6 }), (held) => {
        const known = held.filter((each) => each !== 'n/a')
        const counted = new Set(known.map((each) => (each === 'Committed' ? 'Applied' : each)))
        const rule = (): string => {
          if (known.length === 0) return 'n/a'
          if (new Set(known).size === 1) return known[0] ?? ''
          if (counted.size === 1) return 'Applied'
          return counted.has('Partial-Remove') && !counted.has('Partial-Apply')
            ? 'Partial-Remove'
            : 'Partial-Apply'
        }
        expect(states(...held.map((each) => [each, 'Applied'] as const))).toEqual([rule(), 'Applied'])
      }),
      { seed: 2, numRuns: 300 },
    )
  })
})

describe('metadata and contents of one patch', () => {
  const held = (
    regionName: string,
    patchstate: string,
    own: JsonRecord = {},
    contents: unknown = ['a.rpm'],
  ) => ({
    regionName,
    extra: {},
    value: { metadata: { P: patch(patchstate, own) }, contents: { P: contents }, error: '' },
  })
  const unknown = (regionName: string) => ({
    regionName,
    extra: {},
    value: { metadata: {}, contents: {}, error: 'P is unrecognized\n' },
  })

  test('are merged as patches are; differing contents are named too', () => {
    const parts = [held('a', 'Applied'), unknown('b'), held('c', 'Available', { summary: 'c' }, ['b.rpm'])]
    expect(mergeContents('P', parts)).toEqual({
      metadata: {
        P: {
          sw_version: '22.12',
          reboot_required: 'N',
          requires: [],
          summary: 'a patch',
          patchstate: 'Partial-Apply',
          repostate: 'Applied',
          regions: {
            a: { patchstate: 'Applied', repostate: 'Applied' },
            c: { patchstate: 'Available', repostate: 'Available' },
          },
          differs: ['contents', 'summary'],
        },
      },
      contents: { P: ['a.rpm'] },
      error: '',
    })
  })

  test('are undefined where no region has the patch', () => {
    expect(mergeContents('P', [unknown('a')])).toBeUndefined()
    expect(mergeContents('P', [])).toBeUndefined()
  })

  test('are found by their own name only', () => {
    expect(mergeContents('constructor', [unknown('a')])).toBeUndefined()
    expect(mergeContents('__proto__', [unknown('a')])).toBeUndefined()
  })
})
