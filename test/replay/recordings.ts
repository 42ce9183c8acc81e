import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isArray, isObject, parseJson } from './json.ts'
import type { Json, JsonObject } from './json.ts'

export type Api = 'usm' | 'patching'

/** One exchange with a real region, in one form whatever spelling its file uses. */
export interface Recording {
  readonly api: Api
  readonly release: string
  /** File name without its ending. */
  readonly name: string
  readonly scenario: string
  readonly method: string
  /** Path and query as they stood on the wire. */
  readonly target: string
  /** Header names in lower case. */
  readonly asked: Readonly<Record<string, string>>
  /** Absent when the connection broke before a status line came. */
  readonly answer?: RecordedAnswer
  readonly transportError?: string
}

export interface RecordedAnswer {
  readonly status: number
  readonly httpVersion: '1.0' | '1.1'
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** All recordings of one release of one API: what its regions are replayed from. */
export interface RecordedRelease {
  readonly api: Api
  readonly release: string
  readonly reads: readonly Recording[]
  /** How many files hold another method than GET; they are not replayed. */
  readonly others: number
}

const folder = join(import.meta.dirname, '../fixtures/recordings')

export function loadReleases(): readonly RecordedRelease[] {
  return (['usm', 'patching'] as const).flatMap((api) => {
    const files = globSync(`${api}/*/*.json`, { cwd: folder }).sort()
    const recordings = files.map((file) => toRecording(api, file, readFileSync(join(folder, file), 'utf8')))
    const releases = [...new Set(recordings.map((recording) => recording.release))]
    return releases.map((release) => {
      const all = recordings.filter((recording) => recording.release === release)
      const reads = all.filter((recording) => recording.method === 'GET')
      return { api, release, reads, others: all.length - reads.length }
    })
  })
}

export function toRecording(api: Api, file: string, text: string): Recording {
  const content = parseJson(text)
  if (!isObject(content)) throw new Error(`${file}: not a recording: no JSON object`)
  const request = objectIn(content, 'request')
  const answer = toAnswer(objectIn(content, 'response'))
  const transportError = content['transport_error']
  return {
    api,
    release: basename(dirname(file)),
    name: basename(file, '.json'),
    scenario: textIn(content, 'scenario') ?? '',
    method: (textIn(request, 'method') ?? 'GET').toUpperCase(),
    target: textIn(request, 'path') ?? '/',
    asked: Object.fromEntries(
      headerList(request['headers']).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    ...(answer === undefined ? {} : { answer }),
    ...(typeof transportError === 'string' ? { transportError } : {}),
  }
}

function toAnswer(response: JsonObject): RecordedAnswer | undefined {
  const status = Number(response['status'] ?? 0)
  if (!Number.isInteger(status) || status < 100) return undefined
  const version = textIn(response, 'http_version') ?? ''
  return {
    status,
    httpVersion: version.endsWith('1.1') ? '1.1' : '1.0',
    headers: headerList(response['headers']),
    body: textIn(response, 'body') ?? '',
  }
}

function objectIn(value: JsonObject, key: string): JsonObject {
  const found = value[key]
  return isObject(found) ? found : {}
}

function textIn(value: JsonObject, key: string): string | undefined {
  const found = value[key]
  return typeof found === 'string' ? found : undefined
}

/** Headers are recorded as an object; a repeated one may hold a list. */
function headerList(headers: Json | undefined): readonly (readonly [string, string])[] {
  if (!isObject(headers)) return []
  return Object.entries(headers).flatMap(([name, value]) =>
    (isArray(value) ? value : [value]).map(
      (one) => [name, typeof one === 'string' ? one : JSON.stringify(one)] as const,
    ),
  )
}
