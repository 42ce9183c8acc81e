import { regionCalls } from '../model/region-calls.ts'
import type { RegionCall } from '../model/region-call.ts'
import type { Service } from '../model/region.ts'
import { methodNotAllowed, nowhere, Problem } from './problem.ts'
import { bad } from './parameters.ts'

/** A path that is a row of the table of calls. */
export interface MatchedPath {
  readonly call: RegionCall
  /** With its ids filled in, each as it matched the allow-list. */
  readonly path: string
  readonly ids: readonly string[]
  readonly host: string
  readonly flags: readonly string[]
}

/** Regions decode what we encode, and read `/`, `-` or `;` in it as their own: so an allow-list, never an escape. */
const id = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/
/** A host goes by its name or its address. */
const host = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/
/** Of releases or patches in one request. */
export const mostIds = 100
const flags = new Set(['force', 'rollback'])
const longestPath = 16 * 1024

/**
 * The segments of a request's path, each decoded once. Throws a 400 `Problem` for what a region, or a proxy before us,
 * could read as another path: dot segments, encoded separators, control characters.
 */
export function segmentsOf(rawPath: string): readonly string[] {
  if (rawPath.length > longestPath) throw malformed('it is too long')
  const [first, ...segments] = rawPath.split('/')
  if (first !== '') throw malformed('it does not begin with /')
  if (segments.at(-1) === '') segments.pop()
  return segments.map((segment) => {
    let decoded: string
    try {
      decoded = decodeURIComponent(segment)
    } catch {
      throw malformed('an escape in it is none')
    }
    if (decoded === '' || decoded === '.' || decoded === '..')
      throw malformed('a segment of it is empty or dots')
    if (/[/\\;%?#\p{Cc}\p{Cf}]/u.test(decoded)) throw malformed('a segment of it holds a separator')
    return decoded
  })
}

/** `/usm/v1/…` and `/patching/v1/…` say which API is meant. */
export function prefixOf(segments: readonly string[]): {
  readonly service: Service | undefined
  readonly rest: readonly string[]
} {
  const [first] = segments
  return first === 'usm' || first === 'patching'
    ? { service: first, rest: segments.slice(1) }
    : { service: undefined, rest: segments }
}

/**
 * The rows that a method and a path are, one of each service at most; `service` leaves only its own. Throws a 404, or a
 * 405 with what is allowed.
 */
export function matchCall(
  method: string,
  segments: readonly string[],
  service?: string,
): readonly MatchedPath[] {
  const found = templates.flatMap((template) => {
    const { call } = template
    if (service !== undefined && call.service !== service) return []
    const slots = fill(template.segments, segments)
    return slots === undefined ? [] : [{ template, slots }]
  })
  const allowed = [...new Set(found.flatMap(({ template }) => template.call.methods))]
  const wanted = found.filter(({ template }) => (template.call.methods as readonly string[]).includes(method))
  const [first] = wanted
  if (first === undefined) {
    if (allowed.length === 0) throw nowhere(method, `/${segments.join('/')}`)
    throw methodNotAllowed(
      method,
      allowed.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each])),
    )
  }
  // Rows stand in the order of precedence; only one path is in the tables of both services.
  return wanted
    .filter(({ template }) => template.text === first.template.text)
    .map(({ template, slots }) => check(template.call, segments, slots))
}

interface Template {
  readonly call: RegionCall
  readonly text: string
  readonly segments: readonly string[]
}

const templates: readonly Template[] = regionCalls.flatMap((call) =>
  call.paths.map((text) => ({ call, text, segments: text.split('/').filter((segment) => segment !== '') })),
)

/**
 * Words of the table are neither ids nor hosts: `DELETE /v1/release/x/is_deployed` is a mistake, and deletes nothing;
 * `POST /v1/deploy_host/force` names no host.
 */
const words = new Set([
  ...templates.flatMap(({ segments }) => segments).filter((part) => !part.startsWith('{')),
  ...flags,
])

interface Slots {
  readonly ids: readonly string[]
  readonly host: string
  readonly flags: readonly string[]
}

/** What stands in a template's places; undefined where the path is not of its form. */
function fill(template: readonly string[], path: readonly string[]): Slots | undefined {
  const slots = { ids: [] as readonly string[], host: '', flags: [] as readonly string[] }
  let at = 0
  for (const [i, part] of template.entries()) {
    const here = path[at]
    if (part === '{flags}') {
      slots.flags = path.slice(at)
      const fit = slots.flags.every((flag, i) => flags.has(flag) && slots.flags.indexOf(flag) === i)
      return fit ? slots : undefined
    }
    if (here === undefined) return undefined
    if (part === '{ids}') {
      const end = path.length - (template.length - i - 1)
      if (end <= at) return undefined
      slots.ids = path.slice(at, end)
      if (slots.ids.some((each) => words.has(each))) return undefined
      at = end
      continue
    }
    if (part.startsWith('{') && words.has(here)) return undefined
    if (part === '{id}') slots.ids = [here]
    else if (part === '{host}') slots.host = here
    else if (part !== here) return undefined
    at++
  }
  return at === path.length ? slots : undefined
}

function check(call: RegionCall, segments: readonly string[], slots: Slots): MatchedPath {
  if (slots.ids.length > mostIds) throw bad('id', `at most ${mostIds}`)
  for (const each of slots.ids) checkId(each)
  if (slots.host !== '' && !host.test(slots.host)) {
    throw bad(
      'hostname',
      'letters, digits, dots, colons, dashes and underscores, beginning with a letter or a digit',
    )
  }
  return { call, path: `/${segments.join('/')}`, ...slots }
}

/**
 * Throws a 400 `Problem` for an id of a release or a patch that is not of the allow-list. A word of the table is none: in
 * a region's path it would be another call.
 */
export function checkId(text: string): void {
  if (id.test(text) && !words.has(text)) return
  throw bad('id', 'letters, digits, dots, dashes and underscores, beginning with a letter or a digit')
}

function malformed(why: string): Problem {
  return new Problem(400, 'malformed-request', `the path is not one that this gateway relays: ${why}`)
}
