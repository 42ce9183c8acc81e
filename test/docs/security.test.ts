import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const lines = readFileSync(join(root, 'docs/security.md'), 'utf8').split('\n')
/** Rows of its tables, without their heads. */
const threats = lines.filter((line) => line.startsWith('| ') && !line.startsWith('| threat |'))

test('each threat has its cells', () => {
  expect(threats.length).toBeGreaterThan(20)
  for (const line of threats) expect([line, line.split('|').length]).toEqual([line, 5])
})

test.each(threats.map((line) => line.split('|').map((cell) => cell.trim())))(
  '%s%s: each test that is named exists',
  (_, threat, _done, named = '') => {
    const files = [...named.matchAll(/`([^`]+)`/g)].map(([, file]) => file ?? '')
    expect([threat, files.length > 0]).toEqual([threat, true])
    for (const file of files) expect([file, existsSync(join(root, file))]).toEqual([file, true])
  },
)
