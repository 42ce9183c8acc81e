import { expect, test } from 'vitest'
import { parseDuration } from '../../src/model/duration.ts'

test.each([
  ['0', 0],
  ['30', 30_000],
  ['500ms', 500],
  ['1.5s', 1_500],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1d', 86_400_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each([
  '',
  '-1s',
  '+1',
  's',
  '1 s',
  '1S',
  '1w',
  '1e3',
  'Infinity',
  '0x10',
  '1.',
  '.5s',
  '1s2',
  '１s',
  '1s\n',
])('%o is not a duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})
