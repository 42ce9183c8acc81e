import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHostHistory } from '../../src/fleet/host-history.ts'
import { regionPatchCurrent, type Held } from '../../src/fleet/patch-current.ts'
import type { Outcome, OutcomeStatus } from '../../src/model/outcome.ts'
import type { Readings, Resource } from '../../src/model/reading.ts'
import { dialectOf, readingOf } from '../support/fleet-answers.ts'
import { startOfTests } from '../support/fleet-clock.ts'
import { deployment, patchingHost, release, type JsonRecord } from '../support/fleet-records.ts'

/** The outcome of asking, with an answer where its status has one. */
function outcome<R extends Resource>(
  resource: R,
  value: unknown,
  status: OutcomeStatus | 'never asked' = 'fresh',
): Outcome<Readings[R]> | undefined {
  const reading = readingOf(resource, 'east', JSON.stringify(value))
  const provenance = { dialect: dialectOf(resource), observedAt: startOfTests, version: 1 }
  const failure = { kind: 'timeout', message: 'east: no answer', at: startOfTests } as const
  const region = 'east'
  switch (status) {
    case 'fresh':
      return { status, region, reading, provenance }
    case 'stale':
      return { status, region, reading, provenance, failure }
    case 'failed':
      return { status, region, failure }
    case 'unsupported':
      return { status, region, reason: `no ${resource}` }
    case 'skipped':
      return { status, region, reason: 'maintenance' }
    case 'never asked':
      return undefined
  }
}

const noUsm = { release: outcome('release', [], 'unsupported'), deploy: outcome('deploy', [], 'unsupported') }
const noPatching = { queryHosts: outcome('query_hosts', { data: [] }, 'unsupported'), hosts: [] }

function usm(
  releases: readonly JsonRecord[],
  deployments: readonly JsonRecord[],
): Pick<Held, 'release' | 'deploy'> {
  return { release: outcome('release', releases), deploy: outcome('deploy', deployments) }
}
/** What is held after these polls, each a list of hosts, 30 s apart. */
function patching(...polls: readonly (readonly JsonRecord[])[]): Pick<Held, 'queryHosts' | 'hosts'> {
  const history = createHostHistory()
  for (const [i, records] of polls.entries()) {
    const { items } = readingOf('query_hosts', 'east', JSON.stringify({ data: records }))
    history.observe('east', items, startOfTests + i * 30_000)
  }
  return { queryHosts: outcome('query_hosts', { data: polls.at(-1) ?? [] }), hosts: history.hosts('east') }
}

const deployed = [release('24.09.0', 'committed'), release('24.09.1', 'deployed')]
const well = patchingHost('controller-0', true)
const behind = patchingHost('controller-1', false)
const silent = patchingHost('compute-0', null)

describe('a region with USM', () => {
  test.each<[string, readonly JsonRecord[], readonly JsonRecord[], boolean | null]>([
    ['no deployment is under way', deployed, [], true],
    ['a deployment has started', deployed, [deployment('start-done')], false],
    ['a deployment has failed', deployed, [deployment('host-failed')], false],
    ['a deployment is completed', deployed, [deployment('completed')], true],
    ['there is no deployment though a release is deploying', [release('24.09.1', 'deploying')], [], null],
    [
      'there is no deployment though a release is removing',
      [...deployed, release('24.09.2', 'removing')],
      [],
      null,
    ],
    ['nothing is deployed: a list without that is damaged', [release('24.09.1', 'available')], [], null],
    ['there are no releases at all', [], [], null],
  ])('%s', (_, releases, deployments, expected) => {
    expect(regionPatchCurrent({ ...usm(releases, deployments), ...noPatching })).toBe(expected)
  })
})

describe('a region with Patching', () => {
  test.each<[string, readonly JsonRecord[], boolean | null]>([
    ['every host is current', [well], true],
    ['a host is not', [well, behind], false],
    ['a host is unknown', [well, silent], null],
    ['one is not, one is unknown', [silent, behind], false],
    ['there are no hosts', [], null],
  ])('%s', (_, hosts, expected) => {
    expect(regionPatchCurrent({ ...noUsm, ...patching(hosts) })).toBe(expected)
  })

  test('a host has vanished', () => {
    expect(regionPatchCurrent({ ...noUsm, ...patching([well, behind], [well]) })).toBeNull()
  })

  test('a host was not current a moment ago', () => {
    const now = patchingHost('controller-1', true)
    expect(regionPatchCurrent({ ...noUsm, ...patching([behind], [now]) })).toBe(false)
    expect(regionPatchCurrent({ ...noUsm, ...patching([behind], [now], [now]) })).toBe(true)
  })
})

describe('a region with both', () => {
  const current = usm(deployed, [])
  const deploying = usm(deployed, [deployment('start')])
  const unsure = usm([release('24.09.1', 'deploying')], [])

  test.each<[string, Held, boolean | null]>([
    ['both say yes', { ...current, ...patching([well]) }, true],
    ['Patching has no hosts: it says nothing', { ...current, ...patching([]) }, true],
    ['false wins over true', { ...current, ...patching([behind]) }, false],
    ['false wins over unknown', { ...deploying, ...patching([silent]) }, false],
    ['false wins over unknown, the other way', { ...unsure, ...patching([behind]) }, false],
    ['unknown wins over true', { ...unsure, ...patching([well]) }, null],
    [
      'the hosts of Patching have vanished since: they are unknown',
      { ...current, ...patching([well], []) },
      null,
    ],
  ])('%s', (_, held, expected) => {
    expect(regionPatchCurrent(held)).toBe(expected)
  })
})

test('a region with neither, or never asked, is unknown', () => {
  expect(regionPatchCurrent({ ...noUsm, ...noPatching })).toBeNull()
  expect(
    regionPatchCurrent({ release: undefined, deploy: undefined, queryHosts: undefined, hosts: [] }),
  ).toBeNull()
})

test('never a stale green: with anything that is not fresh a region is not current', () => {
  const statuses = ['fresh', 'stale', 'failed', 'skipped', 'never asked'] as const
  const status = fc.constantFrom(...statuses)
  fc.assert(
    fc.property(status, status, status, (ofRelease, ofDeploy, ofHosts) => {
      const held: Held = {
        release: outcome('release', deployed, ofRelease),
        deploy: outcome('deploy', [], ofDeploy),
        queryHosts: outcome('query_hosts', { data: [well] }, ofHosts),
        hosts: patching([well]).hosts,
      }
      const allFresh = [ofRelease, ofDeploy, ofHosts].every((each) => each === 'fresh')
      expect(regionPatchCurrent(held)).toBe(allFresh ? true : null)
    }),
    { seed: 2, numRuns: 200 },
  )
})
