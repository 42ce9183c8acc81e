import { isArray, isObject, parseJson } from '../../replay/json.ts'
import type { Json, JsonObject } from '../../replay/json.ts'
import type { Api } from '../../replay/recordings.ts'
import type { Call } from './table.ts'

/** What a request says beside its path, or why a gateway refuses it. */
export type Meaning = { readonly parameters: JsonObject } | { readonly refused: string }

export interface Said {
  readonly query: URLSearchParams
  readonly contentType: string | undefined
  readonly body: Buffer
}

const yes = new Set<Json>([true, 1, 'true', 'yes', 'y', '1', 'on'])
const no = new Set<Json>([false, 0, null, 'false', 'no', 'n', '0', 'off'])
const flags = new Set(['force', 'delete', 'pre_upgrade_deploy', 'remove', 'unselect_all'])
const lists = new Set(['releases', 'options'])

/** Query and body laid together, as upstream lays them. */
export function meaningOf(api: Api, call: Call, said: Said): Meaning {
  const inBody = bodyOf(said)
  if (inBody === undefined) return { refused: 'its body is neither a JSON object nor a form' }
  const { query } = said
  if (call.kind === 'read') return { parameters: Object.fromEntries(query) }
  if (holdsPath(inBody) || [...query.values()].some(holdsPath)) return { refused: 'it names a path' }
  if ('release' in inBody && call.ids.length > 0 && inBody['release'] !== call.ids[0]) {
    return { refused: 'its body names another release than its path' }
  }
  // Patching reads no body but an upload's.
  const taken = api === 'patching' ? {} : inBody
  const parameters: Record<string, Json> = {}
  for (const name of call.takes) {
    const values = query.getAll(name)
    const own = taken[name]
    if (values.length > 0 && own !== undefined) return { refused: `${name} in query and body` }
    if (values.length > 1 && !lists.has(name)) return { refused: `${name} twice` }
    const value = own ?? (values.length > 1 ? values : values[0])
    if (value === undefined && !(name in taken)) continue
    if (flags.has(name)) {
      if (yes.has(lower(value))) parameters[name] = true
      // Absent is not forced; present is, whatever it says: so what is false must not be sent.
      else if (!no.has(lower(value))) return { refused: `${name} is neither true nor false` }
    } else if (value !== undefined && value !== null) parameters[name] = value
  }
  const { releases } = parameters
  if (releases !== undefined && !releaseIds(releases)) return { refused: 'releases are ids' }
  return { parameters }
}

/** `releases` as the list that is meant: a string is a list of one. */
export function releaseIds(releases: Json): readonly string[] | undefined {
  const all = isArray(releases) ? releases : [releases]
  const plain = all.filter(
    (each): each is string => typeof each === 'string' && /^[A-Za-z0-9][\w.-]{0,127}$/.test(each),
  )
  return plain.length === all.length ? plain : undefined
}

function bodyOf({ contentType, body }: Said): JsonObject | undefined {
  const text = body.toString('utf8')
  if (text.trim() === '') return {}
  const type = (contentType ?? 'application/json').split(';')[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') {
    const form = new URLSearchParams(text)
    return Object.fromEntries(
      [...form.keys()].map((name) => {
        const values = form.getAll(name)
        return [name, values.length > 1 ? values : (values[0] ?? '')]
      }),
    )
  }
  const json = type === 'application/json' ? parseJson(text) : undefined
  return isObject(json) ? json : undefined
}

function holdsPath(value: Json): boolean {
  if (typeof value === 'string') return value.startsWith('/')
  if (isArray(value)) return value.some(holdsPath)
  return isObject(value) && Object.values(value).some(holdsPath)
}

function lower(value: Json | undefined): Json {
  return typeof value === 'string' ? value.toLowerCase() : (value ?? null)
}
