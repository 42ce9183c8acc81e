import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareVersions, newestOf, parseVersion, versionCovers } from '../../src/model/version.ts'

function covers(prefix: string, version: string): boolean {
  return versionCovers(parseVersion(prefix) ?? [NaN], parseVersion(version) ?? [])
}

describe('a version', () => {
  test.each([
    ['24.09', '24.09', true],
    ['24.09', '24.09.0', true],
    ['24.09', '24.09.10', true],
    ['24.9', '24.09.10', true],
    ['24.09.1', '24.09.10', false],
    ['24.09', '24.1', false],
    ['24.09', '24.10', false],
    ['24', '24.09.1', true],
    ['2', '24.09.1', false],
    ['24.09.1', '24.09', false],
  ])('%s covers %s: %s', (prefix, version, expected) => {
    expect(covers(prefix, version)).toBe(expected)
  })

  test.each([
    '',
    'unknown',
    '24.',
    '.09',
    '24..9',
    '24.09-1',
    '24.09 ',
    'v24',
    '1'.repeat(10),
    '1.2.3.4.5.6.7',
  ])('%o is not one', (text) => {
    expect(parseVersion(text)).toBeUndefined()
  })

  const version = fc
    .array(fc.nat(30), { minLength: 1, maxLength: 4 })
    .map((parts) => ({ parts, text: parts.join('.') }))

  test('is compared number by number, a missing one being 0', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        const padded = (parts: readonly number[]): string =>
          [...parts, 0, 0, 0, 0]
            .slice(0, 4)
            .map((part) => String(part).padStart(3, '0'))
            .join('.')
        const expected = Math.sign(padded(a.parts).localeCompare(padded(b.parts)))
        expect(Math.sign(compareVersions(a.parts, b.parts))).toBe(expected)
      }),
      { seed: 2 },
    )
  })

  test('is the newest as it was written; what is no version is passed over', () => {
    expect(newestOf(['24.09.9', null, '24.09.10', 'unknown', '22.12'])).toBe('24.09.10')
    expect(newestOf(['unknown', null])).toBeUndefined()
  })
})
