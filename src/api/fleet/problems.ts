import { problemsOf, type FleetProblem } from '../../fleet/problems.ts'
import { allParts } from '../../fleet/region-status.ts'
import { failureKinds } from '../../model/outcome.ts'
import { onceFor } from './chosen.ts'
import type { Field } from './fields.ts'
import { toResource } from './resource.ts'

/** Regions named one by one in a problem: `regions?failure_kind=…` has them all. */
const mostNames = 20

/** What a problem is told as. */
export const problemFields: readonly Field<FleetProblem>[] = [
  {
    name: 'kind',
    type: 'string',
    values: failureKinds,
    about: 'The kind of failure (docs/failures.md).',
    get: ({ kind }) => kind,
  },
  {
    name: 'reason',
    type: 'string',
    about: 'What these failures have in common: names, addresses and numbers left out.',
    get: ({ reason }) => reason,
  },
  {
    name: 'regions',
    type: 'number',
    about: 'How many regions have it.',
    get: ({ regions }) => regions.length,
  },
  {
    name: 'of',
    type: 'number',
    about: 'Of how many: those with these labels, or all that are not in a problem above.',
    get: ({ of }) => of,
  },
  {
    name: 'labels',
    type: 'labels',
    about: 'What exactly these regions have in common; empty where that is nothing.',
    get: ({ labels }) => labels,
  },
  {
    name: 'region_names',
    type: 'list',
    about: `The first ${mostNames} of them.`,
    get: ({ regions }) => regions.slice(0, mostNames).map(({ name }) => name),
  },
  {
    name: 'subcloud_names',
    type: 'list',
    about: 'The same, as people call them.',
    get: ({ regions }) => regions.slice(0, mostNames).map(({ subcloud }) => subcloud),
  },
  {
    name: 'resources',
    type: 'list',
    values: allParts,
    about: 'What could not be read.',
    get: ({ resources }) => resources,
  },
  { name: 'example', type: 'string', about: 'One of the messages.', get: ({ example }) => example },
  {
    name: 'first_failed_at',
    type: 'time',
    nullable: true,
    about: 'The earliest of the last attempts of each region; null where none was made yet.',
    get: ({ failedAt }) => failedAt?.first ?? null,
  },
  {
    name: 'last_failed_at',
    type: 'time',
    nullable: true,
    about: 'The latest of them.',
    get: ({ failedAt }) => failedAt?.last ?? null,
  },
]

/** What regions fail for. */
export const problemsAmong = onceFor(problemsOf)

/** Why regions are stale or failed, those with the same cause as one. */
export const problems = toResource<FleetProblem>({
  path: 'problems',
  about: 'Why regions are stale or failed: those with the same cause as one, those of most regions first.',
  parts: allParts,
  ofInventory: true,
  fields: problemFields,
  rows: ({ regions }) => problemsAmong(regions),
})
