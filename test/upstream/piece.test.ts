import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject, Piece } from '../../src/model/reading.ts'
import { splice } from '../../src/upstream/piece.ts'
import { anyRecord, chooser, spell, type SpeltRecord } from '../support/spell.ts'

const seed = 20_261_121

interface Listed {
  readonly json: string
  readonly records: readonly JsonObject[]
  readonly piece: Piece
}

/** Records as a region may write them: at the root, or under a key among others. */
function listed(records: readonly SpeltRecord[], choice: number, under?: string): Listed {
  const choose = chooser(choice)
  const root =
    under === undefined
      ? records
      : {
          entries: [
            ['before', [{ entries: [['region_name', 'x']] }, { entries: [['a', 1]] }]],
            [under, records],
            ['after', { entries: [['hostname', 'y']] }],
          ] as const,
        }
  const json = spell(root, choose)
  const value: unknown = JSON.parse(json)
  const parsed = (under === undefined ? value : (value as JsonObject)[under]) as readonly JsonObject[]
  const text = { json: Buffer.from(json), records: parsed, depth: under === undefined ? 2 : 3 }
  const piece = splice('east', { ...text, ...(under !== undefined && { under }) }, 'GET /x')
  return { json, records: parsed, piece }
}

function ofEast(record: JsonObject): JsonObject {
  const { region_name: _, ...own } = record
  return { region_name: 'east', ...own }
}

const slices = ({ bytes, starts, ends }: Piece): string[] =>
  [...starts].map((start, i) => bytes.toString('utf8', start, ends[i]))

for (const under of [undefined, 'data']) {
  test(`any records ${under === undefined ? 'at the root' : `under "${under}"`} get region_name, once and first`, () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 4 }), fc.nat(), (spelt, choice) => {
        const { records, piece } = listed(spelt, choice, under)
        expect(JSON.stringify(JSON.parse(`[${piece.bytes.toString()}]`))).toBe(
          JSON.stringify(records.map(ofEast)),
        )
        expect(slices(piece).join(',')).toBe(piece.bytes.toString())
        expect(piece.following.toString()).toBe(`,${piece.bytes.toString()}`)
        for (const [i, slice] of slices(piece).entries()) {
          expect(slice).toMatch(/^\{"region_name":"east"[,}]/)
          expect(JSON.stringify(JSON.parse(slice))).toBe(JSON.stringify(ofEast(records[i] ?? {})))
        }
      }),
      { seed, numRuns: 1_000 },
    )
  })
}

test('what follows each body is the record without its region_name', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 4 }), fc.nat(), (spelt, choice) => {
      const { records, piece } = listed(spelt, choice)
      for (const [i, body] of piece.bodies.entries()) {
        const { region_name: _, ...own } = records[i] ?? {}
        const rest = piece.bytes.toString('utf8', body, piece.ends[i])
        expect(JSON.stringify(JSON.parse(`{${rest}`))).toBe(JSON.stringify(own))
      }
    }),
    { seed, numRuns: 500 },
  )
})

test('plainKeys is true exactly when no record’s own key is spelt with a backslash', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 3 }), fc.nat(), (spelt, choice) => {
      const { json, piece } = listed(spelt, choice)
      if (!json.includes('\\')) expect(piece.plainKeys).toBe(true)
    }),
    { seed, numRuns: 300 },
  )
  const plain = (json: string): boolean =>
    splice('east', { json: Buffer.from(json), records: JSON.parse(json) as JsonObject[], depth: 2 }, 'x')
      .plainKeys
  expect(plain('[{"a":"\\u0041","b":{"\\u0041":1}}]')).toBe(true)
  expect(plain('[{"a":1},{"\\u0041":1}]')).toBe(false)
})

function spliced(json: string): string {
  const records = JSON.parse(json) as JsonObject[]
  return splice('east', { json: Buffer.from(json), records, depth: 2 }, 'GET /x').bytes.toString()
}

test('every byte of a record stays as its region sent it', () => {
  expect(spliced('[{"n":1.0,"big":12345678901234567890, "s":"\\u00e9é\\/"} , { "a" : {} }]')).toBe(
    '{"region_name":"east","n":1.0,"big":12345678901234567890, "s":"\\u00e9é\\/"},{"region_name":"east", "a" : {} }',
  )
})

test('a key that stands twice, and is no identity, stays twice', () => {
  expect(spliced('[{"state":"a","state":"b"}]')).toBe('{"region_name":"east","state":"a","state":"b"}')
})

test.each([
  '{"region_name":"west","a":1}',
  '{"region\\u005fname":"west","a":1}',
  '{"a":1,"\\u0072egion_name":"west"}',
])('a region cannot speak for another: %s', (record) => {
  expect(spliced(`[${record}]`)).toBe('{"region_name":"east","a":1}')
})

test('a region_name deeper in a record is the region’s own business', () => {
  expect(spliced('[{"a":{"region_name":"west"},"b":[{"region_name":"x"}]}]')).toBe(
    '{"region_name":"east","a":{"region_name":"west"},"b":[{"region_name":"x"}]}',
  )
})

test('records that are empty, or are once their region_name is gone', () => {
  expect(spliced('[{}, { }, {"region_name":"west"}, {\n}]')).toBe(
    Array.from({ length: 4 }, () => '{"region_name":"east"}').join(','),
  )
})

test('no records: no bytes', () => {
  expect(splice('east', { json: Buffer.from('[ ]'), records: [], depth: 2 }, 'GET /x')).toEqual({
    bytes: Buffer.alloc(0),
    following: Buffer.from(','),
    starts: new Uint32Array(0),
    bodies: new Uint32Array(0),
    ends: new Uint32Array(0),
    plainKeys: true,
  })
})

test('a key "__proto__" is a key like any other', () => {
  const record = '{"__proto__":{"state":"deployed"},"a":1}'
  expect(spliced(`[${record}]`)).toBe(`{"region_name":"east",${record.slice(1)}`)
  expect(spliced('[{"__proto__":{"x":1},"region_name":"west"}]')).toBe(
    '{"region_name":"east","__proto__":{"x":1}}',
  )
})

test('a region name is written as JSON', () => {
  const piece = splice('ea"st\\é', { json: Buffer.from('[{"a":1}]'), records: [{ a: 1 }], depth: 2 }, 'x')
  expect(JSON.parse(piece.bytes.toString())).toEqual({ region_name: 'ea"st\\é', a: 1 })
})
