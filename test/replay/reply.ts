import type { RegionReply } from '../support/scripted-region.ts'
import type { Recording } from './recordings.ts'

/** What a recorded region puts on the wire: its own bytes, or the way its connection broke. */
export function toReply(recording: Recording): RegionReply {
  const { answer, transportError = '' } = recording
  if (answer === undefined) {
    if (/timed? ?out/i.test(transportError)) return 'hang'
    return /reset|refused/i.test(transportError) ? 'reset' : 'close'
  }
  const body = hasNoBody(answer.status) ? Buffer.alloc(0) : Buffer.from(answer.body)
  const cut = transportError !== ''
  const length = cut ? declaredLength(recording, body.length) : body.length
  const headers = answer.headers
    .filter(([name]) => !describesCoding(name))
    .map(([name, value]) => (isLength(name) ? ([name, String(length)] as const) : ([name, value] as const)))
  const { status, httpVersion } = answer
  // What was recorded without a length was sent so, unless it must be seen to break off.
  const isMarked = cut || answer.headers.some(([name]) => /^transfer-encoding$/i.test(name))
  return {
    status,
    httpVersion,
    headers: withLength(headers, isMarked ? length : undefined),
    body,
    closeDelimited: true,
  }
}

type Headers = readonly (readonly [name: string, value: string])[]

function withLength(headers: Headers, length: number | undefined): Headers {
  if (length === undefined || headers.some(([name]) => isLength(name))) return headers
  return [...headers, ['Content-Length', String(length)]]
}

/** A connection that broke after the status line promised more than came. */
function declaredLength(recording: Recording, sent: number): number {
  const declared = recording.answer?.headers.find(([name]) => isLength(name))?.[1]
  return Math.max(Number(declared ?? 0), sent + 1)
}

function isLength(name: string): boolean {
  return name.toLowerCase() === 'content-length'
}

/** Bodies were recorded as decoded text, so a header that speaks of their coding no longer holds. */
function describesCoding(name: string): boolean {
  return /^(content-encoding|transfer-encoding)$/i.test(name)
}

function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304
}
