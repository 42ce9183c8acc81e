import { knownReleases, type FleetRelease } from '../../fleet/known-releases.ts'
import type { RegionView } from '../../fleet/view.ts'
import { releaseStates, type Release } from '../../model/facts.ts'
import { newestOf } from '../../model/version.ts'
import { onceFor } from './chosen.ts'
import type { Field } from './fields.ts'
import { ageColumns, regionColumns, versionOf } from './region-columns.ts'
import { toResource } from './resource.ts'

const identity: readonly Field<Pick<Release, 'id' | 'kind'>>[] = [
  { name: 'release_id', type: 'string', about: 'What regions call it.', get: ({ id }) => id },
  {
    name: 'kind',
    type: 'string',
    values: ['release', 'patch'],
    about: 'A release of USM, or a patch of Patching.',
    get: ({ kind }) => kind,
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

/** The releases and patches that regions know. */
export const releasesAmong = onceFor((regions) => knownReleases(regions.map(({ region }) => region)))

/** Every release and patch that some region knows, with the regions counted by state. */
export const releases = toResource<FleetRelease>({
  path: 'releases',
  about: 'Every release and patch that some region knows, with the regions counted by state.',
  parts: ['release', 'query'],
  fields,
  rows: ({ regions }) => releasesAmong(regions),
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
    ...identity.map(({ get, ...field }): Field<ReleaseRow> => ({
      ...field,
      get: ({ release }, at) => get(release, at),
    })),
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
    ...ageColumns<ReleaseRow>((row) => row),
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
