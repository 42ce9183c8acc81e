import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One recorded GET exchange with a real server. */
export interface Recording {
  /** Such as `usm/stx10.0/release-list`. */
  readonly name: string
  readonly api: 'usm' | 'patching'
  readonly release: string
  readonly scenario: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly status: number
  readonly version: string
  readonly answerHeaders: Readonly<Record<string, string>>
  readonly body: string
  /** Undefined where the body isn't JSON. */
  readonly json: unknown
}

interface RecordedFile {
  scenario: string
  transport_error?: unknown
  request: { method: string; path: string; headers: Record<string, string> }
  response: {
    status: number | null
    http_version: string
    headers: Record<string, string>
    body: string
  } | null
}

/** Every recorded GET that got an answer. */
export function loadRecordings(): Recording[] {
  const folder = join(import.meta.dirname, '../fixtures/recordings')
  return (['usm', 'patching'] as const).flatMap((api) =>
    readdirSync(join(folder, api)).flatMap((release) =>
      readdirSync(join(folder, api, release))
        .filter((file) => file.endsWith('.json'))
        .flatMap((file) => {
          const text = readFileSync(join(folder, api, release, file), 'utf8')
          const recorded = JSON.parse(text) as RecordedFile
          const { request, response } = recorded
          if (request.method !== 'GET' || !response?.status) return []
          return [
            {
              name: `${api}/${release}/${file.slice(0, -'.json'.length)}`,
              api,
              release,
              scenario: recorded.scenario,
              path: request.path,
              headers: request.headers,
              status: response.status,
              version: response.http_version.replace(/^(HTTP\/)?/, 'HTTP/'),
              answerHeaders: response.headers,
              body: response.body,
              json: parsed(response.body),
            },
          ]
        }),
    ),
  )
}

/** Recordings of one class are alternatives: same API, release, route, status and kind of body. */
export function classOf(recording: Recording): string {
  const { api, release, path, status, json } = recording
  const route = path
    .split('?')[0]
    ?.replaceAll(/%2F/gi, '/')
    .replaceAll(/(starlingx(-|%2D)[\w.]+|\w+_PATCH_\w+(,\w+)*|\bnope\b|\bNOPE\b)/g, '{id}')
    .replace(/(\/\{id\})+/, '/{id}')
  const kind = json === null ? 'null' : Array.isArray(json) ? 'array' : typeof json
  return `${api} ${release} ${route} ${status} ${kind}`
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
