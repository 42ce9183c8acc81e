import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dashboards, textOf } from './dashboards.ts'

for (const [file, make] of Object.entries(dashboards)) {
  writeFileSync(join(import.meta.dirname, 'dashboards', file), textOf(make()))
}
