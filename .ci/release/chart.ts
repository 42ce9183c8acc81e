import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { chartValues } from './chart-values.ts'
import { root } from './lock.ts'

/** The chart's folder. */
export const chart = join(root, 'helm/stx-fleet-gateway')
/** Where it keeps copies: Helm reads nothing outside its folder. */
const copies = [
  { from: 'config/prometheus/*rules.yaml', to: 'files/prometheus' },
  { from: 'config/grafana/dashboards/*.json', to: 'files/grafana' },
]

/** Every file of the chart that is made of something else, by its path in the chart. */
export function madeFiles(): ReadonlyMap<string, string> {
  const made = new Map([
    ['values.schema.json', valuesSchema()],
    ['Chart.yaml', withVersion(read('helm/stx-fleet-gateway/Chart.yaml'))],
  ])
  for (const { from, to } of copies) {
    for (const file of globSync(from, { cwd: root }).toSorted())
      made.set(join(to, basename(file)), read(file))
  }
  return made
}

/** The paths of copies that are there, also of files that are no more. */
export function presentCopies(): readonly string[] {
  return copies.flatMap(({ to }) => globSync(`${to}/*`, { cwd: chart })).toSorted()
}

function valuesSchema(): string {
  const schema = z.toJSONSchema(chartValues, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override({ jsonSchema, path }) {
      // values.yaml has the chart's defaults, the gateway its own.
      delete jsonSchema.default
      // Go's expressions lack some of what the configuration's use, and one that it can't read breaks the whole
      // schema. The gateway judges these itself.
      if (path.includes('config')) delete jsonSchema.pattern
    },
  })
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function withVersion(text: string): string {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  return text
    .replace(/^version: .*$/m, `version: ${version}`)
    .replace(/^appVersion: .*$/m, `appVersion: ${version}`)
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

if (process.argv[1] === import.meta.filename) {
  const made = madeFiles()
  for (const path of presentCopies()) if (!made.has(path)) rmSync(join(chart, path))
  for (const [path, text] of made) {
    mkdirSync(dirname(join(chart, path)), { recursive: true })
    writeFileSync(join(chart, path), text)
  }
}
