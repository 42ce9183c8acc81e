import fc from 'fast-check'

/** A JSON value whose objects are lists of entries, so that keys may repeat. */
export type Spelt = null | boolean | number | string | readonly Spelt[] | SpeltRecord

export interface SpeltRecord {
  readonly entries: readonly (readonly [string, Spelt])[]
}

/** Picks a whole number below `limit`. */
export type Choose = (limit: number) => number

/** Choices that a seed decides. */
export function chooser(seed: number): Choose {
  let state = seed >>> 0
  return (limit) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return state % limit
  }
}

/** One of the many texts that mean this value: whitespace and escapes as `choose` likes. */
export function spell(value: Spelt, choose: Choose): string {
  const space = (): string => ['', '', '', ' ', '\n', '\t', '\r\n'][choose(7)] ?? ''
  const between = (parts: readonly string[]): string =>
    parts.map((part) => space() + part + space()).join(',')
  if (typeof value === 'string') return spellString(value, choose)
  if (isList(value)) return `[${between(value.map((each) => spell(each, choose))) || space()}]`
  if (typeof value === 'object' && value !== null) {
    const entries = value.entries.map(
      ([key, each]) => `${spellString(key, choose)}${space()}:${space()}${spell(each, choose)}`,
    )
    return `{${between(entries) || space()}}`
  }
  return JSON.stringify(value)
}

function isList(value: Spelt): value is readonly Spelt[] {
  return Array.isArray(value)
}

const shortEscapes = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['/', '\\/'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

function spellString(text: string, choose: Choose): string {
  const escapes = choose(4)
  const characters = Array.from(text, (character) => {
    const short = shortEscapes.get(character)
    const mustEscape = character < ' ' || character === '"' || character === '\\' || !character.isWellFormed()
    if (!mustEscape && (escapes > 0 || choose(2) === 0)) return character
    if (short !== undefined && choose(2) === 0) return short
    return Array.from({ length: character.length }, (_, i) =>
      spellUnit(character.charCodeAt(i), choose),
    ).join('')
  })
  return `"${characters.join('')}"`
}

function spellUnit(unit: number, choose: Choose): string {
  const hex = unit.toString(16).padStart(4, '0')
  return `\\u${choose(2) === 0 ? hex : hex.toUpperCase()}`
}

// No backslash within a key: V8 (Node 24.21) reads the key "\"" as "\\" where an object before it had that key.
const anyKey = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map((key) => key.replaceAll('\\', '/')),
  fc.constantFrom(
    'release_id',
    'hostname',
    'region_name',
    'regionXname',
    '__proto__',
    'constructor',
    '',
    '"',
    '},{',
  ),
)

const values = fc.letrec<{ value: Spelt; list: Spelt; object: Spelt }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom('"', '\\', '\\"', '{"region_name":"west"}', '},{', '[', ','),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc
    .uniqueArray(fc.tuple(anyKey, tie('value')), { selector: ([key]) => key, maxLength: 5 })
    .map((entries) => ({ entries })),
}))

export const anyValue: fc.Arbitrary<Spelt> = values.value

/** A record without any key twice. */
export const anyRecord: fc.Arbitrary<SpeltRecord> = fc
  .uniqueArray(fc.tuple(anyKey, anyValue), { selector: ([key]) => key, maxLength: 6 })
  .map((entries) => ({ entries }))

const object = (entries: readonly (readonly [string, Spelt])[]): Spelt => ({ entries })

/** JSON that is nearly an answer: the right frame around anything. */
export const nearlyAnswer: fc.Arbitrary<Spelt> = fc.oneof(
  anyValue,
  fc.array(anyRecord, { maxLength: 3 }),
  fc.array(fc.oneof(anyRecord, anyValue), { maxLength: 3 }),
  fc
    .tuple(fc.constantFrom('data', 'pd', 'sd', 'error', 'metadata', 'in_sync'), anyValue)
    .map((entry) => object([entry])),
  fc
    .tuple(fc.constantFrom('data', 'pd', 'sd'), fc.array(anyRecord, { maxLength: 3 }))
    .map((entry) => object([entry])),
  fc.tuple(fc.constantFrom('pd', 'sd', 'data'), anyRecord).map((entry) => object([entry])),
  fc.tuple(anyRecord, anyRecord).map(([metadata, contents]) =>
    object([
      ['metadata', metadata],
      ['contents', contents],
    ]),
  ),
)
