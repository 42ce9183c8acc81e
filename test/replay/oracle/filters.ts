import type { Json, JsonObject } from '../json.ts'

/** What a filter leaves of a list, or that the question is refused. */
export type Filtered = readonly JsonObject[] | 'bad request'

const releaseStates = [
  ['available', 'unavailable', 'deploying', 'deployed', 'removing', 'committed'],
  ['uploading', 'upload-failed', 'deployed-partial', 'deploy-selected', 'remove-selected'],
].flat()
const patchStates = ['available', 'applied', 'committed', 'partial-apply', 'partial-remove', 'n/a']
/** Values of `show` that leave everything in. */
const everything = ['all', 'synced']

/** The releases that `show` and `release` leave, in each reading that the contract allows. */
export function filterReleases(records: readonly JsonObject[], query: URLSearchParams): readonly Filtered[] {
  return filter(records, query, { states: releaseStates, stateKeys: ['state'], idKey: 'release_id' })
}

/** The same for patches, whose id was put into each record under `idKey`. */
export function filterPatches(
  records: readonly JsonObject[],
  idKey: string,
  query: URLSearchParams,
): readonly Filtered[] {
  // Upstream compares the state in the repository, the contract says only "state": either reading is good.
  return filter(records, query, { states: patchStates, stateKeys: ['repostate', 'patchstate'], idKey })
}

interface Terms {
  readonly states: readonly string[]
  /** The fields that may be meant by the state of a record, one per reading. */
  readonly stateKeys: readonly string[]
  readonly idKey: string
}

function filter(records: readonly JsonObject[], query: URLSearchParams, terms: Terms): readonly Filtered[] {
  if ([...query.keys()].some((name) => name !== 'show' && name !== 'release')) return ['bad request']
  const shows = query.getAll('show').map((show) => show.toLowerCase())
  const releases = query.getAll('release')
  const known = new Set([...terms.states, ...everything])
  if (shows.some((show) => !known.has(show))) return ['bad request']

  const stateKeys = shows.length === 0 ? terms.stateKeys.slice(0, 1) : terms.stateKeys
  const kept = stateKeys.map((stateKey) =>
    records
      .filter((record) => shows.length === 0 || shows.some((show) => isShown(show, record[stateKey])))
      .filter((record) => releases.length === 0 || releases.some((value) => isRelease(value, record, terms))),
  )
  // A repeated parameter, a state in other letters, or a value that names nothing here may also be refused.
  const isRepeated = shows.length > 1 || releases.length > 1
  const isShouted = query.getAll('show').some((show) => show !== show.toLowerCase())
  const isOdd = releases.some(
    (value) => !isVersion(value) && !records.some((record) => record[terms.idKey] === value),
  )
  return isRepeated || isShouted || isOdd ? [...kept, 'bad request'] : kept
}

function isShown(show: string, state: Json | undefined): boolean {
  return everything.includes(show) || (typeof state === 'string' && state.toLowerCase() === show)
}

function isRelease(value: string, record: JsonObject, { idKey }: Terms): boolean {
  if (record[idKey] === value) return true
  const version = record['sw_version']
  return isVersion(value) && typeof version === 'string' && isWithin(version, value)
}

function isVersion(value: string): boolean {
  return /^\d+(\.\d+)*$/.test(value)
}

/** Whether a version begins with the numbers of a shorter one: 24.09.1 lies within 24.9, 24.10 does not. */
function isWithin(version: string, wanted: string): boolean {
  if (!isVersion(version)) return false
  const numbers = version.split('.').map(Number)
  return wanted.split('.').every((part, position) => numbers[position] === Number(part))
}
