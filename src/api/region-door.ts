import type { Context } from 'hono'
import type { Act } from '../fleet/act.ts'
import type { Directory } from '../fleet/directory.ts'
import type { Scope } from '../fleet/select.ts'
import type { JsonObject } from '../model/reading.ts'
import type { Method } from '../model/region-call.ts'
import type { Region, Service } from '../model/region.ts'
import { toRegionAnswer, type RegionAnswer } from './acted.ts'
import { createLeaveLine, type Attempt } from './attempt.ts'
import type { Audit, WriteOutcome } from './audit.ts'
import { bodyParameters, incomingOf } from './body.ts'
import { atLeast, confirmed, type Caller } from './caller.ts'
import { toIntent } from './intent.ts'
import { bad } from './parameters.ts'
import { printable, Problem } from './problem.ts'
import type { ReadsUnderWay } from './reads-under-way.ts'
import type { ReceiveUpload } from './receive-upload.ts'
import { matchCall, prefixOf, type MatchedPath } from './region-path.ts'
import type { Env } from './send.ts'
import { withLinks } from './version-links.ts'
import type { WritesUnderWay, WriteUnderWay } from './writes-under-way.ts'

export interface RegionDoorOptions {
  readonly directory: () => Directory
  readonly act: Act
  /** Which of a region's services answer to their name; for the paths that both APIs have. */
  readonly spoken: (region: Region) => Promise<readonly Service[]>
  readonly receiveUpload: ReceiveUpload
  readonly audit: Audit
  /** Takes a place among a caller's writes, and gives the function that leaves it; throws a 429 `Problem`. */
  readonly admitWrite: (caller: Caller) => () => void
  readonly writes: WritesUnderWay
  readonly reads: Pick<ReadsUnderWay, 'orGivenUp'>
  /** ms since the epoch. */
  readonly now: () => number
}

/** One request for one region, through whichever door it came. */
export interface RegionRequest {
  readonly context: Context<Env>
  readonly caller: Caller
  /** After the part that names the region: `v1`, `release`, … Throws a `Problem`. */
  readonly segments: () => readonly string[]
  /** Which region in scope, by what the request says; throws a `Problem` where that is none, or several. */
  readonly regionOf: (scope: Scope, body: JsonObject) => Region
  /** Unknown parameters are mistakes. */
  readonly strict: boolean
  /** What the region is at, from the outside: `/regions/boston-1`. */
  readonly base: () => string
}

export type RegionDoor = (request: RegionRequest) => Promise<Response>

/** Methods that change nothing, whatever the path. */
const safe = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Everything is checked before a region hears of it: path, role, region, body, in this order. */
export function createRegionDoor(options: RegionDoorOptions): RegionDoor {
  const leaveLine = createLeaveLine(options)
  return async (request) => {
    const { context, caller } = request
    const asked = context.req.raw.method
    const method = (asked === 'HEAD' ? 'GET' : asked) as Method
    const matches = await match(request, method)
    const [first] = matches
    if (first?.call.kind === 'write') return respond(request, await answerWrite(request, method, matches))
    refuseBelow(caller, 'reader')
    if (request.strict && !new URL(context.req.url).searchParams.has('region_name')) {
      const detail = 'this read is not merged: name one region by region_name, or ask /regions/{region}/v1'
      throw new Problem(404, 'not-found', detail)
    }
    // `sw-patch` reads by POST, which elsewhere may be a write.
    return respond(request, await options.reads.orGivenUp(answerOnce(request, method, matches, {})))
  }

  /** What can't be a read leaves a line also where it is no call at all. */
  async function match(request: RegionRequest, method: string): Promise<readonly MatchedPath[]> {
    try {
      const { service, rest } = prefixOf(request.segments())
      return matchCall(method, rest, service)
    } catch (error) {
      if (error instanceof Problem && !safe.has(method)) {
        await leaveLine(request, {}, options.now(), 'refused', error.status, error.message)
      }
      throw error
    }
  }

  /** A write leaves one line, whatever becomes of it; whoever is answered has it. */
  async function answerWrite(
    asked: RegionRequest,
    method: Method,
    matches: readonly MatchedPath[],
  ): Promise<RegionAnswer> {
    let request = asked
    const attempt: Attempt = { ...(matches[0] && { intent: { call: matches[0].call } }) }
    const startedAt = options.now()
    const underWay = options.writes.begin()
    const leave = (outcome: WriteOutcome, status: number, error: string): Promise<void> =>
      leaveLine(request, attempt, startedAt, outcome, status, error)
    try {
      const caller = await underWay.orGivenUp(confirmed(asked.caller))
      request = { ...asked, caller }
      refuseBelow(caller, 'configurator')
      const makeRoom = options.admitWrite(caller)
      try {
        const answer = await underWay.orGivenUp(answerOnce(request, method, matches, attempt, underWay))
        if ('problem' in answer) await leave(answer.outcome, answer.problem.status, answer.problem.message)
        else await leave(answer.outcome, answer.status, answer.error)
        return answer
      } finally {
        makeRoom()
      }
    } catch (error) {
      if (error instanceof Problem)
        await leave(error.slug === 'answer-lost' ? 'unknown' : 'refused', error.status, error.message)
      else await leave('unknown', 500, 'the gateway failed')
      throw error
    } finally {
      underWay.end()
    }
  }

  async function answerOnce(
    request: RegionRequest,
    method: Method,
    matches: readonly MatchedPath[],
    attempt: Attempt,
    underWay?: WriteUnderWay,
  ): Promise<RegionAnswer> {
    const { context } = request
    const query = new URL(context.req.url).searchParams
    const takesUpload = matches.some(({ call }) => call.limit === 'upload')
    const body = takesUpload || method === 'GET' ? {} : await bodyParameters(context)
    const region = (attempt.region = request.regionOf(request.caller.scope, body))
    const matched = await choose(matches, region, query)
    const { call } = matched
    attempt.intent = { call }
    if (call.refused !== undefined) {
      throw new Problem(400, 'not-supported', `${call.paths[0]}: ${call.refused}`)
    }
    const upload = takesUpload
      ? await options.receiveUpload(incomingOf(context), (name) => context.req.header(name))
      : undefined
    try {
      const given = { method, query, body, ...(upload !== undefined && { upload }) }
      const intent = (attempt.intent = toIntent(matched, given, region, request.strict))
      const left = context.req.raw.signal
      const signal = underWay ? AbortSignal.any([left, underWay.signal]) : left
      const acted = await options.act(region, intent, signal, underWay?.sending)
      const answer = toRegionAnswer(region, acted, call.kind === 'write', options.now())
      if ('problem' in answer || call.name !== 'show_versions') return answer
      const { origin } = new URL(context.req.url)
      return { ...answer, value: withLinks(answer.value, origin + request.base()) }
    } finally {
      if (upload?.kind === 'files') await upload.dispose()
    }
  }

  /** Both APIs have `/` and `/v1/upload`: the one that the region speaks is meant, or the one that is named. */
  async function choose(
    matches: readonly MatchedPath[],
    region: Region,
    query: URLSearchParams,
  ): Promise<MatchedPath> {
    const [first, second] = matches
    if (first === undefined) throw new Error('no call was matched')
    if (second === undefined) return first
    const named = query.getAll('service')
    if (named.length > 1 || !['usm', 'patching', undefined].includes(named[0])) {
      throw bad('service', 'allowed are usm, patching')
    }
    if (named[0] !== undefined) return matches.find(({ call }) => call.service === named[0]) ?? first
    const spoken = await options.spoken(region)
    const fitting = matches.filter(({ call }) => spoken.includes(call.service))
    if (fitting.length > 1 && first.call.kind === 'write') {
      throw bad(
        'service',
        `region ${printable(region.subcloud)} speaks both APIs: say service=usm or service=patching`,
      )
    }
    return fitting[0] ?? first
  }
}

function refuseBelow(caller: Caller, role: 'reader' | 'configurator'): void {
  if (atLeast(caller.role, role)) return
  const doing = role === 'reader' ? 'reading' : 'writing'
  throw new Problem(403, 'forbidden', `${doing} needs the role ${role}`)
}

function respond({ context }: RegionRequest, answer: RegionAnswer): Response {
  if ('problem' in answer) throw answer.problem
  const text = JSON.stringify(answer.value)
  return new Response(context.req.raw.method === 'HEAD' ? null : text, {
    status: answer.status,
    headers: {
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      'x-request-id': context.get('requestId'),
    },
  })
}
