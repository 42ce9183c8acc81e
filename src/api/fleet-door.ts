import type { Context } from 'hono'
import type { Directory } from '../fleet/directory.ts'
import { rawPathOf } from './base-app.ts'
import { atLeast, type Caller } from './caller.ts'
import { askAndShow, wantsAsking, type AskingContext } from './fleet/asking.ts'
import { hosts } from './fleet/hosts.ts'
import { metaHeaders, metaOf, tallyOf, type Judged } from './fleet/meta.ts'
import { createPageTokens } from './fleet/page-token.ts'
import { parseFleetQuery, type FleetQuery } from './fleet/query.ts'
import { regions } from './fleet/regions.ts'
import type { Resource } from './fleet/resource.ts'
import { refuseUnmet } from './fleet/unmet.ts'
import { createViews, type Shown } from './fleet/views.ts'
import { acceptsGzip, gzip } from './gzip.ts'
import { defaultDeadline } from './parameters.ts'
import { methodNotAllowed, nowhere, Problem } from './problem.ts'
import { segmentsOf } from './region-path.ts'
import { refuseYounger, selectFor, type SelectedFor } from './selected.ts'
import { sendChunks, type Env } from './send.ts'

export interface FleetDoorOptions extends AskingContext {
  readonly directory: () => Directory
  /** ms; asking for younger answers needs an operator. */
  readonly minAge: () => number
}

/** Answers everything below `/fleet/`. */
export type FleetDoor = (context: Context<Env>) => Promise<Response>

/** The fleet's own API as a table: routes, checks and documents are made from it. */
export const fleetResources: readonly Resource[] = [regions, hosts]

/** The fleet in one vocabulary, from what is held: `/fleet/v1/…`. */
export function createFleetDoor(options: FleetDoorOptions): FleetDoor {
  const views = createViews(options.view, options.now)
  const tokens = createPageTokens(views)

  async function shownFor(query: FleetQuery, { parts }: Resource, caller: Caller): Promise<Shown> {
    if (!wantsAsking(query)) return views.current()
    refuseYounger(query, options.minAge(), caller)
    const { selected } = selectFor(options.directory(), query, caller.scope)
    const { maxAge, deadline = defaultDeadline } = query
    return askAndShow(options, views, selected, parts, { maxAge, deadline })
  }

  async function answerList(
    resource: Resource,
    id: string,
    search: URLSearchParams,
    caller: Caller,
  ): Promise<{ readonly headers: Record<string, string>; readonly body: unknown }> {
    const query = parseFleetQuery(resource, search)
    const bound = { caller, question: `${resource.path} ${id} ${query.canonical}` }
    const opened = query.pageToken === undefined ? undefined : tokens.open(query.pageToken, bound)
    const shown = opened?.shown ?? (await shownFor(query, resource, caller))
    const from = opened?.from ?? 0
    const chosen = selectFor(shown.directory(), query, caller.scope)
    const judged = judge(shown, chosen, resource)
    const tally = tallyOf(shown, judged)
    const headers = metaHeaders(tally)
    const contract = { minCompleteness: query.minCompleteness, ofInventory: resource.ofInventory }
    refuseUnmet(contract, chosen.required, shown, judged, tally, headers)
    const listed = resource.list({ shown, regions: judged, id }, query.wanted)
    const next = from + query.pageSize
    const more = next < listed.total
    if (more) views.keep(shown, wantsAsking(query) ? `${caller.issuer}\n${caller.subject}` : undefined)
    return {
      headers,
      body: {
        items: listed.page(from, query.pageSize),
        next_page_token: more ? tokens.issue(shown, next, bound) : null,
        total: listed.total,
        meta: metaOf(shown, judged, query),
      },
    }
  }

  return async (context) => {
    const caller = context.get('caller')
    const [, version, ...path] = segmentsOf(rawPathOf(context))
    const found = version === 'v1' ? match(path) : undefined
    if (found === undefined) throw nowhere(context.req.method, context.req.path)
    const { method } = context.req.raw
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, ['GET', 'HEAD'])
    if (!atLeast(caller.role, 'reader')) {
      throw new Problem(403, 'forbidden', 'reading needs the role reader')
    }
    const search = new URL(context.req.url).searchParams
    const { headers, body } = await answerList(found.resource, found.id, search, caller)
    return sendJson(context, headers, body)
  }
}

function match(path: readonly string[]): { readonly resource: Resource; readonly id: string } | undefined {
  for (const resource of fleetResources) {
    const wanted = resource.path.split('/')
    const fits =
      wanted.length === path.length && wanted.every((each, i) => each === '{id}' || each === path[i])
    if (fits) return { resource, id: path[wanted.indexOf('{id}')] ?? '' }
  }
  return undefined
}

function judge(shown: Shown, { selected }: SelectedFor, { parts }: Resource): readonly Judged[] {
  return selected.regions.flatMap((each) => {
    const region = shown.viewOf(each)
    return region ? [{ region, status: shown.statusOf(region, parts) }] : []
  })
}

async function sendJson(
  context: Context<Env>,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<Response> {
  const chunks = [Buffer.from(JSON.stringify(body))]
  const all = { ...headers, 'content-type': 'application/json', 'x-request-id': context.get('requestId') }
  if (!acceptsGzip(context.req.header('accept-encoding'))) return sendChunks(context, all, chunks)
  return sendChunks(context, { ...all, 'content-encoding': 'gzip' }, await gzip(chunks))
}
