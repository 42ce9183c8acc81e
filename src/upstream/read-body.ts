import type { Readings, Resource } from '../model/reading.ts'
import { dialects, isDialectName, type Dialect } from './dialect.ts'
import { UpstreamError } from './error.ts'
import type { HttpAnswer } from './http.ts'
import { toReading } from './readings.ts'
import { scanRecords } from './scan.ts'
import { successfulJson } from './success.ts'

/** What one region answered to one question, in one dialect. */
export interface BodyToRead {
  readonly regionName: string
  readonly speaking: Dialect
  readonly answer: HttpAnswer
  readonly id: string
}

/** Judges an answer, translates it where its dialect needs that, and makes a reading of it. Throws `UpstreamError`. */
export function readBody<R extends Resource>(
  resource: R,
  { regionName, speaking, answer, id }: BodyToRead,
): { readonly value: unknown; readonly reading: Readings[R] } {
  const route = speaking.routes[resource]
  if (route === undefined) throw new UpstreamError('malformed', `${speaking.name} has no ${resource}`)
  const call = `GET ${route.path(id)}`
  const { body } = answer
  const raw = successfulJson(answer, call)
  if (route.toDocumented) scanRecords(body, 3, call)
  const value = route.toDocumented ? route.toDocumented(raw) : raw
  const json = route.toDocumented ? Buffer.from(JSON.stringify(value)) : body
  const dialect = speaking.name
  const reading = toReading[resource]({ regionName, dialect, body, json, value, call, id })
  return { value, reading }
}

/** A body that was kept, read as when it came; undefined where it is no answer to that, or no more. */
export function readKept<R extends Resource>(
  resource: R,
  regionName: string,
  dialect: string,
  body: Buffer,
): Readings[R] | undefined {
  if (!isDialectName(dialect)) return undefined
  const answer = { status: 200, header: () => '', body }
  try {
    return readBody(resource, { regionName, speaking: dialects[dialect], answer, id: '' }).reading
  } catch {
    return undefined
  }
}
