import { classify } from './classify.ts'
import type { Classified } from './classify.ts'
import type { RecordedRelease, Recording } from './recordings.ts'
import { createScenarios } from './scenario.ts'

/** One recording and what is replayed of it. */
export interface Case {
  readonly title: string
  /** The `region_name` of the region that replays it. */
  readonly region: string
  readonly recording: Recording
  readonly classified: Classified
}

export function casesOf(release: RecordedRelease): readonly Case[] {
  const { wording } = createScenarios(release)
  return release.reads.map((recording) => ({
    title: `${recording.name}: GET ${recording.target}`,
    region: `${recording.api}-${recording.release}-${recording.name}`,
    recording,
    classified: classify(wording, recording),
  }))
}
