import type { Directory } from '../fleet/directory.ts'
import { gather } from '../fleet/gather.ts'
import type { Chunks } from '../fleet/lay.ts'
import { select, type Selected } from '../fleet/select.ts'
import type { Snapshots } from '../fleet/snapshots.ts'
import type { ReadCall } from '../model/calls.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Region } from '../model/region.ts'
import { atLeast, type Caller } from './caller.ts'
import { etagOf } from './etag.ts'
import { bad, parseReadQuery, printable, type ReadQuery } from './parameters.ts'
import { Problem } from './problem.ts'
import { partsOf, render, type Request } from './render.ts'
import { tally, tallyHeaders, type Tally } from './tally.ts'

export interface ReadContext {
  readonly directory: () => Directory
  readonly snapshots: Snapshots
  /** ms since the epoch. */
  readonly now: () => number
  /** ms */
  readonly defaultMaxAge: number
  /** ms; asking for younger answers needs an operator. */
  readonly minAge: number
}

export interface ReadAnswer {
  readonly headers: Readonly<Record<string, string>>
  readonly etag: string
  /** Laid only when it is called: a 304 needs none. */
  readonly body: () => Chunks
}

/** The program in one function: pick the regions, get each one's answer, lay them together, say what is missing. */
export async function answerRead(
  context: ReadContext,
  call: ReadCall,
  id: string,
  search: URLSearchParams,
  caller: Caller,
): Promise<ReadAnswer> {
  if (!atLeast(caller.role, 'reader')) throw new Problem(403, 'forbidden', 'reading needs the role reader')
  const query = parseReadQuery(call, search)
  const maxAge = query.maxAge ?? context.defaultMaxAge
  if (maxAge < context.minAge && query.maxAge !== undefined && !atLeast(caller.role, 'operator')) {
    throw new Problem(403, 'forbidden', `max_age below ${context.minAge / 1000} s needs the role operator`)
  }
  const { selected, required } = selectFor(context.directory(), query, caller)
  const { regions, sole } = selected
  const want = { resource: call.resource, ...(call.resource === 'show' && { id }) }
  const outcomes = await gather(context.snapshots, regions, want, {
    maxAge,
    deadline: query.deadline,
    sole: regions.length === 1 && sole !== undefined,
    now: context.now,
  })
  const summary = tally(outcomes, context.now())
  const headers = { ...tallyHeaders(summary), 'content-type': 'application/json' }
  refuseIncomplete(query, required, regions, outcomes, summary, headers, context.now())

  const request: Request = { call, id, filter: query.filter, extra: query.with, sole: sole !== undefined }
  const etag = etagOf([call.name, id, query.filter, query.with, request.sole], outcomes)
  const parts = partsOf(regions, outcomes)
  const lay = (): Chunks | undefined => render(request, parts)
  const early = mayBeNowhere(request) ? lay() : undefined
  if (early === undefined && mayBeNowhere(request)) {
    const none = emptyBody(request, summary)
    if (none === undefined) throw nowhere(request, outcomes, summary, headers, context.now())
    return { headers, etag, body: () => [Buffer.from(none)] }
  }
  return { headers, etag, body: () => early ?? lay() ?? [] }
}

interface SelectedFor {
  readonly selected: Selected
  /** Regions that must be fresh, with the name that each was asked for by. */
  readonly required: ReadonlyMap<Region, string>
}

function selectFor(directory: Directory, query: ReadQuery, caller: Caller): SelectedFor {
  const required = new Map<Region, string>()
  const selected = select(directory, caller.scope, query.selection)
  const [unknown] = selected.unknown
  if (unknown !== undefined) throw unknownRegion(unknown)
  for (const name of query.require) {
    const named = select(directory, caller.scope, { names: [name], groups: [], labels: [] })
    if (named.unknown.length > 0 || name.includes('*')) throw unknownRegion(name)
    if (!named.regions.every((region) => selected.regions.includes(region))) {
      throw bad('require', `"${printable(name)}" is not among the selected regions`)
    }
    for (const region of named.regions) required.set(region, name)
  }
  const labels = new Set(
    directory.regions.filter(caller.scope).flatMap((region) => Object.keys(region.labels)),
  )
  for (const key of query.with) {
    if (key !== 'subcloud_name' && !labels.has(key)) {
      throw bad('with', `"${printable(key)}" is neither subcloud_name nor a label of a region`)
    }
  }
  return { selected, required }
}

function unknownRegion(name: string): Problem {
  return new Problem(404, 'unknown-region', `no region is called "${printable(name)}"`)
}

/** Throws a 503 with the same metadata where the answer misses what was asked of it, or holds nothing at all. */
function refuseIncomplete(
  query: ReadQuery,
  required: ReadonlyMap<Region, string>,
  regions: readonly Region[],
  outcomes: readonly Outcome<unknown>[],
  { counts, completeness }: Tally,
  headers: Readonly<Record<string, string>>,
  now: number,
): void {
  const refuse = (slug: 'incomplete' | 'no-data', detail: string): never => {
    throw new Problem(503, slug, detail, {
      headers: unavailable(headers),
      extra: { regions: missing(outcomes, now) },
    })
  }
  if (counts.fresh + counts.stale === 0 && counts.failed > 0) {
    const first = outcomes.find((outcome) => outcome.status === 'failed')
    const why =
      counts.failed === 1 && first ? first.failure.message : `none of ${counts.failed} regions answered`
    refuse('no-data', why)
  }
  if (completeness < query.minCompleteness) {
    refuse(
      'incomplete',
      `only ${percent(completeness)} of the regions are fresh; ${percent(query.minCompleteness)} asked for`,
    )
  }
  for (const [i, region] of regions.entries()) {
    const name = required.get(region)
    if (name === undefined || outcomes[i]?.status === 'fresh') continue
    refuse('incomplete', `region "${printable(name)}" is required, and not fresh`)
  }
}

/** One release or one object of one region: that it is nowhere is known only once it was looked for. */
function mayBeNowhere({ call, sole }: Request): boolean {
  return (
    ['record', 'contents'].includes(call.shape.kind) ||
    (sole && ['flag', 'objects'].includes(call.shape.kind))
  )
}

/** What to answer where nobody has it and that is no error: nobody was selected, or Patching's own way of saying so. */
function emptyBody({ call, id }: Request, { counts, total }: Tally): string | undefined {
  if (call.shape.kind !== 'contents') return total === 0 ? '[]' : undefined
  if (counts.stale + counts.failed + counts.skipped > 0) return undefined
  return JSON.stringify({
    metadata: {},
    contents: {},
    error: counts.fresh > 0 ? `${id} is unrecognized\n` : '',
  })
}

/** 404 where every region that supports the call answered now; 503 where one that did not may have it. */
function nowhere(
  { call, id }: Request,
  outcomes: readonly Outcome<unknown>[],
  { counts }: Tally,
  headers: Readonly<Record<string, string>>,
  now: number,
): Problem {
  const silent = counts.stale + counts.failed + counts.skipped
  if (silent > 0) {
    const detail = `no region that answered has "${printable(id)}", and ${silent} did not answer`
    return new Problem(503, 'no-data', detail, {
      headers: unavailable(headers),
      extra: { regions: missing(outcomes, now) },
    })
  }
  const regions = missing(outcomes, now)
  if (counts.fresh === 0) {
    return new Problem(404, 'not-supported', `no selected region has ${call.paths[0]}`, {
      headers,
      extra: { regions },
    })
  }
  return new Problem(404, 'unknown-release', `no selected region has "${printable(id)}"`, {
    headers,
    extra: { regions },
  })
}

function unavailable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { ...headers, 'cache-control': 'no-store', 'retry-after': '5' }
}

/** Every region that is not fresh, and why. */
function missing(outcomes: readonly Outcome<unknown>[], now: number): Record<string, unknown> {
  const entries = outcomes.flatMap((outcome): [string, unknown][] => {
    switch (outcome.status) {
      case 'fresh':
        return []
      case 'unsupported':
      case 'skipped':
        return [[outcome.region, { status: outcome.status, reason: outcome.reason }]]
      case 'stale':
      case 'failed': {
        const { kind, message, at } = outcome.failure
        const age = 'provenance' in outcome && {
          age_s: Math.floor((now - outcome.provenance.observedAt) / 1000),
        }
        return [
          [
            outcome.region,
            { status: outcome.status, kind, message, failed_at: new Date(at).toISOString(), ...age },
          ],
        ]
      }
    }
  })
  return Object.fromEntries(entries)
}

function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`
}
