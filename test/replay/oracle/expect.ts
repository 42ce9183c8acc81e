import { isArray, isObject } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import { isPlainId } from '../routes.ts'
import type { Question, Read, Wording } from '../routes.ts'
import type { Asked, Expected } from './expected.ts'
import type { Judgement } from './failure.ts'
import { filterReleases } from './filters.ts'
import type { Filtered } from './filters.ts'
import { filterPatchMap, queryAnswer, showAnswers } from './patches.ts'
import { toDocumented } from './translate.ts'

/** What the contract makes of a region's answer: every answer that it allows, most often one. */
export function expectedAnswers(wording: Wording, asked: Asked, judged: Judgement): readonly Expected[] {
  const { question, query } = asked
  const refusal = refusalOf(question, query)
  if (refusal !== undefined) return refusal
  if ('kind' in judged) return [{ status: 503, kind: judged.kind }]
  return answers[question.read](asked, toDocumented(wording, question.read, judged.json))
}

/** Bad questions are refused whatever the region would say. */
function refusalOf({ read, id }: Question, query: URLSearchParams): readonly Expected[] | undefined {
  if (read === 'show' && id !== undefined && !isPlainId(id)) return [{ status: 400 }, { status: 404 }]
  if (query.size === 0) return undefined
  if (read !== 'releases' && read !== 'query') return [{ status: 400 }]
  const results = read === 'releases' ? filterReleases([], query) : filterPatchMap({}, query)
  return results.every((result) => result === 'bad request') ? [{ status: 400 }] : undefined
}

type Answers = (asked: Asked, documented: Json) => readonly Expected[]

const answers: Readonly<Record<Read, Answers>> = {
  releases: (asked, json) => filterReleases(recordsOf(json), asked.query).map((kept) => listed(asked, kept)),
  release: (asked, json) => {
    const found = releaseNamed(asked.question.id, json)
    const refusals: readonly Expected[] = isOdd(asked) ? [{ status: 400 }, { status: 404 }] : []
    return [found === undefined ? { status: 404 } : single(asked, found), ...refusals]
  },
  release_is: (asked, json) => {
    const flag = asked.question.flag ?? ''
    const state = releaseNamed(asked.question.id, json)?.['state']
    const holds = typeof state === 'string' && `is_${state}` === flag
    const refusals: readonly Expected[] = isOdd(asked) ? [{ status: 400 }, { status: 404 }] : []
    return [answered(isMerged(asked) ? [{ region_name: asked.region, [flag]: holds }] : holds), ...refusals]
  },
  deploy: (asked, json) => [listed(asked, recordsOf(json))],
  deploy_host: (asked, json) => [listed(asked, recordsOf(json))],
  software_upgrade: (asked, json) => [
    isObject(json) ? single(asked, json) : answered(isMerged(asked) ? [] : null),
  ],
  in_sync_controller: (asked, json) => {
    const inSync = { in_sync: isObject(json) ? (json['in_sync'] ?? null) : null }
    return [single(asked, isMerged(asked) || !isObject(json) ? inSync : json)]
  },
  query_hosts: (asked, json) => {
    const hosts = isObject(json) ? (json['data'] ?? []) : []
    return [answered({ data: recordsOf(hosts).map((host) => named(asked, host)) })]
  },
  query: (asked, json) =>
    filterPatchMap(isObject(json) ? json['pd'] : {}, asked.query).map((kept) =>
      kept === 'bad request' ? { status: 400 } : answered(queryAnswer(kept, asked.region, isMerged(asked))),
    ),
  show: (asked, json) => showAnswers(isObject(json) ? json : {}, asked.region, isMerged(asked)),
}

function listed(asked: Asked, records: Filtered): Expected {
  if (records === 'bad request') return { status: 400 }
  return answered(records.map((record) => named(asked, record)))
}

function single(asked: Asked, record: JsonObject): Expected {
  return answered(isMerged(asked) ? [named(asked, record)] : named(asked, record))
}

function answered(body: Json): Expected {
  return { status: 200, body }
}

function named({ region }: Asked, record: JsonObject): JsonObject {
  return { ...record, region_name: region }
}

function isMerged({ shape }: Asked): boolean {
  return shape === 'merged'
}

/** An id that a gateway may also refuse for its spelling. */
function isOdd({ question }: Asked): boolean {
  return question.id !== undefined && !isPlainId(question.id)
}

function releaseNamed(id: string | undefined, json: Json): JsonObject | undefined {
  return recordsOf(json).find((record) => record['release_id'] === id)
}

function recordsOf(json: Json): readonly JsonObject[] {
  return isArray(json) ? json.filter(isObject) : []
}
