import type { EventLog, FleetEvent } from '../fleet/event-log.ts'
import type { Scope } from '../fleet/select.ts'
import type { Region } from '../model/region.ts'
import type { Change } from '../fleet/view-changes.ts'
import { waitFor } from '../model/wait-for.ts'

/** What a follower of events sees; asked anew at each bookmark, so that rights that ended end the stream. */
export interface Follower {
  /** What the caller may see, of what was selected. */
  readonly sees: Scope
  readonly types: ReadonlySet<Change['type']>
}

export interface EventStreamOptions {
  readonly log: EventLog
  /** ms since the epoch. */
  readonly now: () => number
  /** ms between bookmarks: they keep proxies from closing a quiet stream, and a follower's place young. */
  readonly bookmarkEvery: number
  /** The last id that the follower has; undefined: only what comes from now on. */
  readonly after: string | undefined
  /** Throws when the caller may not go on. */
  readonly follower: () => Promise<Follower>
}

/** Events read from the log at once: none of the rest of the process waits longer for it. */
const batchSize = 500

/**
 * Changes as server-sent events, from memory. A follower is written to only when it takes: one that is slow costs its
 * place in the log, and is told `gone` when the log has dropped what is next.
 */
export function streamEvents(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { log, now, bookmarkEvery, after } = options
  let position = log.end()
  let bookmarkAt = 0
  let follower: Follower | undefined
  let cancelled = false
  const said = new TextEncoder()
  const resumed = after === undefined ? position : log.unseal(after)

  async function next(): Promise<string | undefined> {
    for (;;) {
      if (cancelled) return undefined
      if (follower === undefined || now() >= bookmarkAt) return bookmark()
      const batch = log.from(position, batchSize)
      if (batch === undefined) return gone('the log has dropped what came next')
      position += batch.length
      const { sees, types } = follower
      const told = batch.map((event) => (types.has(event.change.type) ? render(event, sees, log) : ''))
      const text = told.join('')
      if (text !== '') return text
      if (batch.length > 0) continue
      if (log.closed()) return undefined
      await waitFor(log.next(position), bookmarkAt - now())
    }
  }
  async function bookmark(): Promise<string> {
    const first = follower === undefined
    follower = await options.follower()
    bookmarkAt = now() + bookmarkEvery
    if (first) {
      if (resumed === undefined) return gone('the id is not of this log: the gateway was started since')
      position = resumed
    }
    return message('bookmark', { time: timeOf(now()) }, log.seal(position))
  }
  function gone(reason: string): string {
    position = log.end()
    return message('gone', { time: timeOf(now()), reason }, log.seal(position))
  }

  return new ReadableStream(
    {
      async pull(controller) {
        let text: string | undefined
        let reason = 'the gateway stops'
        try {
          text = await next()
        } catch (error) {
          reason = error instanceof Error ? error.message : 'the caller may not go on'
        }
        if (cancelled) return
        if (text !== undefined) return controller.enqueue(said.encode(text))
        controller.enqueue(said.encode(message('end', { time: timeOf(now()), reason }, log.seal(position))))
        controller.close()
      },
      cancel() {
        cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
}

/** What one caller is told of an event; nothing where it is not theirs to see. */
function render({ region, change, at, position }: FleetEvent, sees: Scope, log: EventLog): string {
  const told =
    change.type === 'inventory'
      ? inventoryFor(change, sees)
      : sees(region)
        ? { region, ...change }
        : undefined
  if (told === undefined) return ''
  const { type, region: shown, ...fields } = told
  const data = { time: timeOf(at), region_name: shown.name, subcloud_name: shown.subcloud, ...fields }
  return message(type, data, log.seal(position + 1))
}

interface Inventory {
  readonly type: 'inventory'
  readonly region: Region
  readonly change: 'added' | 'removed' | 'changed'
  readonly labels: Region['labels']
}

/** A region that comes into a caller's sight has come, for that caller; what it was or is outside is not told. */
function inventoryFor({ before, after }: Change & { type: 'inventory' }, sees: Scope): Inventory | undefined {
  const was = before && sees(before)
  const is = after && sees(after)
  const region = is ? after : was ? before : undefined
  const change = was && is ? 'changed' : is ? 'added' : 'removed'
  return region && { type: 'inventory', region, change, labels: region.labels }
}

function message(type: string, data: object, id: string): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}
