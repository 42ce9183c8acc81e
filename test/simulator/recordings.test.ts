import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'
import type { Shape } from './jsonShape.ts'
import { differences, missing, shapeOf } from './jsonShape.ts'
import type { RawAnswer } from './rawHttp.ts'
import { rawGet } from './rawHttp.ts'
import { planFor } from './recordedPlan.ts'
import type { Recording } from './recordings.ts'
import { classOf, loadRecordings } from './recordings.ts'

/** What is not simulated, and why; each rule must still meet a recording. */
const exceptions: readonly { why: string; applies: (recording: Recording) => boolean }[] = [
  {
    why: 'XML is not simulated: 406 instead',
    applies: ({ answerHeaders }) => (answerHeaders['Content-Type'] ?? '').startsWith('application/xml'),
  },
]

const recordings = loadRecordings()
const compared = recordings.filter((recording) => !exceptions.some(({ applies }) => applies(recording)))
const classes = Map.groupBy(compared, classOf)
/** What the simulator said, by class. */
const said = new Map<string, unknown[]>()
let simulator: Simulator
let endpoints: Map<string, { usm?: string; patching?: string }>

beforeAll(async () => {
  simulator = await createSimulator({ plans: recordings.map(planFor), frontDownMs: 0 })
  endpoints = new Map(simulator.regions().map((region) => [region.region_name, region.endpoints]))
})
afterAll(() => simulator.close())

test('the simulator answers like every recorded GET', async () => {
  const mismatches = await Promise.all(
    compared.map(async (recording) => {
      const found = await compare(recording)
      return found.map((text) => `${recording.name}: ${text}`)
    }),
  )
  const skipped = recordings.length - compared.length
  process.stdout.write(
    `compared ${compared.length} recordings in ${classes.size} classes, ${skipped} excepted\n`,
  )
  expect(mismatches.flat()).toEqual([])
  expect(compared.length).toBeGreaterThan(800)
})

test('the simulator can say everything that was recorded', () => {
  const unsaid = [...said].flatMap(([name, values]) => {
    const isMap = name.includes('/query_app_dependencies')
    const recorded = shapeOf(
      (classes.get(name) ?? []).map((other) => other.json),
      isMap,
    )
    return missing(shapeOf(values, isMap), recorded).map((text) => `${name}: ${text}`)
  })
  expect(unsaid).toEqual([])
})

test.each(exceptions)('still needed: $why', ({ applies }) => {
  expect(recordings.filter(applies)).not.toEqual([])
})

async function compare(recording: Recording): Promise<string[]> {
  const base = endpoints.get(recording.name)?.[recording.api]
  if (base === undefined) return ['no such service']
  const { Host: _, ...headers } = recording.headers
  const answer = await rawGet(base + recording.path, { headers })
  const wrong: string[] = []
  const expected = { status: recording.status, version: recording.version, headers: namesOf(recording) }
  const actual = {
    status: answer.status,
    version: answer.version,
    headers: answer.headers.map(([name]) => name),
  }
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    wrong.push(`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`)
  }
  if (typeOf(answer.headers) !== typeOf(Object.entries(recording.answerHeaders))) {
    wrong.push(`content type ${typeOf(answer.headers)}`)
  }
  return [...wrong, ...compareBodies(recording, answer)]
}

function compareBodies(recording: Recording, answer: RawAnswer): string[] {
  const { json, path } = recording
  if (json === undefined) return sameText(recording.body, answer.body)
  let actual: unknown
  try {
    actual = JSON.parse(Buffer.from(answer.body, 'latin1').toString())
  } catch {
    return [`no JSON: ${answer.body.slice(0, 80)}`]
  }
  const isMap = path.endsWith('/query_app_dependencies')
  const allowed = allowedIn(recording, isMap)
  said.set(classOf(recording), [...(said.get(classOf(recording)) ?? []), actual])
  const found = differences(shapeOf([actual], isMap), allowed)
  if (isFilled(json) !== isFilled(actual)) found.push(`is ${isFilled(actual) ? 'filled' : 'empty'}`)
  if (typeof json === 'boolean' && json !== actual) found.push(`is ${String(actual)}`)
  return found.concat(sameStates(json, actual))
}

const shapes = new Map<string, Shape>()

/** What the recordings of its class have together. */
function allowedIn(recording: Recording, isMap: boolean): Shape {
  const name = classOf(recording)
  const known = shapes.get(name)
  if (known) return known
  const shape = shapeOf(
    (classes.get(name) ?? []).map((other) => other.json),
    isMap,
  )
  shapes.set(name, shape)
  return shape
}

/** States are of our making, so they must come out as the region was made. */
function sameStates(json: unknown, actual: unknown): string[] {
  const [recorded, simulated] = [statesIn(json), statesIn(actual)]
  return Object.entries(recorded).flatMap(([id, states]) =>
    simulated[id] === undefined || simulated[id] === states
      ? []
      : [`${id} is ${simulated[id]}, recorded ${states}`],
  )
}

function statesIn(json: unknown): Record<string, string> {
  const { pd, data } = (json ?? {}) as {
    pd?: Record<string, Record<string, unknown>>
    data?: Record<string, unknown>[]
  }
  const patches = Object.entries(pd ?? {}).map(([id, patch]) => [
    id,
    [patch['repostate'], patch['patchstate']].join('/'),
  ])
  const hosts = (data ?? []).map((host) => [
    String(host['hostname']),
    ['patch_current', 'patch_failed', 'stale_details', 'interim_state', 'state', 'nodetype']
      .map((key) => host[key])
      .join('/'),
  ])
  return Object.fromEntries([...patches, ...hosts])
}

function sameText(recorded: string, actual: string): string[] {
  const heading = (text: string) => /<title>(.*)<\/title>|^.*/.exec(text)?.[0]
  return heading(recorded) === heading(actual) ? [] : [`text ${actual.slice(0, 80)}`]
}

function namesOf(recording: Recording): string[] {
  return Object.keys(recording.answerHeaders)
}

function typeOf(headers: readonly (readonly [string, string])[]): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
}

function isFilled(value: unknown): boolean {
  return value !== null && typeof value === 'object' ? Object.keys(value).length > 0 : true
}
