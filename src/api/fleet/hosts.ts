import type { RegionHost } from '../../fleet/region-facts.ts'
import type { RegionView } from '../../fleet/view.ts'
import { ageAt, type Field } from './fields.ts'
import { toResource } from './resource.ts'

/** One host, and where it is. */
interface HostRow {
  readonly region: RegionView
  readonly host: RegionHost
  /** When what is told of it was answered, ms since the epoch. */
  readonly observedAt: number
}

const fields: readonly Field<HostRow>[] = [
  {
    name: 'region_name',
    type: 'string',
    about: 'The region that the host is in.',
    get: ({ region }) => region.region.name,
  },
  {
    name: 'subcloud_name',
    type: 'string',
    about: 'What operators call the region.',
    get: ({ region }) => region.region.subcloud,
  },
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
    get: ({ host }) => host.sw_version,
  },
  {
    name: 'target_version',
    type: 'version',
    nullable: true,
    about: 'What it is moved to, during a deployment of USM.',
    get: ({ host }) => host.target_version,
  },
  {
    name: 'patch_current',
    type: 'boolean',
    nullable: true,
    about: 'Whether it runs what its region has deployed or applied. Null is unknown, never current.',
    get: ({ host }) => host.patch_current,
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
    name: 'last_seen_s',
    type: 'number',
    nullable: true,
    about: 'Seconds since it last reported to its region: as the region said, and as long as that is ago.',
    get: ({ host, observedAt }, at) => host.last_seen_s && host.last_seen_s + ageAt(at, observedAt),
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
    get: ({ observedAt }, at) => ageAt(at, observedAt),
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
  about: 'Every host that some region tells of: Patching always does, USM during a deployment.',
  parts: ['query_hosts', 'deploy_host'],
  fields,
  rows: ({ regions }) => regions.flatMap(({ region }) => rowsOf(region)),
})

const made = new WeakMap<RegionView, readonly HostRow[]>()

function rowsOf(region: RegionView): readonly HostRow[] {
  let rows = made.get(region)
  if (rows === undefined) {
    rows = region.hosts
      .toSorted((a, b) => (a.hostname < b.hostname ? -1 : 1))
      .map((host) => ({ region, host, observedAt: observedAt(region, host) }))
    made.set(region, rows)
  }
  return rows
}

function observedAt({ outcomes }: RegionView, { derived_from }: RegionHost): number {
  const outcome = derived_from === 'usm-deploy-host' ? outcomes.deploy_host : outcomes.query_hosts
  return outcome && 'provenance' in outcome ? outcome.provenance.observedAt : 0
}
