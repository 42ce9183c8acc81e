import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { patchingShow, releaseFilter, usmShow, type ReleaseFilter } from '../../src/fleet/filter.ts'
import { readingOf } from '../support/fleet-answers.ts'
import { patch, release } from '../support/fleet-records.ts'

const releases = readingOf(
  'release',
  'east',
  JSON.stringify([
    release('24.09.0', 'committed'),
    release('24.09.1', 'deployed'),
    release('24.09.10', 'available'),
    release('24.1.0', 'unavailable'),
    release('25.09.0', 'deploying'),
    release('odd', 'melting', { sw_version: null }),
  ]),
).items

const patches = readingOf(
  'query',
  'east',
  JSON.stringify({
    pd: {
      A: patch('Available'),
      B: patch('Applied'),
      C: patch('Partial-Apply', { repostate: 'Applied' }),
      D: patch('Partial-Remove', { repostate: 'Available' }),
      E: patch('Committed'),
      F: patch('n/a', { repostate: 'Applied', sw_version: '22.12.1' }),
    },
  }),
).items

function keptReleases(filter: ReleaseFilter): string[] {
  return releases.filter(releaseFilter(filter) ?? (() => true)).map(({ id }) => id.replace('starlingx-', ''))
}
function keptPatches(filter: ReleaseFilter): string {
  return patches
    .filter(releaseFilter(filter) ?? (() => true))
    .map(({ id }) => id)
    .join('')
}

describe('show', () => {
  test.each([
    ['available', ['24.09.10']],
    ['deployed', ['24.09.1']],
    ['committed', ['24.09.0']],
    ['unavailable', ['24.1.0']],
    ['deploying', ['25.09.0']],
    ['removing', []],
  ])('%s keeps the releases of this very state', (show, kept) => {
    expect(keptReleases({ show })).toEqual(kept)
  })

  test.each([
    ['available', 'AD'],
    ['applied', 'BCF'],
    ['committed', 'E'],
    ['partial-apply', 'C'],
    ['partial-remove', 'D'],
    ['n/a', 'F'],
  ])(
    '%s keeps the patches of this repostate, or of this patchstate where no repostate is called so',
    (show, kept) => {
      expect(keptPatches({ show })).toBe(kept)
    },
  )

  test.each(['all', 'synced'])('%s looks at nothing', (show) => {
    expect(releaseFilter({ show })).toBeUndefined()
  })

  test('takes every documented and every real state', () => {
    expect([...usmShow].sort()).toEqual([
      'all',
      'available',
      'committed',
      'deploy-selected',
      'deployed',
      'deployed-partial',
      'deploying',
      'remove-selected',
      'removing',
      'synced',
      'unavailable',
      'upload-failed',
      'uploading',
    ])
    expect([...patchingShow].sort()).toEqual([
      'all',
      'applied',
      'available',
      'committed',
      'n/a',
      'partial-apply',
      'partial-remove',
      'synced',
    ])
  })
})

describe('release', () => {
  test.each<[string, string[]]>([
    ['24.09', ['24.09.0', '24.09.1', '24.09.10']],
    ['24.9', ['24.09.0', '24.09.1', '24.09.10']],
    ['24.09.1', ['24.09.1']],
    ['24.1', ['24.1.0']],
    ['24', ['24.09.0', '24.09.1', '24.09.10', '24.1.0']],
    ['2', []],
    ['starlingx-24.09.10', ['24.09.10']],
    ['starlingx-24.09', []],
    ['starlingx-odd', ['odd']],
    ['STARLINGX-24.09.1', []],
    ['', []],
  ])('%o is an exact id or a version compared as numbers', (wanted, kept) => {
    expect(keptReleases({ release: wanted })).toEqual(kept)
  })

  test('picks patches by id or by version too', () => {
    expect(keptPatches({ release: 'C' })).toBe('C')
    expect(keptPatches({ release: '22.12' })).toBe('ABCDEF')
    expect(keptPatches({ release: '22.12.1' })).toBe('F')
  })
})

test('both conditions must hold', () => {
  const show = fc.constantFrom(...usmShow)
  const wanted = fc.constantFrom('24.09', '24.1', '25', 'starlingx-24.09.1', 'nothing')
  fc.assert(
    fc.property(show, wanted, (state, id) => {
      const both = keptReleases({ show: state, release: id })
      const inEach = keptReleases({ show: state }).filter((each) =>
        keptReleases({ release: id }).includes(each),
      )
      expect(both).toEqual(inEach)
    }),
    { seed: 2 },
  )
})
