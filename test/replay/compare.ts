import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import type { DoorAnswer } from './exact-request.ts'
import { isObject, parseJson } from './json.ts'
import type { Json } from './json.ts'
import type { Expected } from './oracle/expected.ts'

/** Asserts that a gateway's answer is one of those allowed; with several, the first explains a failure. */
export function expectAnswer(answer: DoorAnswer, allowed: readonly Expected[], region: string): void {
  const body = jsonOf(answer)
  const fitting = allowed.find((one) => one.status === answer.status && bodyFits(one, body)) ?? allowed[0]
  if (fitting === undefined) throw new Error('the oracle allows no answer at all')
  if (fitting.status === 200) {
    const expected = fitting.matches?.(body) === true ? body : fitting.body
    expect({ status: answer.status, body }).toEqual({ status: 200, body: expected })
    expect(answer.headers['fleet-complete']).toBe('?1')
    expect(fleetCounts(answer)).toEqual({
      total: 1,
      fresh: 1,
      stale: 0,
      failed: 0,
      unsupported: 0,
      skipped: 0,
    })
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)))
    return
  }
  expectError(answer, [fitting.status])
  if (fitting.status !== 503) return
  expect(answer.headers['fleet-complete']).toBe('?0')
  expect(fleetCounts(answer)).toEqual({ total: 1, fresh: 0, stale: 0, failed: 1, unsupported: 0, skipped: 0 })
  const told = isObject(body) && isObject(body['regions']) ? body['regions'][region] : undefined
  expect(told).toMatchObject({ status: 'failed', kind: fitting.kind })
}

/** Asserts the one error shape of door 1. */
export function expectError(answer: DoorAnswer, statuses: readonly number[]): void {
  expect(statuses, answer.text).toContain(answer.status)
  expect(jsonOf(answer)).toMatchObject({
    info: expect.any(String),
    warning: expect.any(String),
    error: expect.stringMatching(/./),
  })
}

/** The counts of `Fleet-Regions`, a dictionary of RFC 9651. */
export function fleetCounts(answer: DoorAnswer): Record<string, number> {
  const header = String(answer.headers['fleet-regions'] ?? '')
  const members = header.split(',').map((member) => member.trim().split('='))
  return Object.fromEntries(members.map(([name = '', count]) => [name, Number(count)]))
}

/** The body as JSON, which it always is and says so. */
export function jsonOf(answer: DoorAnswer): Json {
  expect(String(answer.headers['content-type'])).toMatch(/^application\/json\b/)
  const json = parseJson(answer.text)
  if (json === undefined) throw new Error(`not JSON: ${answer.text.slice(0, 200)}`)
  return json
}

function bodyFits(expected: Expected, body: Json): boolean {
  if (expected.status !== 200) return true
  return isDeepStrictEqual(body, expected.body) || expected.matches?.(body) === true
}
