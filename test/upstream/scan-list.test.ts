import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/model/reading.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import { scanList } from '../../src/upstream/scan-list.ts'
import { scanRecords, type Scan } from '../../src/upstream/scan.ts'
import { anyRecord, chooser, spell, type Spelt, type SpeltRecord } from '../support/spell.ts'
import { deployments, releases } from './bodies.ts'

const seed = 20_261_122

function quick(json: string): Scan | undefined {
  return scanList(Buffer.from(json), JSON.parse(json) as JsonObject[])
}

/** Undefined where the full scan refuses. */
function full(json: string): Scan | undefined {
  try {
    return scanRecords(Buffer.from(json), 2, 'GET /x')
  } catch (error) {
    if (error instanceof UpstreamError) return undefined
    throw error
  }
}

/** Texts made of what the quick scan looks for. */
const bait = fc
  .array(fc.constantFrom('}', ',', '{', '[', ']', ':', ' ', '"', '\\', 'release_id', '"hostname":', 'é'), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''))
const baited: fc.Arbitrary<Spelt> = fc.letrec<{ value: Spelt }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    bait,
    fc.constantFrom(null, true, 1.5),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'release_id', 'hostname', '},{'), tie('value')), { maxLength: 3 })
      .map((entries) => ({ entries })),
  ),
})).value
const baitedRecord: fc.Arbitrary<SpeltRecord> = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'packages', 'release_id', 'hostname', 'region_name', '":{', '},{'),
      baited,
    ),
    { maxLength: 4 },
  )
  .map((entries) => ({ entries }))

for (const [what, record] of [
  ['records', anyRecord],
  ['records full of what looks like their ends and keys', baitedRecord],
] as const) {
  test(`any ${what}: a quick scan finds what the full one finds, or leaves it to that`, () => {
    let found = 0
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), fc.nat(), (records, choice) => {
        const json = spell(records, chooser(choice))
        const scan = quick(json)
        if (scan === undefined) return
        found++
        expect(scan).toEqual(full(json))
      }),
      { seed, numRuns: 5_000 },
    )
    expect(found).toBeGreaterThan(200)
  })
}

test.each([
  releases('24.09.0'),
  deployments,
  `[${[1, 2, 3].map((n) => releases(`25.09.${n}`).slice(1, -1)).join(', ')}]`,
  '[{"release_id":"a","description":"caf\\u00e9\\n","packages":["[x]","{y}"]}\r\n,\t{ "release_id" : "b" }]\n',
  '[{"hostname":"a"},{"hostname":"b","release_id":"r"},{}]',
])('an ordinary list is scanned quickly: %s', (json) => {
  expect(quick(json)).toEqual(full(json))
  expect(quick(json)).toBeDefined()
})

test.each([
  ['no record', '[]'],
  ['an identity key twice', '[{"release_id":"a","release_id":"b"}]'],
  ['an identity key twice, far apart', '[{"hostname":"a","x":[{"b":1}],"hostname" :"b"},{"hostname":"c"}]'],
  ['an identity key twice, once respelt', '[{"release_id":"a","release\\u005Fid":"b"}]'],
  ['an identity key deeper down too', '[{"release_id":"a","x":{"release_id":"b"}}]'],
  ['a region_name of its own', '[{"region_name":"west"}]'],
  ['a region_name of its own, respelt', '[{"\\u0072egion_name":"west"}]'],
  ['a respelt key of no identity', '[{"s\\u0069te":"west"}]'],
  ['the end of a record in a string', '[{"a":"},{"},{"b":1}]'],
  ['objects side by side within a record', '[{"a":[{},{}]}]'],
  ['deep nesting', `[{"a":${'['.repeat(70)}${']'.repeat(70)}}]`],
])('%s is left to the full scan', (_, json) => {
  expect(quick(json)).toBeUndefined()
})
