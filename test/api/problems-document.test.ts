import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createOpenPages } from '../../src/api/open-pages.ts'
import { problemTypes } from '../../src/api/problem-types.ts'

const root = join(import.meta.dirname, '../..')
const source = globSync('src/api/**/*.ts', { cwd: root })
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n')
const rows = [
  ...readFileSync(join(root, 'docs/problems.md'), 'utf8').matchAll(
    /^\| `\/problems\/([a-z-]+)` \| (.+?) \| ([\d, ]+) \| (.+) \|$/gm,
  ),
].map(([, slug = '', title, statuses = '', when]) => ({ slug, title, statuses: statuses.split(', '), when }))

test('the document says what the code says of every type of problem', () => {
  const told = Object.entries(problemTypes).flatMap(([slug, { title, cases }]) =>
    cases.map(({ statuses, when }) => ({ slug, title, statuses: statuses.map(String), when })),
  )
  expect(rows).toEqual(told)
})

test('a problem that the code makes with a status has that status in the document', () => {
  const made = [...source.matchAll(/new Problem\(\s*(\d{3}),\s*'([a-z-]+)'/g)].map(
    ([, status, slug]) => `${slug} ${status}`,
  )
  const told = new Set(rows.flatMap(({ slug, statuses }) => statuses.map((status) => `${slug} ${status}`)))
  expect(made.length).toBeGreaterThan(20)
  expect([...new Set(made)].filter((each) => !told.has(each))).toEqual([])
})

test('where a type leads, there is a page of it, for anybody', async () => {
  const pages = createOpenPages('0.0.0')
  for (const { slug, title = '', when = '' } of rows) {
    const page = await pages(`/problems/${slug}`, new Headers())?.text()
    expect(page).toContain(`<h1>${title.replaceAll("'", '&#39;')}</h1>`)
    expect(page?.replaceAll(/<\/?code>/g, '`').replaceAll('&#39;', "'")).toContain(when)
  }
  expect(await pages('/problems', new Headers())?.text()).toContain('/problems/gone')
  expect(pages('/problems/nothing', new Headers())).toBeUndefined()
})
