import { expect } from 'vitest'
import { jsonOf } from '../replay/compare.ts'
import type { DoorAnswer } from '../replay/exact-request.ts'
import { isArray, isObject, parseJson } from '../replay/json.ts'
import type { Json, JsonObject } from '../replay/json.ts'
import type { RecordedAnswer, Recording } from '../replay/recordings.ts'

/** Keys that a gateway adds for clients of other releases. */
const added = ['system_healthy', 'additional_data', 'pre_upgrade_deploy']

/** Asserts that an answer says what the region's said: its status, its words, and all its other keys. */
export function expectKept(answer: DoorAnswer, recorded: RecordedAnswer): void {
  const body = jsonOf(answer)
  expect(answer.status).toBe(recorded.status)
  const said = parseJson(recorded.body)
  if (recorded.status !== 200) return expectKeptError(body, recorded)
  if (!isObject(said)) return expect(body).toEqual(said)
  expectKeys(body, said, added)
}

/** A refusal is JSON with words, whatever the region sent. */
function expectKeptError(body: Json, { body: text }: RecordedAnswer): void {
  expect(body).toMatchObject({
    info: expect.any(String),
    warning: expect.any(String),
    error: expect.stringMatching(/\S/),
  })
  const said = parseJson(text)
  if (!isObject(said)) {
    const words = text.replace(/<[^>]*>/g, ' ').match(/[A-Za-z]{3,}/g) ?? []
    return expect(errorOf(body)).toContain(words[0] ?? '')
  }
  const { error, title, description, ...rest } = said
  expectKeys(body, rest, ['error', 'info', 'warning', ...added])
  const wordless = [said['warning'], said['info'], description, title].find((one) => isText(one))
  const told = isText(error) ? error : (wordless ?? '')
  expect(oneLine(errorOf(body))).toContain(oneLine(told).slice(0, 200))
}

function expectKeys(body: Json, said: JsonObject, more: readonly string[]): void {
  if (!isObject(body)) throw new Error('the answer is no object')
  const others = Object.keys(body).filter((key) => !(key in said))
  expect(more).toEqual(expect.arrayContaining(others))
  expect(Object.fromEntries(Object.keys(said).map((key) => [key, body[key]]))).toEqual(said)
}

/** Asserts one answer made of those to several requests; what was not sent is named. */
export function expectCombined(
  answer: DoorAnswer,
  answers: readonly Recording[],
  notSent: readonly string[],
): void {
  const bodies = answers.map((one) => parseJson(one.answer?.body ?? ''))
  const words = (key: string): string =>
    bodies.map((body) => (isObject(body) && typeof body[key] === 'string' ? body[key] : '')).join('')
  const body = jsonOf(answer)
  expect(answer.status).toBe(answers.at(-1)?.answer?.status)
  expect(body).toMatchObject({ info: words('info'), warning: words('warning') })
  if (notSent.length === 0) expect(errorOf(body)).toBe(words('error'))
  else for (const word of [words('error'), '\nNot sent: ', ...notSent]) expect(errorOf(body)).toContain(word)
}

/** Asserts what is said instead of an answer that is none: the kind, and whether it was carried out is unknown. */
export function expectFault(answer: DoorAnswer, recording: Recording, isWrite: boolean): void {
  const { answer: recorded, transportError = '' } = recording
  if (recorded?.status === 500 && transportError === '') return expectKept(answer, recorded)
  const body = jsonOf(answer)
  const { status, kind, isUncertain } = faultOf(recorded, transportError)
  expect({ status: answer.status, body }).toMatchObject({
    status,
    body: { info: '', warning: '', error: expect.stringMatching(/\S/), kind: expect.stringMatching(kind) },
  })
  if (status === 503) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  if (isWrite && isUncertain) {
    expect(errorOf(body)).toMatch(/it was sent; state now: \S/)
    expect(body).toMatchObject({ type: '/problems/answer-lost', sent: true })
  }
}

interface Fault {
  readonly status: 502 | 503 | 504
  readonly kind: RegExp
  readonly isUncertain: boolean
}

function faultOf(recorded: RecordedAnswer | undefined, transportError: string): Fault {
  const timedOut = /timed? ?out/i.test(transportError)
  if (recorded === undefined) {
    return { status: timedOut ? 504 : 502, kind: timedOut ? /^timeout$/ : /^unreachable$/, isUncertain: true }
  }
  if (transportError !== '') return { status: 502, kind: /^broken$/, isUncertain: true }
  const { status } = recorded
  if (status === 401 || status === 403) return { status: 502, kind: /^unauthorized$/, isUncertain: false }
  if (status === 503) return { status: 503, kind: /./, isUncertain: false }
  if (status === 504) return { status: 504, kind: /^timeout$/, isUncertain: true }
  return { status: 502, kind: status >= 200 && status < 300 ? /^malformed$/ : /^broken$/, isUncertain: true }
}

function errorOf(body: Json): string {
  const error = isObject(body) && !isArray(body) ? body['error'] : undefined
  return typeof error === 'string' ? error : ''
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== ''
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
