import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemTitles } from '../../src/api/problem.ts'

const root = join(import.meta.dirname, '../..')
const source = globSync('src/api/**/*.ts', { cwd: root })
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n')
const rows = [
  ...readFileSync(join(root, 'docs/problems.md'), 'utf8').matchAll(
    /^\| `\/problems\/([a-z-]+)` \| (.+?) \| ([\d, ]+) \| (.+) \|$/gm,
  ),
].map(([, slug = '', title, statuses = '', when]) => ({ slug, title, statuses: statuses.split(', '), when }))

test('every type of problem is explained, under its title', () => {
  const explained = Object.fromEntries(rows.map(({ slug, title }) => [slug, title]))
  expect(explained).toEqual(problemTitles)
})

test('a problem that the code makes with a status has that status in the document', () => {
  const made = [...source.matchAll(/new Problem\(\s*(\d{3}),\s*'([a-z-]+)'/g)].map(
    ([, status, slug]) => `${slug} ${status}`,
  )
  const told = new Set(rows.flatMap(({ slug, statuses }) => statuses.map((status) => `${slug} ${status}`)))
  expect(made.length).toBeGreaterThan(20)
  expect([...new Set(made)].filter((each) => !told.has(each))).toEqual([])
})
