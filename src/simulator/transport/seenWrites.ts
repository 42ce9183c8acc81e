import type { SimRequest, UploadedPart } from '../answers/request.ts'
import { parametersOf } from '../answers/request.ts'

/** A request that was to change something, as it arrived. */
export interface SeenWrite {
  /** Counts over all regions of the process, in the order of arrival. */
  readonly order: number
  readonly method: string
  /** As sent. */
  readonly target: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** Parsed where it is JSON, else its text; null without one or where it was too long to keep. */
  readonly body: unknown
  readonly parts?: readonly UploadedPart[]
  readonly bytes: number
  readonly sha256?: string
  /** What it was answered with, whether that arrived or not; null while it is under way. */
  status: number | null
}

/** A test that needs more looks earlier. */
const most = 2_000
let arrived = 0

export function seeWrite(writes: SeenWrite[], request: SimRequest): SeenWrite {
  const { method, target, headers, body } = request
  const seen: SeenWrite = {
    order: ++arrived,
    method,
    target,
    path: target.split('?')[0] ?? '',
    query: Object.fromEntries(parametersOf(request)),
    headers,
    body: valueOf(body?.text),
    ...(body?.parts ? { parts: body.parts } : {}),
    bytes: body?.bytes ?? 0,
    ...(body?.sha256 === undefined ? {} : { sha256: body.sha256 }),
    status: null,
  }
  writes.push(seen)
  if (writes.length > most) writes.shift()
  return seen
}

function valueOf(text: string | undefined): unknown {
  if (text === undefined || text === '') return null
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
