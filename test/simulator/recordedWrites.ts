import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { RawRequest } from './rawHttp.ts'

export type Api = 'usm' | 'patching'

/** One recorded exchange of any method; what changed something, or was read between two such. */
export interface Exchange {
  readonly name: string
  readonly api: Api
  readonly release: string
  readonly scenario: string
  /** Marked where the place of the recording, not the API, made the answer. */
  readonly artifact: boolean
  readonly request: RawRequest & { readonly path: string; readonly method: string }
  /** Absent where the connection broke instead. */
  readonly answer?: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
}

interface RecordedFile {
  scenario: string
  env_artifact?: boolean
  environmentArtifact?: boolean
  request: { method: string; path: string; headers: Record<string, string>; body?: string | null }
  response: { status: number | null; headers: Record<string, string>; body: string | null } | null
}

const fixtures = join(import.meta.dirname, '../fixtures')
const versions: Readonly<Record<Api, Readonly<Record<string, string>>>> = {
  usm: { 'stx9.0': '23.09', 'stx10.0': '24.09', 'stx11.0': '25.09', 'stx12.0': '26.03', master: '26.10' },
  patching: { 'stx6.0': '21.12', 'stx8.0': '22.12', 'stx9.0': '23.09', 'stx10.0': '24.09' },
}

/** MM.mm of the region that was recorded. */
export function versionOf({ api, release }: { api: Api; release: string }): string {
  return versions[api][release] ?? ''
}

/** The major release that follows the recorded one. */
export const nextMajor: Readonly<Record<string, string>> = {
  'stx10.0': '25.09',
  'stx11.0': '26.03',
  'stx12.0': '26.10',
  master: '27.03',
}

/** All exchanges of one release: writes, and the reads that the other tests compare as well. */
export function exchangesOf(api: Api, release: string): Exchange[] {
  return ['recordings', 'recorded-writes'].flatMap((kind) => {
    const folder = join(fixtures, kind, api, release)
    const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : []
    return files.map((file) => toExchange(api, release, file, readFileSync(join(folder, file), 'utf8')))
  })
}

export function writesOf(api: Api, release: string): Exchange[] {
  return exchangesOf(api, release).filter((exchange) => exchange.request.method !== 'GET')
}

/** The same request as another release would get it: only versions differ. */
export function translated(exchange: Exchange, release: string): Exchange {
  const names = new Map([
    [versionOf(exchange), versionOf({ api: exchange.api, release })],
    [nextMajor[exchange.release] ?? '', nextMajor[release] ?? ''],
  ])
  const renamed = (text: string) =>
    text.replaceAll(/(?<!\d)\d\d\.\d\d(?=[._/]|$)/g, (name) => names.get(name) ?? name)
  const { answer: _, request, ...rest } = exchange
  const path = renamed(request.path)
  const { body } = request
  const text = typeof body === 'string' ? { body: renamed(body) } : {}
  return { ...rest, release, request: { ...request, path, ...text } }
}

function toExchange(api: Api, release: string, file: string, content: string): Exchange {
  const recorded = JSON.parse(content) as RecordedFile
  const { request, response } = recorded
  const { Host: _, Connection: __, 'Content-Length': ___, ...headers } = request.headers
  const body = bodyOf(request.body)
  return {
    name: file.slice(0, -'.json'.length),
    api,
    release,
    scenario: recorded.scenario,
    artifact: recorded.env_artifact === true || recorded.environmentArtifact === true,
    request: { method: request.method, path: request.path, headers, ...(body === undefined ? {} : { body }) },
    ...(response?.status
      ? { answer: { status: response.status, headers: response.headers, body: response.body ?? '' } }
      : {}),
  }
}

/** Bodies stand there as text, as base64, or as the description of a form with one file. */
function bodyOf(recorded: string | null | undefined): string | Buffer | undefined {
  if (recorded === null || recorded === undefined) return undefined
  if (recorded.startsWith('{"base64"')) {
    return Buffer.from((JSON.parse(recorded) as { base64: string }).base64, 'base64')
  }
  const file = /^<multipart\/form-data: part name=(\S+) filename=(\S+),/.exec(recorded)
  return file ? formOf(file[1] ?? '', file[2] ?? '') : recorded
}

function formOf(name: string, filename: string): Buffer {
  const disposition = `Content-Disposition: form-data; name="${name}"; filename="${filename}"`
  return Buffer.concat([
    Buffer.from(`------b0undary\r\n${disposition}\r\n\r\n`),
    gzipSync('a patch'),
    Buffer.from('\r\n------b0undary--\r\n'),
  ])
}
