import { judge } from './oracle/failure.ts'
import { parseJson } from './json.ts'
import { mutates } from './mutating.ts'
import { belongsTo, doorPath, isPlainId, readAtDoor, readElsewhere, sentPath } from './routes.ts'
import { acceptsJson, pathOf } from './scenario.ts'
import type { Recording } from './recordings.ts'
import type { Question, Wording } from './routes.ts'

export const classNames = ['refused', 'ours', 'fault', 'relayed'] as const
export type ClassName = (typeof classNames)[number]

/** What to ask at door 1 for a recording; `door` carries the recorded query, but no selection yet. */
export type Classified =
  | { readonly class: 'refused'; readonly door: string }
  | { readonly class: 'ours'; readonly about: 'version' | 'nowhere'; readonly door: string }
  | { readonly class: 'ours'; readonly about: 'question'; readonly door: string; readonly question: Question }
  | { readonly class: 'fault' | 'relayed'; readonly door: string; readonly question: Question }

/** Puts a recorded GET into the first class that fits. */
export function classify(wording: Wording, recording: Recording): Classified {
  const { api, target, answer } = recording
  const pathname = pathOf(target)
  if (mutates(api, pathname)) return { class: 'refused', door: target }

  const question = questionOf(wording, recording)
  if (question === undefined) {
    const about = isVersionPath(pathname) ? 'version' : 'nowhere'
    return { class: 'ours', about, door: target }
  }
  const door = doorPath(question) + target.slice(pathname.length)
  const isSent = withoutSlash(pathname) === sentPath(wording, question) && isWholeRead(question)
  const isAlias = isWholeRead(question) && answer?.status === 200 && parseJson(answer.body) !== undefined
  if (target.includes('?') || !(isSent || isAlias) || !acceptsJson(recording) || !belongsTo(api, question)) {
    return { class: 'ours', about: 'question', door, question }
  }
  const works = answer?.status === 200 && recording.transportError === undefined
  const isFault = !works || kindOf(wording, question, recording) === 'malformed'
  return { class: isFault ? 'fault' : 'relayed', door, question }
}

function kindOf(wording: Wording, question: Question, recording: Recording): string | undefined {
  const judgement = judge(wording, question, recording)
  return 'kind' in judgement ? judgement.kind : undefined
}

function questionOf(wording: Wording, { api, target, answer }: Recording): Question | undefined {
  const pathname = pathOf(target)
  const elsewhere = readElsewhere(wording, pathname)
  // `/v1/` of Patching is its list, but `/v1` of the gateway is the version document.
  const answersJson = answer?.status === 200 && parseJson(answer.body) !== undefined
  if (elsewhere !== undefined && (api === 'usm' || answersJson)) return elsewhere
  return readAtDoor(pathname)
}

/** Reads of one id of a list are taken from the list, and an odd id goes nowhere: neither is ever sent. */
function isWholeRead(question: Question): boolean {
  return question.read !== 'release' && question.read !== 'release_is' && isPlainId(question.id ?? 'none')
}

function isVersionPath(pathname: string): boolean {
  return pathname === '/' || pathname === '/v1' || pathname === '/v1/'
}

function withoutSlash(pathname: string): string {
  return pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname
}
