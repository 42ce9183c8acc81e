import { doesNotExist, patchById } from '../region/patching/order.ts'
import type { RegionState } from '../region/state.ts'
import { patchstateOf } from '../region/state.ts'
import type { Answer } from './answer.ts'
import { jsonAnswer, serverErrorAnswer, textAnswer } from './answer.ts'
import { negotiatedError, notAcceptable, page, pickType } from './negotiation.ts'
import { outcomeOf } from './outcome.ts'
import { patchingWrites } from './patchingWrites.ts'
import { patchContents, patchHostRecord, patchRecord } from './patchingRecords.ts'
import type { SimRequest } from './request.ts'
import { parametersOf, segmentsOf } from './request.ts'

const banner = 'Titanium Cloud Patching API, Available versions: /v1'

/** Patching of stx 6 to 11; every HTTP method runs the handler (recordings query-put, query-head). */
export function answerPatching(
  state: RegionState,
  request: SimRequest,
  now: number,
): Answer | Promise<Answer> {
  const accept = request.headers['accept']
  const [root, route = 'query', ...ids] = segmentsOf(request)
  if (root === undefined) {
    const type = pickType(accept, ['text/html', 'application/json'])
    return type === 'application/json'
      ? jsonAnswer(banner)
      : textAnswer(200, 'text/html; charset=UTF-8', banner)
  }
  if (root !== 'v1' && root !== 'patch') return notFound(accept)
  if (/^\/(v1|patch)$/.test(request.target)) {
    // Only a GET can be sent on (recording crash-post-v1-noslash).
    return request.method === 'GET' ? toSlash(request) : serverErrorAnswer(true)
  }
  const handler = handlers[route]
  if (!handler || (handler.takes === 'nothing' && ids.length > 0)) return notFound(accept)
  const offers = handler.xml ? ['application/xml', 'application/json'] : ['application/json']
  const type = accept === undefined || accept === '*/*' ? 'application/json' : pickType(accept, offers)
  if (type === 'application/json') {
    return handler.writes
      ? outcomeOf(state, () => handler.answer(state, ids, request, now))
      : jsonAnswer(handler.answer(state, ids, request, now))
  }
  // XML isn't simulated, except for how it fails: a patch without optional metadata ends the daemon
  // (recordings crash-query-xml-incomplete-metadata, query-accept-axios).
  const fatal = handler.xml === 'patches' && state.patches.some((patch) => patch.metadata === 'minimal')
  return type !== undefined && fatal ? serverErrorAnswer(true) : notAcceptable(accept ?? '')
}

/** What one route does. */
export interface Handler {
  readonly takes: 'nothing' | 'ids'
  /** Which data its XML template needs, where it has one. */
  readonly xml?: 'patches' | 'other'
  readonly writes?: true
  readonly answer: (state: RegionState, ids: readonly string[], request: SimRequest, now: number) => unknown
}

const handlers: Readonly<Record<string, Handler>> = {
  query: {
    takes: 'nothing',
    xml: 'patches',
    answer: (state, _ids, request) => ({ pd: queried(state, request) }),
  },
  show: { takes: 'ids', xml: 'patches', answer: shown },
  query_hosts: {
    takes: 'ids',
    xml: 'other',
    answer: (state, _ids, _request, now) => ({
      data: state.patchHosts.map((host) => patchHostRecord(host, state, now)),
    }),
  },
  is_applied: { takes: 'ids', answer: (state, ids) => all(state, ids, 'Applied') },
  is_available: { takes: 'ids', answer: (state, ids) => all(state, ids, 'Available') },
  what_requires: { takes: 'ids', xml: 'other', answer: whatRequires },
  query_dependencies: { takes: 'ids', answer: dependencies },
  query_app_dependencies: { takes: 'nothing', answer: (state) => state.appDependencies },
  ...patchingWrites,
}

/** `show` filters on repostate; any other word, or a repeated one, filters nothing. */
function queried(state: RegionState, request: SimRequest): Record<string, unknown> {
  const parameters = parametersOf(request)
  const words = new Map([
    ['available', 'Available'],
    ['applied', 'Applied'],
    ['committed', 'Committed'],
  ])
  const repostate = words.get(parameters.get('show') ?? '')
  const version = parameters.get('release')
  const kept = state.patches.filter(
    (patch) =>
      (repostate === undefined || patch.repostate === repostate) &&
      (version === undefined || patch.swVersion === version),
  )
  return Object.fromEntries(kept.map((patch) => [patch.id, patchRecord(patch, state)]))
}

function shown(state: RegionState, ids: readonly string[]): unknown {
  const known = ids.map((id) => patchById(state, id)).filter((patch) => patch !== undefined)
  return {
    metadata: Object.fromEntries(known.map((patch) => [patch.id, patchRecord(patch, state)])),
    contents: Object.fromEntries(known.map((patch) => [patch.id, patchContents(patch, state)])),
    error: unrecognized(state, ids),
  }
}

function all(state: RegionState, ids: readonly string[], word: string): boolean {
  return ids.every((id) => {
    const patch = patchById(state, id)
    return patch !== undefined && patchstateOf(patch, state) === word
  })
}

function whatRequires(state: RegionState, ids: readonly string[]): unknown {
  const error = doesNotExist(state, ids)
  if (error !== '') return { info: '', warning: '', error }
  const lines = ids.map((id) => {
    const needing = state.patches.filter((patch) => patch.requires.includes(id)).map((patch) => patch.id)
    return needing.length === 0
      ? `${id} is not required by any patches.\n`
      : `${id} is required by: ${needing.sort().join(', ')}\n`
  })
  return { info: lines.join(''), warning: '', error: '' }
}

function dependencies(state: RegionState, ids: readonly string[], request: SimRequest): unknown {
  const error = unrecognized(state, ids)
  if (error !== '') return { patches: [], error }
  const recursive = parametersOf(request).get('recursive') === 'yes'
  const found = new Set(ids)
  for (const id of found) {
    if (!recursive && !ids.includes(id)) continue
    for (const required of patchById(state, id)?.requires ?? []) found.add(required)
  }
  return { patches: [...found].sort(), error: '' }
}

function unrecognized(state: RegionState, ids: readonly string[]): string {
  return ids.map((id) => (patchById(state, id) ? '' : `${id} is unrecognized\n`)).join('')
}

/** Its JSON has a null description (recording unknown-route-accept-json). */
function notFound(accept: string | undefined): Answer {
  return negotiatedError(404, accept, '', { description: null })
}

/** `/v1` without its slash: an absolute address from the Host header (recording v1-noslash). */
function toSlash(request: SimRequest): Answer {
  const to = `http://${request.headers['host'] ?? ''}${request.target}/`
  const body = page(
    '302 Found',
    `The resource was found at <a href="${to}">${to}</a>;\nyou should be redirected automatically.\n\n`,
  )
  return textAnswer(302, 'text/html; charset=UTF-8', body, [['Location', to]])
}
