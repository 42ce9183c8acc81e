import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atBaseline, baselineOf, type BaselineConfig } from '../../src/fleet/baseline.ts'
import { driftOf } from '../../src/fleet/drift.ts'
import { answers, fails, lacks } from '../support/fleet-answers.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { patch, patchingHost, release } from '../support/fleet-records.ts'
import { createViewedFleet } from '../support/viewed-fleet.ts'

/** What a region has: releases of USM by version, or patches of Patching by id with the version its hosts run. */
type Has =
  | { readonly releases: readonly string[] }
  | { readonly patches: readonly string[]; readonly runs: string }
  | 'dark'

async function compare(has: Has, reference: Has | readonly string[]) {
  const fleet = createViewedFleet([createRegion('here'), createRegion('there')])
  const play = (name: string, it: Has): void => {
    if (it === 'dark') {
      for (const part of ['release', 'query', 'query_hosts'] as const)
        fleet.play(name, part, fails('timeout'))
    } else if ('releases' in it) {
      fleet.play(name, 'release', answers(it.releases.map((version) => release(version))))
      for (const part of ['query', 'query_hosts'] as const) fleet.play(name, part, lacks())
    } else {
      const pd = Object.fromEntries(it.patches.map((id) => [id, patch('Applied')]))
      fleet.play(name, 'query', answers({ pd }))
      const host = patchingHost('controller-0', true, { sw_version: it.runs })
      fleet.play(name, 'query_hosts', answers({ data: [host] }))
      for (const part of ['release', 'deploy', 'deploy_host'] as const) fleet.play(name, part, lacks())
    }
  }
  play('here', has)
  const declared = Array.isArray(reference)
  if (!declared) play('there', reference as Has)
  await fleet.refresh()
  const [here, there] = fleet.view().regions
  const config: BaselineConfig = declared ? { release_ids: reference as string[] } : { region_name: 'there' }
  const baseline = baselineOf(config, () => there)
  if (here === undefined) throw new Error('no region')
  return { drift: driftOf(here, baseline), atBaseline: atBaseline(here, baseline) }
}

const usm = (...releases: string[]): Has => ({ releases })
const patching = (runs: string, ...patches: string[]): Has => ({ runs, patches })

test.each<[string, Has, Has | readonly string[], string, string[], string[]]>([
  ['the same releases', usm('24.09.9', '24.09.10'), usm('24.09.9', '24.09.10'), 'in_sync', [], []],
  [
    'dcmanager would say in sync',
    usm('24.09.9'),
    usm('24.09.9', '24.09.10'),
    'behind',
    ['starlingx-24.09.10'],
    [],
  ],
  ['one release more', usm('24.09.9', '24.09.10'), usm('24.09.9'), 'ahead', [], ['starlingx-24.09.10']],
  [
    'one that is not on the way',
    usm('24.09.1', '24.09.3'),
    usm('24.09.2', '24.09.3'),
    'differs',
    ['starlingx-24.09.2'],
    ['starlingx-24.09.1'],
  ],
  ['a list, with older releases here', usm('24.09.0', '24.09.3'), ['starlingx-24.09.3'], 'in_sync', [], []],
  ['a list that is not reached', usm('24.09.0'), ['starlingx-24.09.3'], 'behind', ['starlingx-24.09.3'], []],
  [
    'a list that is passed',
    usm('24.09.3', '25.09.0'),
    ['starlingx-24.09.3'],
    'ahead',
    [],
    ['starlingx-25.09.0'],
  ],
  ['patches alike', patching('22.12', 'P1', 'P2'), patching('22.12', 'P1', 'P2'), 'in_sync', [], []],
  ['a patch too few', patching('22.12', 'P1'), patching('22.12', 'P1', 'P2'), 'behind', ['P2'], []],
  ['a patch too many', patching('22.12', 'P1', 'P2'), patching('22.12', 'P1'), 'ahead', [], ['P2']],
  ['each has its own patch', patching('22.12', 'P1'), patching('22.12', 'P2'), 'differs', ['P2'], ['P1']],
  ['an older version with other patches', patching('22.06', 'P1'), patching('22.12', 'P2'), 'behind', [], []],
  ['Patching against releases', patching('22.12'), usm('24.09.3'), 'behind', [], []],
  ['releases against Patching', usm('24.09.3'), patching('22.12'), 'ahead', [], []],
  ['releases against patches of the same version', usm('24.09.3'), patching('24.09'), 'unknown', [], []],
  ['a dark region', 'dark', usm('24.09.3'), 'unknown', [], []],
  ['a dark baseline', usm('24.09.3'), 'dark', 'unknown', [], []],
  ['nothing deployed', usm(), usm('24.09.3'), 'unknown', [], []],
])('%s', async (_, has, reference, status, missing, extra) => {
  const { drift } = await compare(has, reference)
  expect(drift).toMatchObject({ status, missing, extra })
  expect(drift.reason === undefined).toBe(status !== 'unknown')
})

test('at_baseline never says otherwise', async () => {
  const versions = fc.subarray(['24.09.1', '24.09.2', '24.09.9', '24.09.10', '25.09.0'])
  const ids = fc.subarray(['P1', 'P2', 'P3'])
  const runs = fc.constantFrom('22.06', '22.12', '24.09')
  const has = fc.oneof(
    versions.map((releases): Has => ({ releases })),
    fc.record({ patches: ids, runs }).map((it): Has => it),
    fc.constant<Has>('dark'),
  )
  await fc.assert(
    fc.asyncProperty(has, has, async (here, there) => {
      const { drift, atBaseline: at } = await compare(here, there)
      const allowed = {
        in_sync: [true],
        ahead: [true],
        behind: [false],
        unknown: [null],
        differs: [true, false],
      }
      expect(allowed[drift.status]).toContain(at)
    }),
    { numRuns: 150 },
  )
})
