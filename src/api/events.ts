import type { Context } from 'hono'
import type { Directory } from '../fleet/directory.ts'
import type { EventLog } from '../fleet/event-log.ts'
import { select, taker, type Selection } from '../fleet/select.ts'
import { changeTypes, type Change } from '../fleet/view-changes.ts'
import type { Authenticate } from './authenticate.ts'
import { rawHeadersOf } from './base-app.ts'
import { atLeast, type Caller } from './caller.ts'
import { streamEvents } from './event-stream.ts'
import { bad, list, optional, parseSelection } from './parameters.ts'
import { Problem } from './problem.ts'
import { unknownRegion } from './selected.ts'
import type { Env } from './send.ts'

export interface EventsOptions {
  readonly log: EventLog
  readonly directory: () => Directory
  readonly authenticate: Authenticate
  /** ms since the epoch. */
  readonly now: () => number
}

/** The parameters of the stream of events. */
export const eventParameters = ['region_name', 'group', 'selector', 'type', 'last_event_id'] as const
/** ms; proxies close what is quiet for a minute. */
const bookmarkEvery = 15_000
const longestId = 100

/** `GET /fleet/v1/events`: what changes from now on, or since the last event that the caller has. */
export function createEvents({
  log,
  directory,
  authenticate,
  now,
}: EventsOptions): (context: Context<Env>) => Response {
  return (context) => {
    refuseBelowReader(context.get('caller'))
    const query = new URL(context.req.url).searchParams
    const { selection, types, after } = parseEventQuery(query, context.req.header('last-event-id'))
    const [unknown] = select(directory(), context.get('caller').scope, selection).unknown
    if (unknown !== undefined) throw unknownRegion(unknown)
    const takes = taker(selection)
    const raw = rawHeadersOf(context)
    const headers = {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx would hold events back to fill its buffer.
      'x-accel-buffering': 'no',
      'x-request-id': context.get('requestId'),
    }
    if (context.req.raw.method === 'HEAD') return new Response(null, { headers })
    const body = streamEvents({
      log,
      now,
      bookmarkEvery,
      after,
      async follower() {
        const caller = await authenticate(raw)
        refuseBelowReader(caller)
        return { types, sees: (region) => caller.scope(region) && takes(region) }
      },
    })
    return new Response(body, { headers })
  }
}

function refuseBelowReader({ role }: Caller): void {
  if (!atLeast(role, 'reader')) throw new Problem(403, 'forbidden', 'reading needs the role reader')
}

interface EventQuery {
  readonly selection: Selection
  readonly types: ReadonlySet<Change['type']>
  readonly after: string | undefined
}

function parseEventQuery(query: URLSearchParams, header: string | undefined): EventQuery {
  for (const name of query.keys()) {
    if (!(eventParameters as readonly string[]).includes(name)) {
      throw bad(name, `unknown here; allowed are ${eventParameters.join(', ')}`)
    }
  }
  const named = list(query, 'type')
  const types = changeTypes.filter((type) => named.length === 0 || named.includes(type))
  if (named.some((type) => !(changeTypes as readonly string[]).includes(type))) {
    throw bad('type', `allowed are ${changeTypes.join(', ')}`)
  }
  const after = header ?? optional(query, 'last_event_id', (text) => text)
  if (after !== undefined && after.length > longestId) throw bad('last_event_id', 'not an id of this gateway')
  return { selection: parseSelection(query), types: new Set(types), after }
}
