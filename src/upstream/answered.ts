import type { JsonObject } from '../model/reading.ts'
import { UpstreamError } from './error.ts'
import type { HttpAnswer } from './http.ts'
import { isObject, parseJson } from './json.ts'
import { scanRecords } from './scan.ts'
import { errorText, otherText } from './success.ts'

/** A region's answer to one request, as it can be handed on: its own status, and JSON whatever it sent. */
export interface Answered {
  readonly http: number
  readonly value: unknown
  /** Empty where it is a success: a 200 without an `error`. */
  readonly error: string
}

/**
 * Judges an answer by its content (docs/quirks.md, "Success"). Throws `UpstreamError` for what tells the caller nothing:
 * about our own credential, not JSON with a 200, or another server's word.
 */
export function toAnswered(answer: HttpAnswer, call: string): Answered {
  const { status } = answer
  const value = jsonOf(answer)
  const text = errorText(value) || (status === 200 ? '' : otherText(value))
  const fail = (kind: UpstreamError['kind'], sent = true): never => {
    // A 403 is about this call: others may well be allowed, so the service is not left alone for it.
    const about = status === 403 ? { ofService: false } : {}
    throw new UpstreamError(kind, `${call}: HTTP ${status}${text === '' ? '' : `: ${text}`}`, {
      status,
      sent,
      ...about,
    })
  }
  if (status === 401 || status === 403) return fail('unauthorized')
  // A front's: the service behind it did not answer in time.
  if (status === 504) return fail('timeout')
  // Whoever could not take it said so: no service behind the front, or no Keystone to ask about the token.
  if (status === 503) return fail('broken', false)
  if (status > 500 || (status >= 300 && status < 400)) return fail('broken')
  if (status < 400 && status !== 200) return fail('malformed')
  if (status === 200) return { http: status, value: parse(answer, call), error: text }
  const words = text || plainText(answer)
  return { http: status, value: withError(value, words), error: words }
}

/** What StarlingX's clients print is `error`: some refusals leave it empty, or have other keys, or are no JSON. */
function withError(value: unknown, text: string): JsonObject {
  const own = isObject(value) ? value : {}
  if (typeof own['error'] === 'string' && own['error'] !== '') return own
  const { title: _, description: __, ...kept } = own
  return { info: '', warning: '', ...kept, error: text }
}

/** Throws `malformed`, also for what nests so deep that writing it anew would fail. */
function parse({ body }: HttpAnswer, call: string): unknown {
  const value = parseJson(body, call)
  scanRecords(body, 1, call)
  return value
}

function jsonOf(answer: HttpAnswer): unknown {
  try {
    return parse(answer, '')
  } catch {
    return undefined
  }
}

/** The words of an HTML or text page, on one line. */
function plainText(answer: HttpAnswer): string {
  const words = answer.body
    .subarray(0, 2_000)
    .toString('utf8')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .toWellFormed()
  return words === '' ? `HTTP ${answer.status}` : `HTTP ${answer.status}: ${words}`
}
