import { createScriptedRegion } from '../support/scripted-region.ts'
import type { ScriptedRegion } from '../support/scripted-region.ts'
import type { Classified } from './classify.ts'
import type { Recording } from './recordings.ts'
import { toReply } from './reply.ts'
import { sentPath } from './routes.ts'
import type { Scenarios } from './scenario.ts'

/** A region that answers as one recorded region did, in the state that the recording was made in. */
export interface ReplayedRegion extends ScriptedRegion {
  /** The recording that it answers a path with. */
  readonly answerTo: (path: string) => Recording
}

export async function createReplayedRegion(
  scenarios: Scenarios,
  recording: Recording,
  classified: Classified,
): Promise<ReplayedRegion> {
  const ownPath = replayedPath(scenarios, classified)
  const answerTo = (path: string): Recording =>
    path === ownPath ? recording : scenarios.answer(recording.scenario, path)
  const region = await createScriptedRegion(({ path }) => toReply(answerTo(path)))
  return { ...region, answerTo }
}

/** The path under which a recording is served; what a gateway never sends is served under none. */
function replayedPath({ wording }: Scenarios, classified: Classified): string | undefined {
  const isSent = classified.class === 'fault' || classified.class === 'relayed'
  return isSent ? sentPath(wording, classified.question) : undefined
}
