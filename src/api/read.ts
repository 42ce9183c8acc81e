import type { Directory } from '../fleet/directory.ts'
import { gather } from '../fleet/gather.ts'
import type { Chunks } from '../fleet/lay.ts'
import type { Scope } from '../fleet/select.ts'
import type { Snapshots } from '../fleet/snapshots.ts'
import type { ReadCall } from '../model/calls.ts'
import type { Region } from '../model/region.ts'
import { atLeast, type Caller } from './caller.ts'
import { etagOf } from './etag.ts'
import { bad, defaultDeadline, parseReadQuery } from './parameters.ts'
import { printable, Problem } from './problem.ts'
import { emptyBody, nowhere, refuseIncomplete } from './incomplete.ts'
import { partsOf, render, type Request } from './render.ts'
import { refuseYounger, selectFor } from './selected.ts'
import { tally, tallyHeaders, tellTally } from './tally.ts'

export interface ReadContext {
  readonly directory: () => Directory
  readonly snapshots: Snapshots
  /** ms since the epoch. */
  readonly now: () => number
  /** ms */
  readonly defaultMaxAge: () => number
  /** ms; asking for younger answers needs an operator. */
  readonly minAge: () => number
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
  refuseYounger(query, context.minAge(), caller)
  const maxAge = query.maxAge ?? context.defaultMaxAge()
  const { selected, required } = selectFor(context.directory(), query, caller.scope)
  checkFields(context.directory(), query.with, caller.scope)
  const { regions, sole } = selected
  const want = { resource: call.resource, ...(call.resource === 'show' && { id }) }
  const outcomes = await gather(context.snapshots, regions, want, {
    maxAge,
    deadline: query.deadline ?? defaultDeadline,
    sole: sole !== undefined,
    now: context.now,
  })
  const summary = tally(outcomes, context.now())
  tellTally(summary)
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

function checkFields(directory: Directory, fields: readonly string[], scope: Scope): void {
  for (const key of fields) {
    const known = (region: Region): boolean => Object.hasOwn(region.labels, key) && scope(region)
    if (key !== 'subcloud_name' && !directory.regions.some(known)) {
      throw bad('with', `"${printable(key)}" is neither subcloud_name nor a label of a region`)
    }
  }
}

/** One release or one object of one region: that it is nowhere is known only once it was looked for. */
function mayBeNowhere({ call, sole }: Request): boolean {
  return (
    ['record', 'contents'].includes(call.shape.kind) ||
    (sole && ['flag', 'objects'].includes(call.shape.kind))
  )
}
