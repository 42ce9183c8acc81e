import type { RegionView } from '../../fleet/view.ts'
import { releaseStates, type Release, type ReleaseState } from '../../model/facts.ts'
import { newestOf } from '../../model/version.ts'
import { ageAt, type Field } from './fields.ts'
import { regionColumns, versionOf } from './region-columns.ts'
import { toResource } from './resource.ts'

/** A release, or a patch, over the fleet. */
export interface FleetRelease {
  readonly release: Release
  readonly swVersions: ReadonlySet<string>
  readonly regions: number
  readonly states: { readonly [S in ReleaseState]: number }
  /** Regions whose word on it is from a last good answer. */
  readonly stale: number
}

const identity: readonly Field<Pick<FleetRelease, 'release'>>[] = [
  { name: 'release_id', type: 'string', about: 'What regions call it.', get: ({ release }) => release.id },
  {
    name: 'kind',
    type: 'string',
    values: ['release', 'patch'],
    about: 'A release of USM, or a patch of Patching.',
    get: ({ release }) => release.kind,
  },
]

const fields: readonly Field<FleetRelease>[] = [
  ...identity,
  {
    name: 'sw_version',
    type: 'version',
    nullable: true,
    about: 'Its version; the newest where regions differ.',
    get: ({ swVersions }) => newestOf(swVersions) ?? null,
  },
  { name: 'regions', type: 'number', about: 'Regions that know it.', get: ({ regions }) => regions },
  {
    name: 'states',
    type: 'list',
    values: releaseStates,
    about: 'Those that it has in some region (docs/facts.md).',
    get: ({ states }) => releaseStates.filter((state) => states[state] > 0),
  },
  ...releaseStates.map((state): Field<FleetRelease> => ({
    name: state,
    type: 'number',
    about: `Regions in which it is ${state}.`,
    get: ({ states }) => states[state],
  })),
  {
    name: 'stale',
    type: 'number',
    about: 'Regions whose word on it is from a last good answer.',
    get: ({ stale }) => stale,
  },
]

/** Every release and patch that some region knows, with the regions counted by state. */
export const releases = toResource<FleetRelease>({
  path: 'releases',
  about: 'Every release and patch that some region knows, with the regions counted by state.',
  parts: ['release', 'query'],
  fields,
  rows: ({ regions }) => releasesOf(regions.map(({ region }) => region)),
})

interface ReleaseRow {
  readonly region: RegionView
  readonly release: Release
  /** ms since the epoch */
  readonly observedAt: number
  readonly stale: boolean
}

/** One release or patch, in every region that knows it. */
export const releaseRegions = toResource<ReleaseRow>({
  path: 'releases/{id}',
  about: 'One release or patch, in every region that knows it.',
  parts: ['release', 'query'],
  fields: [
    ...regionColumns<ReleaseRow>(({ region }) => region.region),
    ...identity,
    {
      name: 'sw_version',
      type: 'version',
      nullable: true,
      about: 'Its version.',
      get: ({ release }) => versionOf(release.sw_version),
    },
    {
      name: 'state',
      type: 'string',
      values: releaseStates,
      about: 'Its state there (docs/facts.md).',
      get: ({ release }) => release.state,
    },
    {
      name: 'native_state',
      type: 'string',
      nullable: true,
      about: "The region's own word.",
      get: ({ release }) => release.native_state,
    },
    {
      name: 'reboot_required',
      type: 'boolean',
      nullable: true,
      about: 'Whether hosts are rebooted for it.',
      get: ({ release }) => release.reboot_required,
    },
    {
      name: 'requires',
      type: 'list',
      about: 'What has to be there before it.',
      get: ({ release }) => release.requires,
    },
    {
      name: 'age_s',
      type: 'number',
      about: 'Seconds since the region told this.',
      get: ({ observedAt }, at) => ageAt(at, observedAt),
    },
    {
      name: 'stale',
      type: 'boolean',
      about: 'It is from a last good answer: the region did not give a younger one.',
      get: ({ stale }) => stale,
    },
  ],
  rows: ({ regions, id }) => regions.flatMap(({ region }) => rowsOf(region, id)),
})

function rowsOf(region: RegionView, id: string): readonly ReleaseRow[] {
  const { release, query } = region.outcomes
  return [release, query].flatMap((outcome) => {
    if (outcome === undefined || !('reading' in outcome)) return []
    const { observedAt } = outcome.provenance
    const stale = outcome.status !== 'fresh'
    return outcome.reading.items
      .filter((each) => each.id === id)
      .map((each) => ({ region, release: each, observedAt, stale }))
  })
}

/** By id, then releases before patches. */
export function releasesOf(regions: readonly RegionView[]): readonly FleetRelease[] {
  const found = new Map<string, Counted>()
  for (const { outcomes } of regions) {
    for (const outcome of [outcomes.release, outcomes.query]) {
      if (outcome && 'reading' in outcome) count(found, outcome.reading.items, outcome.status === 'stale')
    }
  }
  return [...found.values()].sort((a, b) =>
    a.release.id === b.release.id
      ? Number(a.release.kind === 'patch') - Number(b.release.kind === 'patch')
      : a.release.id < b.release.id
        ? -1
        : 1,
  )
}

interface Counted extends FleetRelease {
  swVersions: Set<string>
  regions: number
  states: { [S in ReleaseState]: number }
  stale: number
}

function count(found: Map<string, Counted>, items: readonly Release[], stale: boolean): void {
  for (const release of items) {
    const key = `${release.kind}\n${release.id}`
    let counted = found.get(key)
    if (counted === undefined) {
      const states = Object.fromEntries(releaseStates.map((state) => [state, 0])) as Counted['states']
      counted = { release, swVersions: new Set(), regions: 0, states, stale: 0 }
      found.set(key, counted)
    }
    counted.regions++
    counted.states[release.state]++
    if (stale) counted.stale++
    if (release.sw_version !== null) counted.swVersions.add(release.sw_version)
  }
}
