import { isArray, isObject, parseJson } from '../json.ts'
import type { Json } from '../json.ts'
import type { Recording } from '../recordings.ts'
import type { Question, Read, Wording } from '../routes.ts'

export type FailureKind = 'timeout' | 'unreachable' | 'unauthorized' | 'rejected' | 'broken' | 'malformed'
export type Judgement = { readonly json: Json } | { readonly kind: FailureKind }

/** What product.md §7 calls an answer: usable JSON, or a kind of failure. */
export function judge(wording: Wording, question: Question, recording: Recording): Judgement {
  const { answer, transportError } = recording
  if (answer === undefined)
    return { kind: /timed? ?out/i.test(transportError ?? '') ? 'timeout' : 'unreachable' }
  const byStatus = kindOfStatus(answer.status)
  if (byStatus !== undefined) return { kind: byStatus }
  if (transportError !== undefined) return { kind: 'broken' }
  const json = parseJson(answer.body)
  if (json === undefined) return { kind: 'malformed' }
  if (saysError(json) && question.read !== 'show') return { kind: 'rejected' }
  return fits(wording, question, json) ? { json } : { kind: saysError(json) ? 'rejected' : 'malformed' }
}

function kindOfStatus(status: number): FailureKind | undefined {
  if (status === 200) return undefined
  if (status === 401 || status === 403) return 'unauthorized'
  if (status >= 400 && status < 500) return 'rejected'
  return status >= 200 && status < 300 ? 'malformed' : 'broken'
}

function saysError(json: Json): boolean {
  if (!isObject(json)) return false
  const error = json['error']
  return error !== undefined && error !== null && error !== ''
}

type Outline = (json: Json) => boolean

const namesReleases: Outline = (json) => isListWith('release_id', json)

/** What each read looks like on a real region of the documented wording. */
const outlines: Readonly<Record<Read, Outline>> = {
  releases: namesReleases,
  release: namesReleases,
  release_is: namesReleases,
  deploy: (json) => isArray(json) && json.every(isObject),
  deploy_host: (json) => isListWith('hostname', json),
  software_upgrade: (json) => json === null || isObject(json),
  in_sync_controller: (json) => isObject(json) && typeof json['in_sync'] === 'boolean',
  query: (json) => isObject(json) && isObject(json['pd']),
  query_hosts: (json) => isObject(json) && isListWith('hostname', json['data'] ?? null),
  show: (json) => isObject(json) && isObject(json['metadata']) && isObject(json['contents']),
}

const holdsReleases: Outline = (json) => isObject(json) && isObject(json['sd'])

const outlinesOfVerbs: Readonly<Partial<Record<Read, Outline>>> = {
  releases: holdsReleases,
  release: holdsReleases,
  release_is: holdsReleases,
  deploy: (json) => isObject(json) || isArray(json),
  deploy_host: isObject,
  software_upgrade: isObject,
}

function fits(wording: Wording, { read }: Question, json: Json): boolean {
  const outline = (wording === 'verbs' ? outlinesOfVerbs[read] : undefined) ?? outlines[read]
  return outline(json)
}

/** An array of objects, each named by a string under `key`. */
function isListWith(key: string, json: Json): boolean {
  if (!isArray(json)) return false
  const names = json.map((record) => (isObject(record) ? record[key] : undefined))
  return names.every((name) => typeof name === 'string')
}
