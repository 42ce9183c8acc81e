import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { casesOf } from './cases.ts'
import { classNames } from './classify.ts'
import { loadReleases } from './recordings.ts'

const folder = join(import.meta.dirname, '../fixtures/recordings')

it('puts every recorded GET into one class, and says how many', () => {
  const rows = loadReleases().map((release) => {
    const classes = casesOf(release).map(({ classified }) => classified.class)
    const counts = classNames.map((name) => classes.filter((one) => one === name).length)
    return { release: `${release.api} ${release.release}`, counts, others: release.others }
  })
  const totals = classNames.map((_, position) => sum(rows.map(({ counts }) => counts[position] ?? 0)))
  const others = sum(rows.map((row) => row.others))

  const lines = [...rows, { release: 'all', counts: totals, others }].map(({ release, counts, others }) =>
    [
      release.padEnd(18),
      ...counts.map((count) => String(count).padStart(8)),
      cell(sum(counts)),
      cell(others),
    ].join(''),
  )
  const head = [
    'release'.padEnd(18),
    ...classNames.map((name) => name.padStart(8)),
    cell('sum'),
    cell('not GET'),
  ]
  process.stdout.write(`${[head.join(''), ...lines].join('\n')}\n`)

  const files = globSync('{usm,patching}/*/*.json', { cwd: folder })
  expect(sum(totals) + others).toBe(files.length)
  expect(sum(totals)).toBeGreaterThan(0)
})

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function cell(value: number | string): string {
  return String(value).padStart(10)
}
