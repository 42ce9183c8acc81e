import type { Directory } from '../fleet/directory.ts'
import { gather } from '../fleet/gather.ts'
import type { Chunks } from '../fleet/lay.ts'
import { select, type Selected } from '../fleet/select.ts'
import type { Snapshots } from '../fleet/snapshots.ts'
import type { ReadCall } from '../model/calls.ts'
import type { Region } from '../model/region.ts'
import { atLeast, type Caller } from './caller.ts'
import { etagOf } from './etag.ts'
import { bad, parseReadQuery, type ReadQuery } from './parameters.ts'
import { printable, Problem } from './problem.ts'
import { emptyBody, nowhere, refuseIncomplete } from './incomplete.ts'
import { partsOf, render, type Request } from './render.ts'
import { tally, tallyHeaders } from './tally.ts'

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
    sole: sole !== undefined,
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
  const among = new Set(selected.regions)
  for (const name of query.require) {
    const named = directory.named(name, caller.scope)
    if (named.length === 0) throw unknownRegion(name)
    if (!named.every((region) => among.has(region))) {
      throw bad('require', `"${printable(name)}" is not among the selected regions`)
    }
    for (const region of named) required.set(region, name)
  }
  for (const key of query.with) {
    const known = (region: Region): boolean => Object.hasOwn(region.labels, key) && caller.scope(region)
    if (key !== 'subcloud_name' && !directory.regions.some(known)) {
      throw bad('with', `"${printable(key)}" is neither subcloud_name nor a label of a region`)
    }
  }
  return { selected, required }
}

function unknownRegion(name: string): Problem {
  return new Problem(404, 'unknown-region', `no region is called "${printable(name)}"`)
}

/** One release or one object of one region: that it is nowhere is known only once it was looked for. */
function mayBeNowhere({ call, sole }: Request): boolean {
  return (
    ['record', 'contents'].includes(call.shape.kind) ||
    (sole && ['flag', 'objects'].includes(call.shape.kind))
  )
}
