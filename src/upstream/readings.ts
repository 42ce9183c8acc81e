import type { JsonObject, Readings, RecordsReading, Resource } from '../model/reading.ts'
import { UpstreamError } from './error.ts'
import { toPatch, toPatchingHost } from './facts-patching.ts'
import { toDeployHost, toDeployment, toRelease } from './facts-usm.ts'
import { field, isObject } from './json.ts'
import { splice } from './piece.ts'
import { scanRecords } from './scan.ts'

/** A body that was parsed, and shown to carry no error. */
export interface Answered {
  readonly regionName: string
  readonly dialect: string
  /** As received. */
  readonly body: Buffer
  /** The documented shape as text; the body itself unless it was translated. */
  readonly json: Buffer
  readonly value: unknown
  /** For messages: `GET /v1/release`. */
  readonly call: string
  readonly id: string
}

/** Checks the shape of an answer and makes all of it that will be served. Throw `malformed` where it does not fit. */
export const toReading: { readonly [R in Resource]: (answered: Answered) => Readings[R] } = {
  release: (answered) => recordsReading(answered, answered.value, releaseTypes, toRelease),
  deploy: (answered) => recordsReading(answered, answered.value, deploymentTypes, toDeployment),
  deploy_host: (answered) => recordsReading(answered, answered.value, deployHostTypes, toDeployHost),
  query_hosts(answered) {
    const { value, call } = answered
    const data = isObject(value) ? field(value, 'data') : undefined
    return recordsReading(answered, data, patchingHostTypes, toPatchingHost, 'data', call)
  },
  query(answered) {
    const { value, call, json } = answered
    const pd = isObject(value) ? field(value, 'pd') : undefined
    if (!isObject(pd)) throw malformed(call, 'no object "pd"')
    checkCount(Object.keys(pd).length, call)
    const patches = new Map<string, JsonObject>()
    for (const [id, record] of Object.entries(pd)) {
      if (!isObject(record)) throw malformed(call, `"pd" holds something that is not an object`)
      checkTypes(record, patchTypes, call)
      patches.set(id, record)
    }
    scanRecords(json, 3, call, 'pd')
    const items = [...patches].map(([id, record]) => toPatch(id, record))
    return { dialect: answered.dialect, body: answered.body, patches, items }
  },
  software_upgrade({ dialect, body, value, call, json }) {
    if (value === null) return { dialect, body, value: null }
    if (!isObject(value)) throw malformed(call, 'neither an object nor null')
    checkTypes(value, deploymentTypes, call)
    scanRecords(json, 1, call)
    return { dialect, body, value }
  },
  in_sync_controller({ dialect, body, value, call, json }) {
    if (!isObject(value) || typeof field(value, 'in_sync') !== 'boolean') {
      throw malformed(call, 'no boolean "in_sync"')
    }
    scanRecords(json, 1, call)
    return { dialect, body, value }
  },
  show({ dialect, body, value, call, json, id }) {
    const metadata = isObject(value) ? field(value, 'metadata') : undefined
    const contents = isObject(value) ? field(value, 'contents') : undefined
    if (!isObject(value) || !isObject(metadata) || !isObject(contents)) {
      throw malformed(call, 'no objects "metadata" and "contents"')
    }
    const patch = field(metadata, id)
    if (patch !== undefined && !isObject(patch)) throw malformed(call, 'metadata that is not an object')
    if (isObject(patch)) checkTypes(patch, patchTypes, call)
    scanRecords(json, 3, call)
    return { dialect, body, value }
  },
}

type Types = { readonly [key: string]: 'string' | 'boolean' | 'string!' | 'number' }

/** No region has a tenth of it; each costs far more than its bytes, in every view that is made of it. */
const mostRecords = 20_000

/** Of an id or a host name: they become labels, and parts of every answer. */
const longestId = 1_024

// `!`: must be there. Everything else may be absent or null, as some release leaves it so.
const releaseTypes: Types = {
  release_id: 'string!',
  state: 'string',
  sw_version: 'string',
  reboot_required: 'boolean',
  unremovable: 'boolean',
}
const deploymentTypes: Types = { from_release: 'string', to_release: 'string', state: 'string' }
const deployHostTypes: Types = {
  hostname: 'string!',
  software_release: 'string',
  target_release: 'string',
  host_state: 'string',
}
const patchTypes: Types = { patchstate: 'string', repostate: 'string', sw_version: 'string' }
const patchingHostTypes: Types = {
  hostname: 'string!',
  patch_current: 'boolean',
  patch_failed: 'boolean',
  stale_details: 'boolean',
  interim_state: 'boolean',
  requires_reboot: 'boolean',
  secs_since_ack: 'number',
  sw_version: 'string',
  nodetype: 'string',
  state: 'string',
}

function recordsReading<Item>(
  answered: Answered,
  records: unknown,
  types: Types,
  toItem: (record: JsonObject) => Item,
  under?: string,
  call = answered.call,
): RecordsReading<Item> {
  if (!Array.isArray(records)) throw malformed(call, under ? `no array "${under}"` : 'not an array')
  checkCount(records.length, call)
  const checked: JsonObject[] = []
  for (const record of records) {
    if (!isObject(record)) throw malformed(call, 'a record that is not an object')
    checkTypes(record, types, call)
    checked.push(record)
  }
  const text = { json: answered.json, records: checked, depth: under ? 3 : 2, ...(under && { under }) }
  return {
    dialect: answered.dialect,
    body: answered.body,
    piece: splice(answered.regionName, text, call),
    items: checked.map(toItem),
  }
}

function checkCount(records: number, call: string): void {
  if (records > mostRecords) throw new UpstreamError('too_large', `${call}: more than ${mostRecords} records`)
}

function checkTypes(record: JsonObject, types: Types, call: string): void {
  for (const key in types) {
    const type = types[key]
    const value = field(record, key)
    if (value === undefined || value === null) {
      if (type === 'string!') throw malformed(call, `a record without "${key}"`)
    } else if (type === 'string!' && typeof value === 'string' && value.length > longestId) {
      throw malformed(call, `"${key}" is longer than ${longestId}`)
    } else if (typeof value !== (type === 'string!' ? 'string' : type)) {
      throw malformed(call, `"${key}" is a ${Array.isArray(value) ? 'list' : typeof value}`)
    }
  }
}

function malformed(call: string, what: string): UpstreamError {
  return new UpstreamError('malformed', `${call}: ${what}`)
}
