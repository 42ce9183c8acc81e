import { isObject, parseJson } from '../replay/json.ts'
import { createScenarios } from '../replay/scenario.ts'
import type { Scenarios } from '../replay/scenario.ts'
import { planFor } from './oracle/plan.ts'
import type { Plan } from './oracle/plan.ts'
import type { RecordedWrite, RecordedWrites } from './recordings.ts'

/** One recorded write, and what must become of it. */
export interface Case {
  readonly title: string
  /** The `region_name` of the region that replays it. */
  readonly region: string
  /** What that region calls itself: as the recorded client called it, where it did. */
  readonly ownName: string
  readonly write: RecordedWrite
  readonly plan: Plan
}

export function casesOf(release: RecordedWrites): { cases: readonly Case[]; scenarios: Scenarios } {
  const scenarios = createScenarios(release.reads)
  const cases = release.writes.map((write) => {
    const ownName = namedRegion(write) ?? `own-name-of-${write.name}`
    return {
      title: `${write.name}: ${write.method} ${write.target}`,
      region: `${write.api}-${write.release}-${write.name}`,
      ownName,
      write,
      plan: planFor(scenarios, write, ownName),
    }
  })
  return { cases, scenarios }
}

/** The region that a recorded client named, in its query or in its body. */
export function namedRegion({ target, body }: RecordedWrite): string | undefined {
  const text = body.toString('utf8')
  const json = parseJson(text)
  const inBody = isObject(json) ? json['region_name'] : new URLSearchParams(text).get('region_name')
  const inQuery = new URL(target, 'http://region').searchParams.get('region_name')
  const named = inQuery ?? inBody
  return typeof named === 'string' && named !== '' ? named : undefined
}
