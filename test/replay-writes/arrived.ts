import { expect } from 'vitest'
import { parseJson } from '../replay/json.ts'
import type { JsonObject } from '../replay/json.ts'
import type { Scenarios } from '../replay/scenario.ts'
import type { RegionRequest } from '../support/scripted-region.ts'
import type { Case } from './cases.ts'
import { partsOf } from './oracle/form.ts'
import { meaningOf } from './oracle/meaning.ts'
import { answerToPart, requiredBy, saysDone, sendAt } from './oracle/parts.ts'
import type { Plan } from './oracle/plan.ts'
import { withFlagsInOrder } from './oracle/sends.ts'
import type { Send } from './oracle/sends.ts'

type Sending = Exclude<Plan, { class: 'refused' }>

/** Asserts that the region got what it must get, each once, and nothing else; gives what was sent, in order. */
export function expectArrived(
  { write }: Case,
  plan: Sending,
  scenarios: Scenarios,
  arrived: readonly RegionRequest[],
): readonly Send[] {
  const sent = arrived.map((request) => {
    const expected = plan.sends.find(({ of }) => isOf(request, of)) ?? sendAt(plan.sends, request.path)
    if (expected === undefined) throw new Error(`not to be sent: ${request.method} ${request.path}`)
    expectSame(plan, expected, request)
    expectOwnHeaders(request)
    return expected
  })
  expect(new Set(sent).size, 'each is sent once').toBe(sent.length)

  const verb = plan.call?.name ?? ''
  const done = sent.map((send) => saysDone(verb, answerToPart(write, plan.sends, send)))
  // All until one fails: before the last sent none failed, and after a success the next one follows.
  expect(done.slice(0, -1)).toEqual(sent.slice(0, -1).map(() => true))
  if (done.at(-1) !== false || plan.sends.length < 2) expect(sent).toHaveLength(plan.sends.length)
  expectOrder(verb, sent, requiredBy(scenarios, write.scenario))
  return sent
}

function expectOrder(
  verb: string,
  sent: readonly Send[],
  requires: (id: string) => ReadonlySet<string>,
): void {
  const ids = sent.flatMap(({ of }) => of ?? [])
  for (const [at, id] of ids.entries()) {
    const later = ids.slice(at + 1)
    const isRequired = verb === 'apply' || verb === 'commit'
    const misplaced = later.filter((other) =>
      isRequired ? requires(id).has(other) : requires(other).has(id),
    )
    expect(misplaced, `${verb} of ${id} came before these`).toEqual([])
  }
}

function isOf(request: RegionRequest, of: string | undefined): boolean {
  const files = partsOf(request.headers['content-type'] ?? '', request.bytes) ?? []
  return files.some(({ fileName }) => fileName === of)
}

/** Method, path, and what query and body mean; of an upload every byte. */
function expectSame({ call }: Sending, expected: Send, request: RegionRequest): void {
  const [path = '', query = ''] = request.path.split('?')
  expect(request.method).toBe(expected.method)
  expect(withFlagsInOrder(path.split('/').map(decodeURIComponent).join('/'))).toBe(expected.path)
  const contentType = request.headers['content-type']
  if (expected.files !== undefined) {
    expect(partsOf(contentType ?? '', request.bytes)).toEqual(expected.files)
    expect(query).toBe('')
    return
  }
  if (expected.paths !== undefined) {
    expect(contentType).toMatch(/^text\/plain\b/)
    expect(parseJson(request.body)).toEqual(expected.paths)
    return
  }
  if (call === undefined) throw new Error('a call without a row')
  if (request.bytes.length > 0) expect(contentType).toMatch(/^application\/json\b/)
  const said = { query: new URLSearchParams(query), contentType, body: request.bytes }
  expect(meaningOf('usm', { ...call, kind: 'write' }, said)).toEqual({ parameters: expected.parameters })
  expect(namesIn(query, request.body)).toEqual(Object.keys(expected.parameters).sort())
}

/** What is said at all; a plain `false` says nothing, but for `force`, which forces by being there. */
function namesIn(query: string, body: string): readonly string[] {
  const json = parseJson(body === '' ? '{}' : body) as JsonObject
  const all = Object.entries({ ...Object.fromEntries(new URLSearchParams(query)), ...json })
  return all
    .filter(([name, value]) => value !== false || name === 'force')
    .map(([name]) => name)
    .sort()
}

const ownHeaders = [
  'accept',
  'connection',
  'content-length',
  'content-type',
  'host',
  'traceparent',
  'user-agent',
  'x-request-id',
]

/** No header of the client's but a trace goes upstream, and a body never comes in chunks. */
export function expectOwnHeaders({ method, headers, bytes }: RegionRequest): void {
  expect(ownHeaders).toEqual(expect.arrayContaining(Object.keys(headers)))
  expect(headers['accept']).toBe('application/json')
  expect(headers['user-agent']).toMatch(/^stx-fleet-gateway\b/)
  if (method === 'POST' || bytes.length > 0) expect(headers['content-length']).toBe(String(bytes.length))
}
