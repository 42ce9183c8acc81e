import { mutates } from '../replay/mutating.ts'
import { toReply } from '../replay/reply.ts'
import { pathOf } from '../replay/scenario.ts'
import type { Scenarios } from '../replay/scenario.ts'
import { createScriptedRegion } from '../support/scripted-region.ts'
import type { RegionRequest } from '../support/scripted-region.ts'
import type { Case } from './cases.ts'
import { answerToPart, sendAt } from './oracle/parts.ts'

export interface WritingRegion {
  readonly url: string
  /** What arrived that changes something, or could; in order. */
  readonly writes: () => readonly RegionRequest[]
  /** What else arrived, in order. */
  readonly reads: () => readonly RegionRequest[]
  close(): Promise<void>
}

/** A region that answers one recorded write as recorded, and every read as its release did in the same scenario. */
export async function createWritingRegion(
  scenarios: Scenarios,
  { write, plan }: Pick<Case, 'write' | 'plan'>,
): Promise<WritingRegion> {
  const isWrite = ({ method, path }: RegionRequest): boolean =>
    method !== 'GET' || mutates(write.api, pathOf(path))
  const region = await createScriptedRegion((request) => {
    if (!isWrite(request)) return toReply(scenarios.answer(write.scenario, request.path))
    const sends = plan.class === 'refused' ? [] : plan.sends
    return toReply(answerToPart(write, sends, sendAt(sends, request.path)))
  })
  return {
    url: region.url,
    writes: () => region.requests.filter(isWrite),
    reads: () => region.requests.filter((request) => !isWrite(request)),
    close: () => region.close(),
  }
}
