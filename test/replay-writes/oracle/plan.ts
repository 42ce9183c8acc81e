import { isDeepStrictEqual } from 'node:util'
import { isArray, isObject, parseJson } from '../../replay/json.ts'
import type { JsonObject } from '../../replay/json.ts'
import { mutates } from '../../replay/mutating.ts'
import { readAtDoor } from '../../replay/routes.ts'
import { pathOf } from '../../replay/scenario.ts'
import type { Scenarios } from '../../replay/scenario.ts'
import type { RecordedWrite } from '../recordings.ts'
import { documentedFor } from './elsewhere.ts'
import { meaningOf } from './meaning.ts'
import { sendsFor, withFlagsInOrder } from './sends.ts'
import type { Generation, Known, Refused, Send } from './sends.ts'
import { callAt } from './table.ts'
import type { Call } from './table.ts'
import { uploadOf } from './upload.ts'

export const classNames = ['relayed', 'translated', 'split', 'refused', 'fault'] as const
export type ClassName = (typeof classNames)[number]

/** A request as a client makes it at door 2. */
export interface DoorRequest {
  readonly method: string
  readonly target: string
  readonly contentType: string | undefined
  readonly body: Buffer
}

/** What must become of a recorded write. */
export type Plan =
  | ({ readonly class: 'refused'; readonly door: DoorRequest } & Refused)
  | {
      readonly class: Exclude<ClassName, 'refused'>
      readonly door: DoorRequest
      /** Absent for a HEAD, which is asked by GET. */
      readonly call?: Call
      /** What the region must get, in any order; only the first ones where one fails. */
      readonly sends: readonly Send[]
    }

export function planFor(scenarios: Scenarios, write: RecordedWrite, regionName: string): Plan {
  const literal = {
    method: write.method,
    target: write.target,
    contentType: write.asked['content-type'],
    body: write.body,
  }
  const refused = (why: string, door: DoorRequest = literal): Plan => ({
    class: 'refused',
    refused: why,
    door,
  })
  const pathname = pathOf(write.target)
  if (write.method === 'GET') return refused('a GET never changes anything')
  if (write.method === 'HEAD' && readAtDoor(pathname) && !mutates(write.api, pathname)) {
    return { class: 'translated', door: literal, sends: [] }
  }
  const generation = generationOf(scenarios, write)
  const elsewhere =
    write.api === 'patching' || generation === 'stx9'
      ? documentedFor(write.api, write.method, write.target)
      : undefined
  const door =
    elsewhere === undefined
      ? literal
      : {
          ...literal,
          ...elsewhere,
          body: elsewhere.body === undefined ? write.body : Buffer.from(elsewhere.body),
        }
  const path = pathOf(door.target)
  const call = callAt(write.api, door.method, path)
  if (call === undefined) return refused('there is no such call')

  const uploaded = call.kind === 'upload' ? uploadOf(door.contentType ?? '', door.body) : {}
  if (uploaded === undefined) return refused('it uploads nothing', door)
  const query = new URLSearchParams(door.target.slice(path.length))
  const said = {
    query,
    contentType: door.contentType,
    body: call.kind === 'upload' ? Buffer.alloc(0) : door.body,
  }
  const meaning = meaningOf(write.api, call, said)
  if ('refused' in meaning) return refused(meaning.refused, door)

  const known: Known = { regionName, deploying: deployingAt(scenarios, write) }
  const wish = {
    call,
    method: door.method,
    path: path.split('/').map(decodeURIComponent).join('/').replace(/\/$/, ''),
    parameters: meaning.parameters,
    ...uploaded,
  }
  const sends = sendsFor(generation, wish, known)
  if ('refused' in sends) return { class: 'refused', door, ...sends }
  const ofRecorded: JsonObject = {
    ...wish.parameters,
    ...(call.name === 'precheck' && { region_name: regionName }),
  }
  const isSame =
    elsewhere === undefined &&
    sends[0]?.method === wish.method &&
    sends[0].path === withFlagsInOrder(wish.path) &&
    isDeepStrictEqual(sends[0].parameters, ofRecorded)
  const isSplit = sends.length > 1 || (sends[0]?.of !== undefined && call.ids.length > 1)
  const className = isFault(write) ? 'fault' : isSplit ? 'split' : isSame ? 'relayed' : 'translated'
  return { class: className, door, call, sends }
}

/** Whether the region's answer is none that could be handed on as it is. */
function isFault({ answer, transportError }: RecordedWrite): boolean {
  if (answer === undefined || transportError !== undefined) return true
  if (answer.status === 401 || answer.status === 403) return true
  if (answer.status === 200) return parseJson(answer.body) === undefined
  return answer.status < 400 || answer.status >= 500
}

/** Told from the list that the region shows in this scenario. */
export function generationOf(scenarios: Scenarios, { scenario }: RecordedWrite): Generation {
  if (scenarios.wording === 'patching') return 'patching'
  if (scenarios.wording === 'verbs') return 'stx9'
  const list = parseJson(scenarios.answer(scenario, '/v1/release').answer?.body ?? '')
  const records = isArray(list) ? list.filter(isObject) : []
  if (records.some((record) => 'metapackages' in record)) return 'master'
  return records.some((record) => 'preinstalled_patches' in record) ? 'stx11' : 'stx10'
}

/** stx 9: the releases that say so themselves, else the one that its deployment leads to. */
function deployingAt(scenarios: Scenarios, { scenario }: RecordedWrite): Known['deploying'] {
  if (scenarios.wording !== 'verbs') return []
  const shown = (path: string): JsonObject | undefined => {
    const { answer: recorded } = scenarios.answer(scenario, path)
    const json = recorded?.status === 200 ? parseJson(recorded.body) : undefined
    return isObject(json) ? json : undefined
  }
  const sd = shown('/v1/software/query')?.['sd']
  const releases = Object.entries(isObject(sd) ? sd : {}).map(([id, value]) => {
    const { state, sw_version: version = null } = isObject(value) ? value : {}
    return { id, state: typeof state === 'string' ? state : '', version }
  })
  const deploying = releases.filter(({ state }) => state.startsWith('deploying'))
  if (deploying.length > 0) return deploying
  const deployment = shown('/v1/software/deploy_show')
  if (deployment === undefined) return null
  const { to_release: target = null } = deployment
  return releases.filter(({ version }) => version !== null && version === target)
}
