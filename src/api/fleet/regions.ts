import type { HostCounts } from '../../fleet/region-facts.ts'
import { allParts, statusOf, type RegionStatus } from '../../fleet/region-status.ts'
import type { RegionView } from '../../fleet/view.ts'
import { deploymentStates } from '../../model/facts.ts'
import { failureKinds, outcomeStatuses } from '../../model/outcome.ts'
import { ageAt, type Field, type FieldInfo } from './fields.ts'
import type { Judged } from './meta.ts'
import { regionColumns } from './region-columns.ts'
import { toResource } from './resource.ts'

/** The status and age of one part of a region; `regions/{id}` tells more of it. */
export const partFields: readonly FieldInfo[] = [
  { name: 'status', type: 'string', values: outcomeStatuses, about: 'How it ended.' },
  { name: 'age_s', type: 'number', optional: true, about: 'Seconds since it was told.' },
  { name: 'kind', type: 'string', values: failureKinds, optional: true, about: 'The kind of failure.' },
  { name: 'reason', type: 'string', optional: true, about: 'Why it is unsupported or skipped.' },
]

/** A region as lists and its own page tell of it. */
export const regionFields: readonly Field<Judged>[] = [
  ...regionColumns<Judged>(({ region }) => region.region).filter(({ type }) => type !== 'labels'),
  {
    name: 'status',
    type: 'string',
    values: outcomeStatuses,
    about: 'Of all that is kept young of it, see `resources`.',
    get: ({ status }) => status.status,
  },
  {
    name: 'up',
    type: 'boolean',
    nullable: true,
    about: 'Whether the last attempt got a usable answer; null before the first, and while skipped.',
    get: ({ region }) => region.up ?? null,
  },
  {
    name: 'dialects',
    type: 'list',
    about: 'What it speaks, of each service that has answered.',
    get: ({ region }) => dialectsOf(region),
  },
  {
    name: 'sw_version',
    type: 'version',
    nullable: true,
    about: 'What it runs: its newest deployed release, else what its hosts report.',
    get: ({ region }) => region.swVersion ?? null,
  },
  {
    name: 'patch_current',
    type: 'boolean',
    nullable: true,
    about: 'Every host runs what the region has deployed or applied. Null is unknown, never current.',
    get: ({ region }) => region.patchCurrent,
  },
  {
    name: 'at_baseline',
    type: 'boolean',
    nullable: true,
    about: 'It is not behind the configured baseline. Null without one, or where unknown.',
    get: ({ region }) => region.atBaseline,
  },
  {
    name: 'labels',
    type: 'labels',
    about: 'Of the inventory.',
    get: ({ region }) => region.region.labels,
  },
  {
    name: 'hosts_total',
    type: 'number',
    nullable: true,
    about: 'How many hosts it tells of; null, as the next three, where it has not told.',
    get: ({ region }) => (tellsHosts(region) ? region.hosts.length : null),
  },
  {
    name: 'hosts_current',
    type: 'number',
    nullable: true,
    about: 'Of these, patch-current.',
    get: ({ region }) => countOf(region, 'current'),
  },
  {
    name: 'hosts_not_current',
    type: 'number',
    nullable: true,
    about: 'Of these, not patch-current.',
    get: ({ region }) => countOf(region, 'notCurrent'),
  },
  {
    name: 'hosts_unknown',
    type: 'number',
    nullable: true,
    about: 'Of these, not known to be either.',
    get: ({ region }) => countOf(region, 'unknown'),
  },
  {
    name: 'deployment_state',
    type: 'string',
    values: deploymentStates,
    nullable: true,
    about: 'Of the deployment that USM tells of; null without one.',
    get: ({ region }) => region.deployments[0]?.state ?? null,
  },
  {
    name: 'age_s',
    type: 'number',
    nullable: true,
    about: 'Seconds since its oldest part was told; null where nothing is held.',
    get: ({ status }, at) => (status.observedAt === undefined ? null : ageAt(at, status.observedAt)),
  },
  {
    name: 'failure_kind',
    type: 'string',
    values: failureKinds,
    nullable: true,
    about: 'Why it is stale or failed (docs/failures.md).',
    get: ({ status }) => status.cause?.kind ?? null,
  },
  {
    name: 'failure_message',
    type: 'string',
    nullable: true,
    about: 'The same as a sentence.',
    get: ({ status }) => status.cause?.message ?? null,
  },
  {
    name: 'failed_at',
    type: 'time',
    nullable: true,
    about: 'When that attempt ended.',
    get: ({ status }) => status.cause?.at ?? null,
  },
  {
    name: 'resources',
    type: 'object',
    about: 'The status and age of each part.',
    members: allParts.map((part) => ({
      name: part,
      type: 'object',
      about: 'One part.',
      members: partFields,
    })),
    get: ({ region }, at) =>
      Object.fromEntries(allParts.map((part) => [part, told(statusOf(region, region.outcomes, [part]), at)])),
  },
]

/** Every region of the inventory, whatever became of it. */
export const regions = toResource<Judged>({
  path: 'regions',
  byRegion: true,
  about: 'Every region of the inventory, whatever became of it.',
  parts: allParts,
  ofInventory: true,
  fields: regionFields,
  rows: ({ regions: judged }) => judged,
})

function told({ status, cause, reason, observedAt }: RegionStatus, at: number): unknown {
  return {
    status,
    ...(observedAt !== undefined && { age_s: ageAt(at, observedAt) }),
    ...(cause && { kind: cause.kind }),
    ...(cause === undefined && reason !== undefined && { reason }),
  }
}

function dialectsOf({ outcomes }: RegionView): readonly string[] {
  const found = allParts.flatMap((part) => {
    const outcome = outcomes[part]
    return outcome && 'provenance' in outcome ? [outcome.provenance.dialect] : []
  })
  return [...new Set(found)]
}

function tellsHosts({ outcomes: { query_hosts, deploy_host } }: RegionView): boolean {
  return [query_hosts, deploy_host].some((outcome) => outcome !== undefined && 'reading' in outcome)
}

function countOf(region: RegionView, which: keyof HostCounts): number | null {
  return tellsHosts(region) ? region.hostCounts[which] : null
}
