import { expect, it } from 'vitest'
import { casesOf } from './cases.ts'
import { classNames } from './oracle/plan.ts'
import type { ClassName } from './oracle/plan.ts'
import { loadWrites } from './recordings.ts'

/** What the recordings of this repository hold; more may be added, but no class may lose any. */
const known: Readonly<Record<ClassName, number>> = {
  relayed: 287,
  translated: 17,
  split: 17,
  refused: 103,
  fault: 38,
}

it('puts every recorded write into one class, and says how many', () => {
  const rows = loadWrites().map((release) => {
    const { cases } = casesOf(release)
    const classes = cases.map(({ plan }) => plan.class)
    return { release: `${release.api} ${release.release}`, cases, counts: countsOf(classes) }
  })
  const all = countsOf(rows.flatMap(({ cases }) => cases.map(({ plan }) => plan.class)))
  const head = line('release', [...classNames, 'sum'])
  const lines = [...rows, { release: 'all', counts: all }].map(({ release, counts }) =>
    line(release, [...counts, sum(counts)]),
  )
  const translated = rows.flatMap(({ cases }) =>
    cases.filter(({ plan }) => plan.class === 'translated').map(({ region }) => region),
  )
  process.stdout.write(`${[head, ...lines, `translated: ${translated.join(' ')}`].join('\n')}\n`)

  for (const [at, name] of classNames.entries()) expect(all[at], name).toBeGreaterThanOrEqual(known[name])
  expect(sum(all)).toBe(sum(rows.map(({ cases }) => cases.length)))
})

function countsOf(classes: readonly ClassName[]): readonly number[] {
  return classNames.map((name) => classes.filter((one) => one === name).length)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function line(release: string, cells: readonly (number | string)[]): string {
  return release.padEnd(18) + cells.map((cell) => String(cell).padStart(11)).join('')
}
