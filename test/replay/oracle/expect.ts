import { isArray, isObject } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import { isPlainId } from '../routes.ts'
import type { Read, Wording } from '../routes.ts'
import type { Asked, Expected } from './expected.ts'
import type { Judgement } from './failure.ts'
import { filterReleases } from './filters.ts'
import type { Filtered } from './filters.ts'
import { filterPatchMap, queryAnswer, showAnswers } from './patches.ts'
import { toDocumented } from './translate.ts'

/** What the contract makes of a region's answer: every answer that it allows, most often one. */
export function expectedAnswers(wording: Wording, asked: Asked, judged: Judgement): readonly Expected[] {
  const { question } = asked
  if (hasBadQuery(asked)) return [badRequest]
  if (question.read === 'show' && hasOddId(asked)) return refusals
  const forSpelling = hasOddId(asked) ? refusals : []
  if ('kind' in judged) {
    // Whether the values of a filter name anything is not known then.
    const forFilter = hasOddFilter(asked) ? [badRequest] : []
    return [{ status: 503, kind: judged.kind }, ...forSpelling, ...forFilter]
  }
  const documented = toDocumented(wording, question.read, judged.json)
  return [...answers[question.read](asked, documented), ...forSpelling]
}

const badRequest: Expected = { status: 400 }
const refusals: readonly Expected[] = [badRequest, { status: 404 }]

/** A query that is refused whatever the region would say. */
function hasBadQuery({ question, query }: Asked): boolean {
  return query.size > 0 && readings(question.read, query).every((result) => result === 'bad request')
}

/** An id that a gateway may also refuse for its spelling. */
function hasOddId({ question: { id } }: Asked): boolean {
  return id !== undefined && !isPlainId(id)
}

function hasOddFilter({ question, query }: Asked): boolean {
  return query.size > 0 && readings(question.read, query).includes('bad request')
}

/** What may come of a query string as such, in a region that has nothing. */
function readings(read: Read, query: URLSearchParams): readonly (Filtered | JsonObject)[] {
  if (read === 'releases') return filterReleases([], query)
  return read === 'query' ? filterPatchMap({}, query) : ['bad request']
}

type Answers = (asked: Asked, documented: Json) => readonly Expected[]

const answers: Readonly<Record<Read, Answers>> = {
  releases: (asked, json) => filterReleases(recordsOf(json), asked.query).map((kept) => listed(asked, kept)),
  release: (asked, json) => {
    const found = releaseNamed(asked.question.id, json)
    return [found === undefined ? { status: 404 } : single(asked, found)]
  },
  release_is: (asked, json) => {
    const flag = asked.question.flag ?? ''
    const state = releaseNamed(asked.question.id, json)?.['state']
    const holds = typeof state === 'string' && `is_${state}` === flag
    return [answered(isMerged(asked) ? [{ region_name: asked.region, [flag]: holds }] : holds)]
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
      kept === 'bad request' ? badRequest : answered(queryAnswer(kept, asked.region, isMerged(asked))),
    ),
  show: (asked, json) => showAnswers(isObject(json) ? json : {}, asked.region, isMerged(asked)),
}

function listed(asked: Asked, records: Filtered): Expected {
  if (records === 'bad request') return badRequest
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

function releaseNamed(id: string | undefined, json: Json): JsonObject | undefined {
  return recordsOf(json).find((record) => record['release_id'] === id)
}

function recordsOf(json: Json): readonly JsonObject[] {
  return isArray(json) ? json.filter(isObject) : []
}
