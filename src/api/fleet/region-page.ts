import type { RegionDiary } from '../../fleet/diary.ts'
import { allParts, statusOf, type Part } from '../../fleet/region-status.ts'
import type { RegionView } from '../../fleet/view.ts'
import { mayHave } from '../../model/region.ts'
import { ageAt, toRecord, type FieldInfo } from './fields.ts'
import type { Judged } from './meta.ts'
import { partFields, regionFields } from './regions.ts'
import type { Asked, OneResource } from './resource.ts'

/** Of releases, deployments and hosts each: a damaged region may tell of any number. */
const mostTold = 1_000

/** What is told of one part of a region. */
const pageFields: readonly FieldInfo[] = [
  ...partFields,
  { name: 'observed_at', type: 'time', optional: true, about: 'When it was told.' },
  { name: 'records', type: 'number', optional: true, about: 'How many records there are.' },
  { name: 'message', type: 'string', optional: true, about: 'The failure as a sentence.' },
  { name: 'failed_at', type: 'time', optional: true, about: 'When the failed attempt ended.' },
  { name: 'asked_at', type: 'time', optional: true, about: 'When it was asked last.' },
  { name: 'took_ms', type: 'number', optional: true, about: 'How long that took, ms.' },
  { name: 'asked', type: 'string', optional: true, about: 'What came of it.' },
]

/** All that is held of one region, how it came, and what went wrong lately. */
export const regionPage: OneResource = {
  path: 'regions/{id}',
  about: 'All that is held of one region, its age, what went wrong lately, and what it speaks.',
  parts: allParts,
  ofInventory: true,
  ofRegion: true,
  fields: [
    ...regionFields.filter(({ name }) => name !== 'resources'),
    {
      name: 'resources',
      type: 'object',
      about: 'Of each part its status, its age, and how it was asked last.',
      members: allParts.map((part) => ({
        name: part,
        type: 'object',
        about: 'One part.',
        members: pageFields,
      })),
    },
    { name: 'services', type: 'object', about: 'Of each service its dialect, and how that was found out.' },
    { name: 'retry_at', type: 'time', nullable: true, about: 'When its earliest back-off ends.' },
    {
      name: 'failures',
      type: 'objects',
      about: 'The last different failures, the newest first; they stay when the region answers again.',
    },
    { name: 'releases', type: 'objects', about: 'Its releases and patches.' },
    { name: 'deployments', type: 'objects', about: 'Its deployment, if any.' },
    { name: 'hosts', type: 'objects', about: 'Its hosts.' },
  ],
  one(asked) {
    const [judged] = asked.regions
    return judged === undefined ? {} : page(asked, judged)
  },
}

function page({ shown: { at }, memory }: Asked, judged: Judged): Readonly<Record<string, unknown>> {
  const { region } = judged
  const diary = memory.diaryOf(region.region)
  const retryAt = memory.retryAt(region.region)
  return {
    ...toRecord(regionFields, judged, at),
    services: Object.fromEntries(
      (['usm', 'patching'] as const).map((service) => {
        const known = memory.dialectOf(region.region, service)
        return [
          service,
          {
            possible: mayHave(region.region, service),
            dialect: known?.name ?? null,
            found_out_by: known?.evidence ?? null,
          },
        ]
      }),
    ),
    resources: Object.fromEntries(allParts.map((part) => [part, partOf(region, part, diary, at)])),
    retry_at: retryAt === undefined ? null : iso(retryAt),
    failures: diary.failures.map(({ resource, kind, message, firstAt, lastAt, times }) => ({
      resource,
      kind,
      message,
      times,
      first_at: iso(firstAt),
      last_at: iso(lastAt),
    })),
    releases: region.releases.slice(0, mostTold).map(({ native_repostate, ...release }) => ({
      ...release,
      ...(native_repostate !== undefined && { native_repostate }),
    })),
    deployments: region.deployments.slice(0, mostTold),
    hosts: region.hosts.slice(0, mostTold).map(({ observedAt, toldAt, ...host }) => ({
      ...host,
      age_s: ageAt(at, observedAt),
      vanished: toldAt !== undefined,
    })),
  }
}

function partOf(region: RegionView, part: Part, { asks }: RegionDiary, at: number): unknown {
  const { status, cause, reason, observedAt } = statusOf(region, region.outcomes, [part])
  const outcome = region.outcomes[part]
  const asked = asks.get(part)
  return {
    status,
    ...(observedAt !== undefined && { observed_at: iso(observedAt), age_s: ageAt(at, observedAt) }),
    ...(outcome && 'reading' in outcome && { records: outcome.reading.items.length }),
    ...(cause && { kind: cause.kind, message: cause.message }),
    ...(cause?.at !== undefined && { failed_at: iso(cause.at) }),
    ...(cause === undefined && reason !== undefined && { reason }),
    ...(asked && { asked_at: iso(asked.at), took_ms: asked.took, asked: asked.outcome }),
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
