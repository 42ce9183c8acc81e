import { readCalls } from '../../src/model/calls.ts'
import type { Service } from '../../src/model/region.ts'
import { cellOf, cellWords, columns, mergedCellOf } from './cells.ts'
import { lines, type Line } from './lines.ts'

/** Where the document is, and what writes it. */
export const documentFile = new URL('../../docs/compatibility.md', import.meta.url)
export const rewrite = 'npm run docs:compatibility'

const names = { usm: 'USM', patching: 'Patching' }

/** `docs/compatibility.md`, made from the tables of calls and of dialects. */
export async function compatibilityDocument(): Promise<string> {
  const parts = [introduction, merged('usm'), merged('patching'), ofOneRegion]
  for (const service of ['usm', 'patching'] as const) {
    const own = lines.filter((line) => line.service === service)
    const [inReference, beside] = [
      own.filter(({ documented }) => documented),
      own.filter(({ documented }) => !documented),
    ]
    parts.push(`### ${names[service]}: in the reference\n\n${await table(service, inReference)}`)
    parts.push(`### ${names[service]}: not in the reference, but used\n\n${await table(service, beside)}`)
  }
  return `${parts.join('\n\n')}\n`
}

const introduction = `# Compatibility

Every call of the two published references, and those that clients use beside them, in each dialect that regions speak.
Made from the tables of calls and dialects by \`${rewrite}\`: \`test/compatibility/document.test.ts\` fails
where it is out of date, and \`test/compatibility/cells.test.ts\` tries each cell on simulated regions of each release.

- **works**: the region is sent what is asked.
- **translated**: it is sent this instead, in this order, each after the success of the one before.
- **refused**: nothing is sent but safe GETs; a write is answered with a 409, a read with a 404, that says why (what is
  refused in every release: 400).

\`{id}\` is a release or a patch that requires \`{required}\`; on stx 9 both are being deployed. Behind a path stands the
body: JSON, or the files of a form. An empty \`{}\` is not told: writes to USM carry one, as upstream's own client does.
Answers are given in the documented shape whatever the region's own.

## The merged reads: \`/v1/…\`

Asked of every selected region that is not held young enough. Filters, records and flags are made here, from its list.`

const ofOneRegion = `## The calls of one region: \`/regions/{region}/v1/…\`

Also \`/v1/…?region_name=…\` for writes and for reads that are not merged, and the listeners \`regions[].listen\` and
\`sw_patch_listen\`. A region whose release lacks the API altogether refuses all of its calls, and says so.`

function merged(service: Service): string {
  const own = readCalls.filter((call) => call.service === service)
  const rows = own.flatMap((call) =>
    call.paths.map((path) => [
      `\`GET ${path}\``,
      ...columns[service].map(({ dialect }) => cellWords(mergedCellOf(call, path, dialect))),
    ]),
  )
  return `### ${names[service]}\n\n${toTable(service, rows)}`
}

async function table(service: Service, own: readonly Line[]): Promise<string> {
  const rows = own.map(async (line) => {
    const cells = columns[service].map(async ({ dialect }) => cellWords(await cellOf(line, dialect)))
    return [`\`${line.words}\``, ...(await Promise.all(cells))]
  })
  return toTable(service, await Promise.all(rows))
}

function toTable(service: Service, rows: readonly (readonly string[])[]): string {
  const titles = ['asked', ...columns[service].map(({ title }) => title)]
  return [titles, titles.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
