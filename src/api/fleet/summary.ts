import { majorMinor } from '../../fleet/baseline.ts'
import { allParts } from '../../fleet/region-status.ts'
import { onceFor } from './chosen.ts'
import { ageAt, toRecord, type FieldInfo } from './fields.ts'
import type { Judged } from './meta.ts'
import { problemFields, problemsAmong } from './problems.ts'
import { releasesAmong } from './releases.ts'
import type { OneResource } from './resource.ts'

const mostReleases = 10
const mostProblems = 5

const threefoldFields: readonly FieldInfo[] = [
  { name: 'true', type: 'number', about: 'Of how many it is so.' },
  { name: 'false', type: 'number', about: 'Of how many it is not so.' },
  { name: 'unknown', type: 'number', about: 'Of how many it is not known.' },
]

/** The first screen: what is so, what is not known, and why. */
export const summary: OneResource = {
  path: 'summary',
  about: 'The first screen in one small answer: what is current, what is moving, what is not known, and why.',
  parts: allParts,
  ofInventory: true,
  fields: [
    {
      name: 'patch_current',
      type: 'object',
      about: 'Regions and hosts by `patch_current`: true, false, unknown.',
      members: [
        { name: 'regions', type: 'object', about: 'Regions.', members: threefoldFields },
        {
          name: 'hosts',
          type: 'object',
          about: 'Hosts that some region tells of.',
          members: threefoldFields,
        },
      ],
    },
    {
      name: 'at_baseline',
      type: 'object',
      about: 'Regions by `at_baseline`: true, false, unknown.',
      members: threefoldFields,
    },
    { name: 'sw_versions', type: 'counts', about: 'Regions by the version that they run, major and minor.' },
    {
      name: 'releases',
      type: 'objects',
      about: `The ${mostReleases} releases and patches that most regions have deployed.`,
      members: [
        { name: 'release_id', type: 'string', about: 'What regions call it.' },
        { name: 'kind', type: 'string', values: ['release', 'patch'], about: 'Of USM, or of Patching.' },
        { name: 'regions', type: 'number', about: 'Regions that know it.' },
        { name: 'states', type: 'counts', about: 'Regions by the state that it has there.' },
      ],
    },
    {
      name: 'deployments',
      type: 'object',
      about: 'Deployments under way.',
      members: [
        { name: 'total', type: 'number', about: 'How many.' },
        { name: 'states', type: 'counts', about: 'How many in which state.' },
      ],
    },
    {
      name: 'problems',
      type: 'objects',
      about: `The ${mostProblems} problems of most regions.`,
      members: problemFields,
    },
    { name: 'problems_total', type: 'number', about: 'How many problems there are.' },
    {
      name: 'oldest',
      type: 'object',
      nullable: true,
      about: 'The region whose data is oldest, and its age.',
      members: [
        { name: 'region_name', type: 'string', about: 'Which region.' },
        { name: 'age_s', type: 'number', about: 'Seconds since it told what is oldest of it.' },
      ],
    },
  ],
  one: ({ shown, regions }) => ({ ...countsOf(regions), ...worstOf(regions, shown.at) }),
}

/** As old as its view: made once for all who ask. */
const countsOf = onceFor((judged) => {
  const regions = { true: 0, false: 0, unknown: 0 }
  const hosts = { true: 0, false: 0, unknown: 0 }
  const baseline = { true: 0, false: 0, unknown: 0 }
  const versions = new Map<string, number>()
  const states = new Map<string, number>()
  for (const { region } of judged) {
    regions[nameOf(region.patchCurrent)]++
    baseline[nameOf(region.atBaseline)]++
    hosts.true += region.hostCounts.current
    hosts.false += region.hostCounts.notCurrent
    hosts.unknown += region.hostCounts.unknown
    countIn(versions, region.swVersion ?? 'unknown')
    for (const { state } of region.deployments) countIn(states, state)
  }
  return {
    patch_current: { regions, hosts },
    at_baseline: baseline,
    sw_versions: mostFirst(byMajorMinor(versions)),
    releases: mostDeployed(judged),
    deployments: { total: [...states.values()].reduce((a, b) => a + b, 0), states: mostFirst(states) },
  }
})

/** Unknown is counted apart: it is neither. */
function nameOf(verdict: boolean | null): 'true' | 'false' | 'unknown' {
  return verdict === null ? 'unknown' : verdict ? 'true' : 'false'
}

function countIn(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

function byMajorMinor(versions: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const [version, count] of versions) countIn(counts, majorMinor(version), count)
  return counts
}

function mostFirst(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a))
}

function mostDeployed(judged: readonly Judged[]): readonly unknown[] {
  return releasesAmong(judged)
    .toSorted((a, b) => b.states.deployed - a.states.deployed)
    .slice(0, mostReleases)
    .map(({ id, kind, regions, states }) => ({
      release_id: id,
      kind,
      regions,
      states: Object.fromEntries(Object.entries(states).filter(([, count]) => count > 0)),
    }))
}

function worstOf(judged: readonly Judged[], at: number): Readonly<Record<string, unknown>> {
  const problems = problemsAmong(judged)
  return {
    problems: problems.slice(0, mostProblems).map((problem) => toRecord(problemFields, problem, at)),
    problems_total: problems.length,
    oldest: oldestOf(judged, at),
  }
}

/** The region whose oldest part is older than that of any other. */
function oldestOf(judged: readonly Judged[], at: number): unknown {
  let found: { readonly name: string; readonly observedAt: number } | undefined
  for (const { region, status } of judged) {
    const { observedAt } = status
    if (observedAt !== undefined && observedAt < (found?.observedAt ?? Infinity)) {
      found = { name: region.region.name, observedAt }
    }
  }
  return found ? { region_name: found.name, age_s: ageAt(at, found.observedAt) } : null
}
