import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fleetFamilies } from '../../src/metrics/fleet-families.ts'
import { createGatewayMetrics } from '../../src/metrics/gateway.ts'
import { regionFamilies } from '../../src/metrics/region-families.ts'

const document = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')

/** Each series of the tables, with its labels. */
const told = [...document.matchAll(/^\| `(stx_\w+)` \|([^|]*)\|/gm)].map(([, name = '', labels = '']) =>
  `${name} ${labels.replaceAll(/[` ]/g, '')}`.trim(),
)

test('docs/metrics.md has every series of the fleet and of regions, with its labels, and no other', async () => {
  const ofCode = [...fleetFamilies, ...regionFamilies].map(
    ({ name, labels }) => `${name} ${labels.join(',')}`,
  )
  expect([...told].toSorted()).toEqual([...ofCode, ...(await ofGateway())].toSorted())
})

/** The gateway's own, once each of them has a sample. */
async function ofGateway(): Promise<readonly string[]> {
  const sources = [{ source: 'a', foundAt: 1, failure: undefined }]
  const metrics = createGatewayMetrics('1', { reloaded: () => true, sources: () => sources })
  metrics.asked('usm-stx10', { status: 'answered' }, 1)
  metrics.answered('/', 'GET', 200, 1)
  metrics.written('upload', [])
  metrics.spansLost(1, 'too_many')
  const text = await metrics.text('text', { entries: 1, bytes: 1 })
  const families = [...text.matchAll(/^# TYPE (stx_\w+) /gm)].map(([, name = '']) => name)
  return families.map((name) => {
    const pairs = new RegExp(`^${name}(?:_bucket)?\\{(.*)\\}`, 'm').exec(text)?.[1] ?? ''
    const labels = [...pairs.matchAll(/(\w+)="/g)].map(([, label]) => label).filter((label) => label !== 'le')
    return `${name} ${labels.join(',')}`.trim()
  })
}
