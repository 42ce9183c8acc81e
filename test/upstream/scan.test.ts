import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UpstreamError } from '../../src/upstream/error.ts'
import { scanRecords, type Scan } from '../../src/upstream/scan.ts'
import { anyRecord, anyValue, chooser, spell, type Spelt } from '../support/spell.ts'

const seed = 20_261_121
const scan = (json: string, depth: number, under?: string): Scan =>
  scanRecords(Buffer.from(json), depth, 'GET /x', under)

/** The texts of the records that a scan found. */
function recordsOf(json: string, depth: number, under?: string): string[] {
  const bytes = Buffer.from(json)
  const { starts, ends } = scanRecords(bytes, depth, 'GET /x', under)
  return starts.map((start, i) => bytes.toString('utf8', start, ends[i]))
}

function refusal(json: string, depth: number, under?: string): string {
  try {
    scan(json, depth, under)
  } catch (error) {
    if (error instanceof UpstreamError) return `${error.kind}: ${error.message}`
    throw error
  }
  return 'accepted'
}

test('the records of a list', () => {
  expect(recordsOf(' [ {"a":{"b":[{}]}} ,{ }, {"c":"}"}]', 2)).toEqual([
    '{"a":{"b":[{}]}}',
    '{ }',
    '{"c":"}"}',
  ])
})

test('the records under a key, in a list and in an object', () => {
  expect(recordsOf('{"x":[{"n":1}],"data":[{"n":2},{"n":3}],"y":{"k":{"n":4}}}', 3, 'data')).toEqual([
    '{"n":2}',
    '{"n":3}',
  ])
  expect(recordsOf('{"pd":{"P1":{"n":1},"P2":{"n":2}},"other":{"P3":{}}}', 3, 'pd')).toEqual([
    '{"n":1}',
    '{"n":2}',
  ])
  expect(recordsOf('{"\\u0064ata":[{"n":1}]}', 3, 'data')).toEqual(['{"n":1}'])
})

test('a single object is the record at depth 1', () => {
  expect(recordsOf('{"in_sync":true,"a":{"b":{}}}', 1)).toEqual(['{"in_sync":true,"a":{"b":{}}}'])
})

test('no records in an empty list, an empty object, null', () => {
  expect([recordsOf('[]', 2), recordsOf('{}', 3, 'data'), recordsOf('null', 1)]).toEqual([[], [], []])
})

test('the slices of any records, however they are spelt, are those records', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 4 }), fc.nat(), (records, choice) => {
      const json = spell(records, chooser(choice))
      expect(recordsOf(json, 2).map((text) => JSON.stringify(JSON.parse(text)))).toEqual(
        (JSON.parse(json) as unknown[]).map((record) => JSON.stringify(record)),
      )
    }),
    { seed, numRuns: 1_000 },
  )
})

test.each(['region_name', 'release_id', 'hostname'])(
  'an identity key "%s" that stands twice in a record is refused, in any spelling and between any others',
  (identity) => {
    fc.assert(
      fc.property(anyRecord, anyValue, anyValue, fc.nat(), fc.nat(), (record, one, other, place, choice) => {
        const others = record.entries.filter(([key]) => key !== identity)
        const at = place % (others.length + 1)
        const entries: [string, Spelt][] = others.map(([key, value]) => [key, value])
        entries.splice(at, 0, [identity, one])
        entries.push([identity, other])
        const json = spell([{ entries: [['a', 1]] }, { entries }], chooser(choice))
        expect(refusal(json, 2)).toBe(`malformed: GET /x: the key "${identity}" stands twice in one object`)
      }),
      { seed, numRuns: 300 },
    )
  },
)

test('an identity key once in each record, or twice at different depths, is not refused', () => {
  expect(refusal('[{"hostname":"a","b":{"hostname":"c","hostname":"d"}},{"hostname":"a"}]', 2)).toBe(
    'accepted',
  )
})

test('a patch id that stands twice is refused, in any spelling', () => {
  expect(refusal('{"pd":{"P_1":{},"P_2":{},"P\\u005f1":{}}}', 3, 'pd')).toBe(
    'malformed: GET /x: the key "P_1" stands twice in one object',
  )
  expect(refusal('{"pd":{"__proto__":{},"__proto__":{}}}', 3, 'pd')).toContain('stands twice')
})

test('the key that holds the records, twice, is refused: one list would silently win', () => {
  expect(refusal('{"data":[{"hostname":"a"}],"d\\u0061ta":[]}', 3, 'data')).toContain('stands twice')
})

test('keys above the records are separate from object to object', () => {
  expect(refusal('{"pd":{"P1":{}},"sd":{"P1":{}}}', 3, 'pd')).toBe('accepted')
  expect(refusal('[[{"a":1}],{"a":1}]', 3)).toBe('accepted')
})

test('records that bring a region_name of their own are told', () => {
  const { impersonating } = scan(
    '[{"a":1},{"region_name":"w"},{"b":{"region_name":1}},{"region\\u005Fname":2}]',
    2,
  )
  expect([...impersonating]).toEqual([1, 3])
})

test('an overlong key in a refusal is cut', () => {
  const key = 'k'.repeat(10_000)
  expect(refusal(`{"pd":{"${key}":{},"${key}":{}}}`, 3, 'pd').length).toBeLessThan(200)
})

test('long strings, with backslashes at every distance before their end', () => {
  for (let length = 0; length < 80; length++) {
    for (let slashes = 0; slashes < 5; slashes++) {
      const text = 'x'.repeat(length) + '\\'.repeat(slashes) + '"'.repeat(slashes % 2)
      const json = JSON.stringify([{ text, end: 1 }, { second: text }])
      expect(recordsOf(json, 2)).toEqual([JSON.stringify({ text, end: 1 }), JSON.stringify({ second: text })])
    }
  }
})

test('nesting deeper than any real answer is malformed: who reads it recursively would fail on it', () => {
  const nested = (levels: number): string =>
    `[{"release_id":"r","a":${'['.repeat(levels)}${']'.repeat(levels)}}]`
  expect(recordsOf(nested(60), 2)).toEqual([nested(60).slice(1, -1)])
  expect(() => recordsOf(nested(100_000), 2)).toThrow('GET /x: nested deeper than 64')
})
