import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fleetResources } from '../../src/api/fleet/resources.ts'
import { driftStatuses } from '../../src/fleet/drift.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { patchingHost, release } from '../support/fleet-records.ts'
import { createFilledGateway, playOf } from './fleet-setup.ts'

// docs/fleet-api.md: its questions are asked, and its tables are the code's.

const document = readFileSync(join(import.meta.dirname, '../../docs/fleet-api.md'), 'utf8')
const questions = [...document.matchAll(/^\$ curl -s "\$URL(\/fleet\/v1\/[^"]+)"$/gm)].map(
  ([, path = '']) => path,
)
const gateway = await createFilledGateway(
  [createRegion('a', { labels: { site: 'boston' } }), createRegion('b')],
  playOf({
    a: { query_hosts: { data: [patchingHost('controller-0', false)] }, release: [release('24.09.1')] },
    b: 'dark',
  }),
)

test('there are questions', () => {
  expect(questions.length).toBeGreaterThan(8)
})

test.each(questions)('%s', async (path) => {
  const answer = await gateway.get(path)
  expect([answer.status, answer.headers.get('fleet-regions')]).toEqual([
    200,
    'total=2, fresh=1, stale=0, failed=1, unsupported=0, skipped=0',
  ])
  expect(await answer.json()).toHaveProperty('meta.complete', false)
})

test('the table of parts is the code', () => {
  const table = document.split('| resource | parts |')[1]?.split('\n\n')[0] ?? ''
  const rows = [...table.matchAll(/^\| ((?:`[^`|]+`(?:, )?)+) \| ([a-z_, ]+) \|$/gm)].flatMap(
    ([, paths = '', parts = '']) =>
      paths.split(', ').map((path) => {
        return { path: path.replaceAll('`', '').replace('{name}', '{id}'), parts: parts.split(', ') }
      }),
  )
  const own = fleetResources.map(({ path, parts }) => ({ path, parts }))
  const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1)
  expect(rows.toSorted(byPath)).toEqual(own.toSorted(byPath))
})

test('every status of drift is explained', () => {
  const section = document.split('\n## Drift')[1]?.split('\n## ')[0] ?? ''
  const explained = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, status]) => status)
  expect(new Set(explained)).toEqual(new Set(driftStatuses))
})
