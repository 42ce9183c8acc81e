import type { Intent } from '../model/intent.ts'
import type { JsonObject } from '../model/reading.ts'
import type { Method } from '../model/region-call.ts'
import type { Region } from '../model/region.ts'
import type { Upload } from '../model/upload.ts'
import { bad } from './parameters.ts'
import { printable, Problem } from './problem.ts'
import { checkId, mostIds, type MatchedPath } from './region-path.ts'

/** What a request for one region brings, beside its path. */
export interface Given {
  readonly method: Method
  readonly query: URLSearchParams
  /** The parameters in the body. */
  readonly body: JsonObject
  readonly upload?: Upload
}

/** Parameters of the gateway's own, which no region sees. */
const own = new Set(['region_name', 'service'])
const yesNo: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...[true, 1, 'true', 'yes', 'y', '1', 'on'].map((word): [unknown, boolean] => [word, true]),
  ...[false, 0, null, 'false', 'no', 'n', '0', 'off'].map((word): [unknown, boolean] => [word, false]),
])
const longestWord = 1_000
const booleans = new Set(['delete', 'pre_upgrade_deploy', 'remove', 'unselect_all'])

/**
 * Makes the intent of a request. `strict`: an unknown parameter is a mistake; else it is left out, as regions ignore it.
 * Throws a 400 `Problem`.
 */
export function toIntent(matched: MatchedPath, given: Given, region: Region, strict: boolean): Intent {
  const { call, path, ids, host, flags } = matched
  const { method, query, body, upload } = given
  refuseRegion(query, body, region)
  // Patching reads no body but an upload's (recording patching/stx8.0/apply-json-body-skip-semantic).
  const inBody = call.service === 'patching' ? [] : call.parameters
  if (strict) {
    refuseUnknown(call.parameters, query.keys())
    refuseUnknown(inBody, Object.keys(body))
  }
  const rest = { call, method, path, ids, host, ...(upload !== undefined && { upload }) }
  const sent = [...query].filter(([name]) => !own.has(name))
  if (call.kind === 'read') {
    const text = new URLSearchParams(sent).toString()
    return { ...rest, force: false, rollback: false, parameters: {}, query: text === '' ? '' : `?${text}` }
  }
  refusePaths([...query.values(), ...Object.values(body)])
  const parameters = merged(call.parameters, sent, inBody.length > 0 ? body : {})
  const { force, releases, region_name: _, ...others } = parameters
  const releasesInBody = toIds(releases)
  if (ids.length > 0 && Object.hasOwn(body, 'release') && body['release'] !== ids[0]) {
    throw bad('release', 'differs from the release in the path')
  }
  if (ids.length > 0 && releasesInBody.some((each) => !ids.includes(each))) {
    throw bad('releases', 'differs from the release in the path')
  }
  const forced = force === undefined ? flags.includes('force') : toBoolean('force', force)
  if (!forced && flags.includes('force')) throw bad('force', 'differs from the path')
  const normal = Object.entries(others).map(([name, value]) => [
    name,
    booleans.has(name) ? toBoolean(name, value) : plain(name, value),
  ])
  return {
    ...rest,
    ids: ids.length > 0 ? ids : releasesInBody,
    force: forced,
    rollback: flags.includes('rollback'),
    parameters: {
      // Without it the region's handler fails.
      ...(call.name === 'install_local' && { delete: false }),
      ...(Object.fromEntries(normal) as JsonObject),
      // The region is told its own name for itself, whatever the caller called it.
      ...(call.name === 'precheck' && { region_name: region.keystoneRegion }),
    },
    query: '',
  }
}

/** A request that names a region means this one. */
function refuseRegion(query: URLSearchParams, body: JsonObject, region: Region): void {
  const names = new Set<unknown>([region.name, region.subcloud, region.keystoneRegion])
  const given = [
    ...query.getAll('region_name'),
    ...(Object.hasOwn(body, 'region_name') ? [body['region_name']] : []),
  ]
  for (const name of given) {
    if (!names.has(name)) {
      throw bad('region_name', `"${printable(String(name))}" is not the region of this request`)
    }
  }
}

function refuseUnknown(known: readonly string[], given: Iterable<string>): void {
  for (const name of given) {
    if (own.has(name) || known.includes(name)) continue
    throw bad(name, `unknown here; allowed are ${[...own, ...known].join(', ')}`)
  }
}

/** Only uploads may name a file on the region's controller: some undocumented parameters would run one. */
function refusePaths(values: readonly unknown[]): void {
  if (values.flat().some((each) => typeof each === 'string' && /^\s*\//.test(each))) {
    throw new Problem(400, 'bad-parameter', "a parameter names a path on the region's controller")
  }
}

/** What regions take is words, or a list of them; some end up in a URL, or as an argument of a script. */
function plain(name: string, value: unknown): unknown {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > mostIds) throw bad(name, `at most ${mostIds}`)
  for (const each of list) {
    const fits =
      typeof each === 'string' ? each.length <= longestWord && !/\p{Cc}/u.test(each) : Object(each) !== each
    if (!fits) throw bad(name, `not a word of at most ${longestWord} characters`)
  }
  return value
}

function merged(
  known: readonly string[],
  query: readonly (readonly [string, string])[],
  body: JsonObject,
): JsonObject {
  const all: Record<string, unknown> = {}
  for (const name of known) {
    const values = query.filter(([key]) => key === name).map(([, value]) => value)
    const inBody = Object.hasOwn(body, name)
    if (values.length > 1 && name !== 'releases' && name !== 'options')
      throw bad(name, 'given more than once')
    if (values.length > 0 && inBody) throw bad(name, 'given in the query and in the body')
    if (inBody) all[name] = body[name]
    else if (values.length > 0) all[name] = values.length === 1 ? values[0] : values
  }
  return all
}

function toBoolean(name: string, value: unknown): boolean {
  const known = yesNo.get(typeof value === 'string' ? value.toLowerCase() : value)
  if (known === undefined) throw bad(name, 'write true or false')
  return known
}

function toIds(releases: unknown): readonly string[] {
  if (releases === undefined || releases === null) return []
  const list: readonly unknown[] = Array.isArray(releases) ? releases : [releases]
  if (list.length > mostIds) throw bad('releases', `at most ${mostIds}`)
  return list.map((each) => {
    if (typeof each !== 'string') throw bad('releases', 'a list of ids')
    checkId(each)
    return each
  })
}
