import type { Resource } from '../../src/model/reading.ts'
import type { KeptAnswer, KeptAnswers } from '../../src/state/answers.ts'

// What a region says at each tick is known beforehand: of whatever is found after a kill, it can be told whether it was said then.

export const tickingRegions = Array.from({ length: 8 }, (_, i) => `region-${i}`)
const questions: readonly Resource[] = ['release', 'deploy', 'query_hosts']

/** Each region changes what it says in a rhythm of its own, from each tick to never. */
export function saidAt(tick: number, region: string, resource: Resource): KeptAnswer {
  const rhythm = 1 + tickingRegions.indexOf(region) ** 2
  const edition = Math.floor(tick / rhythm)
  const body = Buffer.from(`${region} ${resource} ${edition} `.repeat(200 + (edition % 7) * 100))
  return { resource, dialect: `dialect-${edition % 2}`, body, observedAt: tick }
}

/** Whether this is just what was said at the time that it claims. */
export function wasSaid(region: string, answer: KeptAnswer): boolean {
  const { dialect, body } = saidAt(answer.observedAt, region, answer.resource)
  return answer.dialect === dialect && answer.body.equals(body)
}

/** All that is said at a tick. */
export function tell(answers: KeptAnswers, tick: number): void {
  for (const region of tickingRegions) {
    for (const resource of questions) answers.keep(region, saidAt(tick, region, resource))
    answers.keepHosts(region, `${tick}`, tick)
  }
}
