import { problemTypes, type ProblemCase } from '../problem-types.ts'
import { html, page, prose, table } from './page.ts'

/** A page for each type of problem, where its `type` leads, and one that has them all. */
export function problemPages(): readonly { readonly path: string; readonly text: string }[] {
  const all: readonly (readonly [
    string,
    { readonly title: string; readonly cases: readonly ProblemCase[] },
  ])[] = Object.entries(problemTypes)
  const links = all.map(
    ([slug, { title }]) =>
      `<tr><td><a href="/problems/${html(slug)}"><code>${html(slug)}</code></a></td><td>${html(title)}</td></tr>`,
  )
  return [
    { path: '/problems', text: page('Problems', `<h1>Problems</h1>${table(links)}`) },
    ...all.map(([slug, { title, cases }]) => ({
      path: `/problems/${slug}`,
      text: problemPage(title, cases),
    })),
  ]
}

function problemPage(title: string, cases: readonly ProblemCase[]): string {
  const rows = cases.map(
    ({ statuses, when }) => `<tr><td>HTTP ${html(statuses.join(', '))}</td><td>${prose(when)}</td></tr>`,
  )
  return page(title, `<h1>${html(title)}</h1>${table(rows)}<p><a href="/problems">All problems</a></p>`)
}
