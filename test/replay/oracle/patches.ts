import { isObject } from '../json.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Expected } from './expected.ts'
import { filterPatches } from './filters.ts'

/** The patches of a region that `show` and `release` leave, in each reading that the contract allows. */
export function filterPatchMap(
  patches: Json | undefined,
  query: URLSearchParams,
): readonly (JsonObject | 'bad request')[] {
  const entries = Object.entries(isObject(patches) ? patches : {})
  const records = entries.map(([id, patch]) =>
    Object.assign({}, isObject(patch) ? patch : {}, { [idKey]: id }),
  )
  return filterPatches(records, idKey, query).map((result) => {
    if (result === 'bad request') return result
    const kept = new Set(result.map((record) => record[idKey]))
    return Object.fromEntries(entries.filter(([id]) => kept.has(id)))
  })
}

const idKey = 'patch_id'

export function queryAnswer(patches: JsonObject, region: string, merged: boolean): Json {
  if (merged) return { pd: mergedPatches(patches, region) }
  const pd = eachPatch(patches, (patch) => Object.assign({}, patch, { region_name: region }))
  return { pd }
}

export function showAnswers(json: JsonObject, region: string, merged: boolean): readonly Expected[] {
  if (!merged) return [{ status: 200, body: { ...json, region_name: region } }]
  const metadata = isObject(json['metadata']) ? json['metadata'] : {}
  if (Object.keys(metadata).length === 0) {
    // How a patch that no region knows is worded is left open, except that nothing may be made up.
    const body = { metadata: {}, contents: {}, error: json['error'] ?? '' }
    return [{ status: 200, body, matches: isEmptyShow }, { status: 404 }]
  }
  const body = { metadata: mergedPatches(metadata, region), contents: json['contents'] ?? {}, error: '' }
  return [{ status: 200, body }]
}

/** Patches of one region as a merged answer shows them: with who said so, and nothing that differs. */
function mergedPatches(patches: JsonObject, region: string): JsonObject {
  return eachPatch(patches, (patch) => {
    const states = { patchstate: patch['patchstate'] ?? null, repostate: patch['repostate'] ?? null }
    return Object.assign({}, patch, { regions: { [region]: states }, differs: [] })
  })
}

function eachPatch(patches: JsonObject, change: (patch: JsonObject) => JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(patches).map(([id, patch]) => [id, change(isObject(patch) ? patch : {})]),
  )
}

function isEmptyShow(body: Json): boolean {
  if (!isObject(body) || !isObject(body['metadata']) || !isObject(body['contents'])) return false
  const isEmpty = [body['metadata'], body['contents']].every((map) => Object.keys(map).length === 0)
  return isEmpty && typeof body['error'] === 'string' && body['error'] !== ''
}
