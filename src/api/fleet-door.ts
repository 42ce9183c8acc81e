import type { Context } from 'hono'
import type { Diary } from '../fleet/diary.ts'
import type { Directory } from '../fleet/directory.ts'
import { rawPathOf } from './base-app.ts'
import { atLeast, type Caller } from './caller.ts'
import { askAndShow, wantsAsking, type AskingContext } from './fleet/asking.ts'
import { judgeAll, judgeThese, type Chosen } from './fleet/chosen.ts'
import { detailsOf, metaHeaders } from './fleet/meta.ts'
import { createPageTokens } from './fleet/page-token.ts'
import { parseFleetQuery, type FleetQuery } from './fleet/query.ts'
import type { Asked, ListResource, RegionMemory, Resource } from './fleet/resource.ts'
import { resourceAt } from './fleet/resources.ts'
import { refuseUnmet } from './fleet/unmet.ts'
import { tellAsLines } from './fleet/told-as-lines.ts'
import { createViews, type Shown } from './fleet/views.ts'
import { acceptsGzip, gzip } from './gzip.ts'
import { regionNamed } from './one-region.ts'
import { defaultDeadline } from './parameters.ts'
import { methodNotAllowed, nowhere, Problem } from './problem.ts'
import { segmentsOf } from './region-path.ts'
import { refuseYounger, selectFor, type SelectedFor } from './selected.ts'
import { sendChunks, type Env } from './send.ts'
import { tellTally } from './tally.ts'

export interface FleetDoorOptions extends AskingContext {
  readonly directory: () => Directory
  /** ms; asking for younger answers needs an operator. */
  readonly minAge: () => number
  readonly diary: Diary
  /** Aborted when the gateway stops: streams end with their last word. */
  readonly stopping: AbortSignal
  /** The dialect of a service, and what told it; undefined while that is not found out. */
  readonly foundOut: RegionMemory['dialectOf']
}

/** Answers everything below `/fleet/`. */
export type FleetDoor = (context: Context<Env>) => Promise<Response>

/** A question to a resource, and who asks. */
interface Question {
  readonly resource: Resource
  readonly id: string
  readonly query: FleetQuery
  readonly caller: Caller
}

/** The fleet in one vocabulary, from what is held: `/fleet/v1/…`. */
export function createFleetDoor(options: FleetDoorOptions): FleetDoor {
  const views = createViews(options.view, options.now)
  const tokens = createPageTokens(views)
  const memory: RegionMemory = {
    diaryOf: ({ name }) => options.diary.of(name),
    dialectOf: options.foundOut,
    retryAt: (region) => options.snapshots.retryAt(region),
  }

  async function shownFor(question: Question): Promise<Shown> {
    const { query, resource, caller } = question
    if (!wantsAsking(query)) return views.current()
    refuseYounger(query, options.minAge(), caller)
    const { selected } = chosenBy(question, options.directory())
    const { maxAge, deadline = defaultDeadline } = query
    return askAndShow(options, views, selected, resource.parts, { maxAge, deadline })
  }

  async function answer(question: Question): Promise<Answer> {
    const { resource, id, query, caller } = question
    const bound = { caller, question: `${resource.path} ${id} ${query.canonical}` }
    const opened = query.pageToken === undefined ? undefined : tokens.open(query.pageToken, bound)
    const shown = opened?.shown ?? (await shownFor(question))
    const { required, chosen } = chosenIn(shown, question)
    const { regions } = chosen
    tellTally(chosen.tally)
    const headers = metaHeaders(chosen.tally)
    refuseUnmet({ ...query, ofInventory: resource.ofInventory === true }, required, shown, chosen, headers)
    const asked = { shown, regions, id, scope: caller.scope, parameter: query.parameter, memory }
    const meta = { ...chosen.meta, ...(query.details && detailsOf(shown, regions)) }
    if (!('list' in resource)) return { headers, body: { item: resource.one(asked), meta } }
    const from = opened?.from ?? 0
    const page = pageOf(resource, asked, query, from)
    const next = from + query.pageSize
    const more = next < page.total
    if (more) views.keep(shown, wantsAsking(query) ? `${caller.issuer}\n${caller.subject}` : undefined)
    const { items, total, beside } = page
    const token = more ? tokens.issue(shown, next, bound) : null
    return { headers, body: { items, next_page_token: token, total, ...beside, meta } }
  }

  return async (context) => {
    const caller = context.get('caller')
    const [, version, ...path] = segmentsOf(rawPathOf(context))
    const found = version === 'v1' ? resourceAt(path) : undefined
    if (found === undefined) throw nowhere(context.req.method, context.req.path)
    const { method } = context.req.raw
    if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, ['GET', 'HEAD'])
    if (!atLeast(caller.role, 'reader')) {
      throw new Problem(403, 'forbidden', 'reading needs the role reader')
    }
    const search = new URL(context.req.url).searchParams
    const query = parseFleetQuery(found.resource, search)
    const { resource } = found
    if (resource.byRegion && 'list' in resource && wantsLines(context)) {
      const lines = tellAsLines(options, views, memory, { resource, query, caller }, search)
      return sendLines(context, lines)
    }
    const { headers, body } = await answer({ ...found, query, caller })
    return sendJson(context, headers, body)
  }
}

interface Answer {
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** Throws a 404 `Problem` for a name that nobody has or this caller may not see. */
function chosenBy({ resource, id, query, caller }: Question, directory: Directory): SelectedFor {
  if (!resource.ofRegion) return selectFor(directory, query, caller.scope)
  const region = regionNamed(directory, caller.scope, id)
  return { selected: { regions: [region], unknown: [], sole: region }, required: new Map() }
}

function chosenIn(
  shown: Shown,
  question: Question,
): { readonly required: SelectedFor['required']; readonly chosen: Chosen } {
  const { resource, query, caller } = question
  const { names, groups, labels } = query.selection
  const all = names.length + groups.length + labels.length + query.require.length === 0
  if (all && !resource.ofRegion) {
    return { required: new Map(), chosen: judgeAll(shown, caller.scope, resource.parts) }
  }
  const { selected, required } = chosenBy(question, shown.directory())
  return { required, chosen: judgeThese(shown, selected.regions, resource.parts) }
}

function pageOf(resource: ListResource, asked: Asked, { wanted, pageSize }: FleetQuery, from: number) {
  const { total, page, beside } = resource.list(asked, wanted)
  return { total, beside, items: page(from, pageSize) }
}

const lineType = 'application/x-ndjson'

function wantsLines(context: Context<Env>): boolean {
  const types = (context.req.header('accept') ?? '')
    .split(',')
    .map((each) => each.split(';')[0]?.trim().toLowerCase())
  return types.includes(lineType)
}

function sendLines(context: Context<Env>, lines: ReadableStream<Uint8Array>): Response {
  const headers = {
    'content-type': lineType,
    'cache-control': 'no-store',
    // nginx would hold lines back to fill its buffer.
    'x-accel-buffering': 'no',
    'x-request-id': context.get('requestId'),
  }
  if (context.req.raw.method !== 'HEAD') return new Response(lines, { headers })
  void lines.cancel()
  return new Response(null, { headers })
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
