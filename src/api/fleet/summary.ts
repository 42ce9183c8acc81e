import { majorMinor } from '../../fleet/baseline.ts'
import { problemsOf } from '../../fleet/problems.ts'
import { allParts } from '../../fleet/region-status.ts'
import type { RegionView } from '../../fleet/view.ts'
import { ageAt, toRecord, type FieldInfo } from './fields.ts'
import type { Judged } from './meta.ts'
import { problemFields } from './problems.ts'
import { releasesOf } from './releases.ts'
import type { Asked, OneResource } from './resource.ts'

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
  one(asked) {
    const { shown, regions: judged } = asked
    const regions = judged.map(({ region }) => region)
    const deployments = regions.flatMap((region) => region.deployments)
    const problems = problemsOf(regions)
    return {
      patch_current: {
        regions: threefold(regions, ({ patchCurrent }) => patchCurrent),
        hosts: threefold(
          regions.flatMap(({ hosts }) => hosts),
          ({ patch_current }) => patch_current,
        ),
      },
      at_baseline: threefold(regions, ({ atBaseline }) => atBaseline),
      sw_versions: countBy(regions, ({ swVersion }) =>
        swVersion === undefined ? 'unknown' : majorMinor(swVersion),
      ),
      releases: mostDeployed(regions),
      deployments: { total: deployments.length, states: countBy(deployments, ({ state }) => state) },
      problems: problems.slice(0, mostProblems).map((problem) => toRecord(problemFields, problem, shown.at)),
      problems_total: problems.length,
      oldest: oldest(asked, judged),
    }
  },
}

/** Unknown is counted apart: it is neither. */
function threefold<Item>(
  items: readonly Item[],
  verdict: (item: Item) => boolean | null,
): { readonly true: number; readonly false: number; readonly unknown: number } {
  const counts = { true: 0, false: 0, unknown: 0 }
  for (const item of items) {
    const found = verdict(item)
    counts[found === null ? 'unknown' : found ? 'true' : 'false']++
  }
  return counts
}

function countBy<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a))
}

function mostDeployed(regions: readonly RegionView[]): readonly unknown[] {
  return releasesOf(regions)
    .toSorted((a, b) => b.states.deployed - a.states.deployed)
    .slice(0, mostReleases)
    .map(({ release, regions: known, states }) => ({
      release_id: release.id,
      kind: release.kind,
      regions: known,
      states: Object.fromEntries(Object.entries(states).filter(([, count]) => count > 0)),
    }))
}

/** The region whose oldest part is older than that of any other. */
function oldest({ shown }: Asked, judged: readonly Judged[]): unknown {
  let found: { readonly name: string; readonly observedAt: number } | undefined
  for (const { region, status } of judged) {
    const { observedAt } = status
    if (observedAt !== undefined && observedAt < (found?.observedAt ?? Infinity)) {
      found = { name: region.region.name, observedAt }
    }
  }
  return found ? { region_name: found.name, age_s: ageAt(shown.at, found.observedAt) } : null
}
