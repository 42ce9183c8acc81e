import { toIntent } from '../../src/api/intent.ts'
import { Problem } from '../../src/api/problem.ts'
import type { Intent } from '../../src/model/intent.ts'
import type { ReadCall } from '../../src/model/calls.ts'
import type { JsonObject, Readings } from '../../src/model/reading.ts'
import type { Region, Service } from '../../src/model/region.ts'
import type { Upload } from '../../src/model/upload.ts'
import { dialects, type DialectName } from '../../src/upstream/dialect.ts'
import { CannotDo, type Look, type Step } from '../../src/upstream/route.ts'
import type { Line } from './lines.ts'
import { askedBy, matchWords, someExample, wordsOf } from './words.ts'

/** A column of the document: regions that speak one dialect. */
export interface Column {
  readonly title: string
  readonly dialect: DialectName
  /** By the simulator's names. */
  readonly releases: readonly string[]
}

export const columns: { readonly [S in Service]: readonly Column[] } = {
  usm: [
    { title: 'stx 9', dialect: 'usm-stx9', releases: ['9'] },
    { title: 'stx 10', dialect: 'usm-stx10', releases: ['10'] },
    { title: 'stx 11 and 12', dialect: 'usm-stx11', releases: ['11', '12'] },
    { title: 'master', dialect: 'usm-master', releases: ['master'] },
  ],
  patching: [
    { title: 'stx 6 (RPM)', dialect: 'patching-rpm', releases: ['6'] },
    { title: 'stx 7 to 10 (ostree)', dialect: 'patching-ostree', releases: ['7', '8', '9', '10'] },
  ],
}

export type Cell =
  | { readonly kind: 'works' | 'translated'; readonly sent: readonly string[] }
  | { readonly kind: 'refused'; readonly why: string }
  /** Known without the region: its release has nothing of the kind. */
  | { readonly kind: 'answered'; readonly sent: readonly []; readonly value: unknown }

/** What the tables of dialects make of a line. */
export async function cellOf(line: Line, dialect: DialectName): Promise<Cell> {
  const { call } = line
  if (call.refused !== undefined) return { kind: 'refused', why: call.refused }
  const route = dialects[dialect].calls[call.name]
  if (route === undefined || typeof route === 'string') return { kind: 'refused', why: route ?? '' }
  try {
    const intent = intentOf(line)
    const steps = await route.steps(intent, look)
    if (steps.length === 0) return { kind: 'answered', sent: [], value: route.without }
    return told(
      line.words,
      steps.map((step) => stepWords(step, intent)),
    )
  } catch (error) {
    if (error instanceof CannotDo || error instanceof Problem) return { kind: 'refused', why: error.message }
    throw error
  }
}

/** What a merged read asks of each region. */
export function mergedCellOf(call: ReadCall, path: string, dialect: DialectName): Cell {
  const route = dialects[dialect].routes[call.resource]
  if (route === undefined) return { kind: 'refused', why: 'its release has no such call' }
  return told(`GET ${path}`, [`GET ${decodeURIComponent(route.path('{id}'))}`])
}

/** As the document says it. */
export function cellWords(cell: Cell): string {
  if (cell.kind === 'works') return 'works'
  if (cell.kind === 'refused') return `refused: ${cell.why}`
  if (cell.kind === 'answered')
    return `translated: nothing is sent, \`${JSON.stringify(cell.value)}\` is answered`
  return `translated: ${cell.sent.map((words) => `\`${words}\``).join(', then ')}`
}

function told(asked: string, sent: readonly string[]): Cell {
  return { kind: sent.length === 1 && sent[0] === asked ? 'works' : 'translated', sent }
}

const region: Region = {
  name: 'region-of-the-fleet',
  subcloud: 'subcloud-of-the-fleet',
  keystoneRegion: someExample.region,
  endpoints: {},
  credentials: 'none',
  labels: {},
}

function intentOf({ service, call, words }: Line): Intent {
  const { method, query, json, files } = askedBy(words, someExample)
  const body = Array.isArray(json) || json === undefined ? {} : (json as JsonObject)
  const given = { method, query: new URLSearchParams(query), body }
  const upload = call.limit === 'upload' ? { upload: uploadOf(json, files) } : {}
  return toIntent(matchWords(service, words), { ...given, ...upload }, region, false)
}

function uploadOf(json: unknown, files: readonly string[]): Upload {
  if (Array.isArray(json)) return { kind: 'paths', paths: json.map(String) }
  return {
    kind: 'files',
    dispose: async () => undefined,
    files: files.map((fileName) => ({
      fieldName: fileName,
      fileName,
      contentType: 'application/octet-stream',
      size: 0,
      open: () => {
        throw new Error('nothing is sent')
      },
    })),
  }
}

function stepWords({ method, path, body, of }: Step, { upload }: Intent): string {
  const [bare = '', query] = path.split('?')
  const at = { method, path: bare, query: query === undefined ? '' : `?${query}`, files: [] }
  if (body !== 'upload') return wordsOf({ ...at, json: body }, someExample)
  if (upload?.kind !== 'files') return wordsOf({ ...at, json: upload?.paths }, someExample)
  const files = upload.files.map(({ fileName }) => fileName).filter((name) => of === undefined || name === of)
  return wordsOf({ ...at, files }, someExample)
}

/** A region in which `{id}` requires `{required}`, and both are being deployed. */
const look: Look = async (resource) => {
  const { id, required } = someExample
  const release = { sw_version: '1.2.2', state: 'deploying', native_state: 'deploying-host' }
  const releases = [
    { ...release, id: required, requires: [] },
    { ...release, id, requires: [required] },
  ]
  const items = resource === 'release' || resource === 'query' ? releases : []
  return { items } as unknown as Readings[typeof resource]
}
