import { judge } from './oracle/failure.ts'
import { isObject, parseJson } from './json.ts'
import { mutates } from './mutating.ts'
import { pathSegments, readAtDoor, readElsewhere, sentPath } from './routes.ts'
import type { Wording } from './routes.ts'
import type { RecordedRelease, Recording } from './recordings.ts'

const restingScenarios = { usm: ['idle', 'simplex-idle'], patching: ['steady'] }

/** What the regions of one recorded release answer, by scenario and path. */
export interface Scenarios {
  readonly wording: Wording
  answer(scenario: string, path: string): Recording
}

export function createScenarios(release: RecordedRelease): Scenarios {
  const wording = wordingOf(release)
  const unknown = unknownPathAnswer(release, wording)

  const answer = (scenario: string, path: string): Recording => {
    const at = (name: string): readonly Recording[] =>
      release.reads
        .filter((recording) => recording.scenario === name && recording.target === path)
        .toSorted(plainestFirst)
    const own = at(scenario)
    const resting = restingScenarios[release.api].flatMap(at)
    const usable = [...own, ...resting].find((recording) => isUsable(wording, recording))
    return usable ?? own[0] ?? resting[0] ?? unknown
  }
  return { wording, answer }
}

/** How the regions of this release word their reads: told from what they answered, not from the release's name. */
function wordingOf({ api, reads }: RecordedRelease): Wording {
  if (api === 'patching') return 'patching'
  const listsByVerb = reads.some(({ answer }) => {
    const body = answer?.status === 200 ? parseJson(answer.body) : undefined
    return isObject(body) && isObject(body['sd'])
  })
  return listsByVerb ? 'verbs' : 'resources'
}

/** Unauthenticated listeners first: their answers say most about the service and least about the token. */
function plainestFirst(one: Recording, other: Recording): number {
  return byRank(one) - byRank(other) || (one.name < other.name ? -1 : 1)
}

function byRank(recording: Recording): number {
  const withoutToken =
    recording.asked['x-auth-token'] === undefined && recording.asked['oidc-token'] === undefined
  return (
    (withoutToken ? 0 : 1) + (recording.answer?.status === 200 ? 0 : 2) + (acceptsJson(recording) ? 0 : 4)
  )
}

/** Whether the request asked, as a gateway does, for JSON or for whatever there is. */
export function acceptsJson(recording: Recording): boolean {
  const ranges = (recording.asked['accept'] ?? '*/*')
    .split(',')
    .map((range) => range.split(';')[0]?.trim().toLowerCase())
  return ranges.includes('application/json') || ranges.every((range) => range === '*/*')
}

function isUsable(wording: Wording, recording: Recording): boolean {
  if (recording.answer?.status !== 200) return false
  const question = readAtDoor(recording.target) ?? readElsewhere(wording, recording.target)
  if (question === undefined || sentPath(wording, question) !== recording.target) {
    return parseJson(recording.answer.body) !== undefined
  }
  return 'json' in judge(wording, question, recording)
}

/** How this release turns away a path it does not know: the plainest such path that was ever tried. */
function unknownPathAnswer(release: RecordedRelease, wording: Wording): Recording {
  const known = new Set(
    release.reads.filter(({ answer }) => answer?.status === 200).map(({ target }) => pathOf(target)),
  )
  const unknown = release.reads
    .filter(({ answer }) => [404, 405, 500].includes(answer?.status ?? 0))
    .filter(({ api, target }) => !known.has(pathOf(target)) && !mutates(api, pathOf(target)))
    .filter(({ target }) => isUnknownTo(wording, pathOf(target)))
    .toSorted((one, other) => depth(one) - depth(other) || plainestFirst(one, other))
  return unknown[0] ?? plainNotFound(release)
}

function isUnknownTo(wording: Wording, pathname: string): boolean {
  const question = readAtDoor(pathname) ?? readElsewhere(wording, pathname)
  if (question === undefined) return true
  return question.id === undefined && sentPath(wording, question) !== pathname
}

function depth({ target }: Recording): number {
  return pathSegments(pathOf(target)).length
}

function plainNotFound({ api, release }: RecordedRelease): Recording {
  const body = JSON.stringify({ info: '', warning: '', error: 'Not found' })
  const headers = [['Content-Type', 'application/json'] as const]
  const answer = { status: 404, httpVersion: '1.0' as const, headers, body }
  return { api, release, name: 'plain-404', scenario: '', method: 'GET', target: '/', asked: {}, answer }
}

export function pathOf(target: string): string {
  return target.split('?')[0] ?? target
}
