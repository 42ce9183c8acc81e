import type { RegionHost } from '../../fleet/region-facts.ts'
import type { RegionView } from '../../fleet/view.ts'
import { hostStates } from '../../model/facts.ts'
import { onceFor } from './chosen.ts'
import { ageAt, type Field } from './fields.ts'
import { regionColumns, versionOf } from './region-columns.ts'
import { toResource } from './resource.ts'

/** One host, and where it is. */
interface HostRow {
  readonly region: RegionView
  readonly host: RegionHost
}

const fields: readonly Field<HostRow>[] = [
  ...regionColumns<HostRow>(({ region }) => region.region),
  { name: 'hostname', type: 'string', about: 'Unique in its region.', get: ({ host }) => host.hostname },
  {
    name: 'node_type',
    type: 'string',
    nullable: true,
    about: 'As Patching tells it; USM does not.',
    get: ({ host }) => host.node_type,
  },
  {
    name: 'sw_version',
    type: 'version',
    nullable: true,
    about: 'What it runs.',
    get: ({ host }) => versionOf(host.sw_version),
  },
  {
    name: 'target_version',
    type: 'version',
    nullable: true,
    about: 'What it is moved to, during a deployment of USM.',
    get: ({ host }) => versionOf(host.target_version),
  },
  {
    name: 'patch_current',
    type: 'boolean',
    nullable: true,
    about: 'Whether it runs what its region has deployed or applied. Null is unknown, never current.',
    get: ({ host }) => host.patch_current,
  },
  {
    name: 'state',
    type: 'string',
    values: hostStates,
    about: 'What it is doing about its software (docs/facts.md).',
    get: ({ host }) => host.state,
  },
  {
    name: 'native_state',
    type: 'string',
    nullable: true,
    about: "The region's own word.",
    get: ({ host }) => host.native_state,
  },
  {
    name: 'reboot_required',
    type: 'boolean',
    nullable: true,
    about: 'Whether it has to be rebooted for what is applied.',
    get: ({ host }) => host.reboot_required,
  },
  {
    name: 'patch_failed',
    type: 'boolean',
    nullable: true,
    about: 'Whether the last attempt to bring it up to date failed.',
    get: ({ host }) => host.patch_failed,
  },
  {
    name: 'last_seen_s',
    type: 'number',
    nullable: true,
    about: 'Seconds since it last reported to its region: as the region said, and as long as that is ago.',
    get: ({ host }, at) => (host.last_seen_s === null ? null : host.last_seen_s + ageAt(at, host.observedAt)),
  },
  {
    name: 'derived_from',
    type: 'string',
    values: ['patching-query-hosts', 'usm-deploy-host'],
    about: 'The rule that gave `patch_current` (docs/facts.md).',
    get: ({ host }) => host.derived_from,
  },
  {
    name: 'age_s',
    type: 'number',
    about: 'Seconds since the region told this.',
    get: ({ host }, at) => ageAt(at, host.observedAt),
  },
  {
    name: 'vanished',
    type: 'boolean',
    about: 'Its region tells of it no more, since less than a day ago: the rest is as it was told last.',
    get: ({ host }) => host.toldAt !== undefined,
  },
  {
    name: 'stale',
    type: 'boolean',
    about: 'It is from a last good answer: the region did not give a younger one.',
    get: ({ host }) => host.stale,
  },
]

/** Every host that some region tells of. */
export const hosts = toResource<HostRow>({
  path: 'hosts',
  byRegion: true,
  about: 'Every host that some region tells of: Patching always does, USM during a deployment.',
  parts: ['query_hosts', 'deploy_host'],
  fields,
  rows: ({ regions }) => hostsAmong(regions),
})

const hostsAmong = onceFor((regions) => regions.flatMap(({ region }) => rowsOf(region)))

const made = new WeakMap<RegionView, readonly HostRow[]>()

function rowsOf(region: RegionView): readonly HostRow[] {
  let rows = made.get(region)
  if (rows === undefined) {
    rows = region.hosts
      .toSorted((a, b) => (a.hostname < b.hostname ? -1 : 1))
      .map((host) => ({ region, host }))
    made.set(region, rows)
  }
  return rows
}
