import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layList, layRecords, type Laid } from '../../src/fleet/lay.ts'
import type { Region } from '../../src/model/region.ts'
import { readingOf } from '../support/fleet-answers.ts'
import { createRegion } from '../support/fleet-regions.ts'

interface Held {
  readonly region: Region
  /** The region's answer as text: a list of releases or of deployments. */
  readonly json: string
}

function laid(
  held: readonly Held[],
  keep?: (index: number) => boolean,
  extra: readonly string[] = [],
): string {
  const parts = held.map(({ region, json }): Laid => {
    const { piece } = readingOf('deploy', region.name, json)
    return layRecords(region, piece, keep, extra)
  })
  return Buffer.concat([...layList('[', parts, ']')]).toString('utf8')
}

const boston = createRegion('5d5b', { subcloud: 'boston-1', labels: { site: 'boston' } })
const denver = createRegion('denver')

describe('records laid end to end', () => {
  test('are each as the region gave it, region_name before the rest', () => {
    expect(
      laid([
        { region: boston, json: '[ {"a": 1.10, "b":"\\u00e9"} ,\n{"n":12345678901234567890}]' },
        { region: denver, json: '[{"a":[{"a":{}}]}]' },
      ]),
    ).toBe(
      '[{"region_name":"5d5b","a": 1.10, "b":"\\u00e9"},{"region_name":"5d5b","n":12345678901234567890},' +
        '{"region_name":"denver","a":[{"a":{}}]}]',
    )
  })

  test('have no stray commas where regions or records are empty', () => {
    const empty = { region: boston, json: '[]' }
    expect(laid([])).toBe('[]')
    expect(laid([empty, empty])).toBe('[]')
    expect(laid([empty, { region: denver, json: '[{}, {}]' }, empty])).toBe(
      '[{"region_name":"denver"},{"region_name":"denver"}]',
    )
    expect(laid([{ region: denver, json: '[{"a":1},{"a":2},{"a":3}]' }], () => false)).toBe('[]')
  })

  test('that are left out leave no trace', () => {
    const held = { region: denver, json: '[{"a":1},{"a":2},{"a":3}]' }
    expect(laid([held, held], (i) => i !== 1)).toBe(
      '[{"region_name":"denver","a":1},{"region_name":"denver","a":3},{"region_name":"denver","a":1},{"region_name":"denver","a":3}]',
    )
  })

  test('are not copied where the whole region is wanted', () => {
    const { piece } = readingOf('deploy', 'denver', '[{"a":1}]')
    const whole = layRecords(denver, piece, undefined, [])
    const [, first, second, third] = layList('[', [whole, whole], ']')
    expect(first).toBe(piece.bytes)
    expect(second).toBe(piece.following)
    expect(third?.toString()).toBe(']')
  })
})

describe('fields of the inventory', () => {
  test('stand beside region_name; a label that the region lacks is null', () => {
    expect(
      laid(
        [
          { region: boston, json: '[{"a":1},{}]' },
          { region: denver, json: '[{"a":2}]' },
        ],
        undefined,
        ['subcloud_name', 'site'],
      ),
    ).toBe(
      '[{"region_name":"5d5b","subcloud_name":"boston-1","site":"boston","a":1},' +
        '{"region_name":"5d5b","subcloud_name":"boston-1","site":"boston"},' +
        '{"region_name":"denver","subcloud_name":"denver","site":null,"a":2}]',
    )
  })

  test.each(['{"site":"mine","a":1}', '{"\\u0073ite":"mine","a":1}', '{"s\\u0069te":0,"a":1}'])(
    'replace one that the region itself sends, however it is spelt: %s',
    (record) => {
      const [written] = JSON.parse(
        laid([{ region: boston, json: `[${record}]` }], undefined, ['site']),
      ) as unknown[]
      expect(written).toEqual({ region_name: '5d5b', site: 'boston', a: 1 })
      expect(
        laid([{ region: boston, json: `[${record}]` }], undefined, ['site']).match(/s(i|\\u0069)te"/g),
      ).toHaveLength(1)
    },
  )

  test('leave a value or a nested key of the same name alone', () => {
    const json = '[{"a":"site","b":{"site":1.50}}]'
    expect(JSON.parse(laid([{ region: boston, json }], undefined, ['site']))).toEqual([
      { region_name: '5d5b', site: 'boston', a: 'site', b: { site: 1.5 } },
    ])
  })
})

describe('laying pieces equals parsing, spreading and writing', () => {
  const key = fc.constantFrom('a', 'site', 'region_name', '__proto__', 'é', 'x"y', 'release', 'back\\slash')
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary', maxLength: 6 }))
  const record = fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 4 })
  const space = fc.constantFrom('', ' ', '\n\t')
  const list = fc.tuple(fc.array(record, { maxLength: 4 }), space).map(([records, gap]) => {
    const texts = records.map(
      (fields) =>
        `{${gap}${fields.map(([name, held]) => `${JSON.stringify(name)}${gap}:${gap}${JSON.stringify(held)}`).join(`${gap},`)}${gap}}`,
    )
    return `${gap}[${gap}${texts.join(`${gap},${gap}`)}${gap}]`
  })
  const name = fc.constantFrom('r1', 'é', '__proto__', 'quo"te', 'back\\')
  const fleet = fc.array(
    fc.tuple(name, list).map(([called, json]): Held => ({
      region: createRegion(called, { subcloud: `sub ${called}`, labels: { site: 'here' } }),
      json,
    })),
    { maxLength: 4 },
  )

  test.each<[string, readonly string[]]>([
    ['without more', []],
    ['with fields of the inventory', ['subcloud_name', 'site']],
  ])('%s', (_, extra) => {
    fc.assert(
      fc.property(fleet, fc.option(fc.nat(3)), (held, without) => {
        const keep = without === null ? undefined : (i: number): boolean => i !== without
        const naive = held.flatMap(({ region, json }) =>
          (JSON.parse(json) as object[])
            .filter((_each, i) => keep === undefined || keep(i))
            .map((own) => ({
              ...own,
              region_name: region.name,
              ...(extra.length > 0 && { subcloud_name: region.subcloud, site: 'here' }),
            })),
        )
        const sorted = (text: string): string => JSON.stringify(sortKeys(JSON.parse(text)))
        expect(sorted(laid(held, keep, extra))).toBe(sorted(JSON.stringify(naive)))
      }),
      { seed: 2, numRuns: 300 },
    )
  })

  test('no key stands twice in a record', () => {
    fc.assert(
      fc.property(fleet, (held) => {
        const text = laid(held, undefined, ['site'])
        const written = JSON.parse(text) as object[]
        // Were a key there twice, one of them would be lost on the way through a parser.
        const tokens = (each: string): number => each.replaceAll(/"(?:[^"\\]|\\.)*"/g, '0').split(':').length
        expect(tokens(text)).toBe(tokens(JSON.stringify(written)))
      }),
      { seed: 2, numRuns: 200 },
    )
  })
})

/** Key order is free in JSON; sorted, values compare as text, `__proto__` among them. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, held]) => [key, sortKeys(held)])
}
