import type { HttpAnswer } from './http.ts'
import { UpstreamError } from './error.ts'
import { field, isObject, parseJson } from './json.ts'

/**
 * The JSON value of a successful answer. A status alone proves nothing: a 200 may carry an `error`, JSON may be
 * labelled `text/html`, `error` may be an object (docs/quirks.md, "Success"). Throws `UpstreamError`.
 */
export function successfulJson(answer: HttpAnswer, call: string): unknown {
  const { status } = answer
  if (status === 401 || status === 403) {
    throw new UpstreamError('unauthorized', `${call}: HTTP ${status}${reason(answer)}`, { status })
  }
  if (status >= 500 || (status >= 300 && status < 400)) {
    throw new UpstreamError('broken', `${call}: HTTP ${status}${reason(answer)}`, { status })
  }
  if (status >= 400)
    throw new UpstreamError('rejected', `${call}: HTTP ${status}${reason(answer)}`, { status })
  if (status !== 200) throw new UpstreamError('malformed', `${call}: HTTP ${status}`, { status })
  const value = parseJson(answer.body, call)
  const error = errorText(value)
  if (error !== '' && !isPatchContents(value)) {
    throw new UpstreamError('rejected', `${call}: ${error}`, { status })
  }
  return value
}

/** `show` of an unknown id is an answer: empty maps beside the error (recording patching/stx8.0/show-unknown). */
function isPatchContents(value: unknown): boolean {
  return isObject(value) && isObject(field(value, 'metadata')) && isObject(field(value, 'contents'))
}

function reason(answer: HttpAnswer): string {
  try {
    const value = parseJson(answer.body, '')
    // stx 10 says only this, and Patching since stx 8 (recording usm/stx10.0/auth-reader-get).
    if (answer.status === 403 && isObject(value) && field(value, 'description') === null) {
      return ': the account lacks a role there (USM of stx 10 wants admin even to read)'
    }
    const text = errorText(value) || otherText(value)
    return text === '' ? '' : `: ${text}`
  } catch {
    return ''
  }
}

/** Empty where there is no error. */
export function errorText(value: unknown): string {
  if (!isObject(value)) return ''
  const error = field(value, 'error')
  if (error === undefined || error === null || error === '' || error === false) return ''
  // An error that says nothing is an error all the same.
  const text = isObject(error) ? (field(error, 'message') ?? field(error, 'title') ?? '') : error
  return oneLine(text) || 'error'
}

export function otherText(value: unknown): string {
  if (!isObject(value)) return ''
  for (const key of ['warning', 'info', 'description', 'message', 'title']) {
    const text = field(value, key)
    if (typeof text === 'string' && text !== '') return oneLine(text)
  }
  return ''
}

/** What a region says ends up in logs and in others' error texts: one line, bounded, without control characters. */
export function oneLine(text: unknown): string {
  const string = typeof text === 'string' ? text : (JSON.stringify(text) ?? '')
  // Of 30 MB nobody reads more than the beginning, and to tidy them all would hold up everything else.
  return string
    .slice(0, 10_000)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, 300)
    .toWellFormed()
}
