import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Region } from '../model/region.ts'
import { changesBetween, type Change, type RegionChange } from './view-changes.ts'
import { createPauses } from './slices.ts'
import type { TakeView } from './view.ts'

/** A change, when it was noticed, and where it stands in the log. */
export interface FleetEvent extends RegionChange {
  readonly position: number
  /** ms since the epoch. */
  readonly at: number
}

/** The last changes of the fleet, in the order in which they were noticed. */
export interface EventLog {
  /** Looks at the fleet now, and keeps what changed since the last look; others may go first in between. */
  look(): Promise<void>
  /** The position after the last event. */
  end(): number
  /** Up to `most` events from a position on; undefined where some of them were dropped already. */
  from(position: number, most: number): readonly FleetEvent[] | undefined
  /** Resolves when there is an event at this position, or at `close`. */
  next(position: number): Promise<void>
  /** Nothing more is to come. */
  closed(): boolean
  /** A position as a text that says nothing of how much happened elsewhere, and back; undefined: not of this log. */
  readonly seal: (position: number) => string
  readonly unseal: (sealed: string) => number | undefined
  /** Wakes all who wait: nothing more is to come. */
  close(): void
}

export interface EventLogOptions {
  readonly view: TakeView
  /** ms since the epoch. */
  readonly now: () => number
  /** Events that are kept. */
  readonly size?: number
}

/** A fleet of 5,000 regions with four hosts each that goes dark makes about 30,000. */
const defaultSize = 50_000

export function createEventLog({ view, now, size = defaultSize }: EventLogOptions): EventLog {
  let events: FleetEvent[] = []
  let end = 0
  let last = view()
  let wake = Promise.withResolvers<void>()
  let looking = false
  let closed = false
  const { seal, unseal } = createSeal()

  async function keep(changes: Iterable<RegionChange>, at: number): Promise<void> {
    const before = end
    const remembered = createMemory()
    const pause = createPauses()
    for (const { region, change } of changes) {
      await pause()
      events.push({
        region: remembered(region),
        change: withoutRest(change, remembered),
        position: end++,
        at,
      })
    }
    if (end === before) return
    // Dropped in large steps: each step moves all that stay.
    if (events.length > 1.25 * size) events = events.slice(-size)
    const woken = wake
    wake = Promise.withResolvers()
    woken.resolve()
  }

  return {
    async look() {
      // Two at once would tell the same twice.
      if (looking) return
      looking = true
      try {
        const before = last
        last = await view.inSlices()
        await keep(changesBetween(before, last), now())
      } finally {
        looking = false
      }
    },
    end: () => end,
    from(position, most) {
      const first = events[0]?.position ?? end
      if (position < first) return undefined
      return events.slice(position - first, position - first + most)
    },
    // Positions only grow, and whoever waits stands at the end: any event is the awaited one.
    next: (position) => (closed || position < end ? Promise.resolve() : wake.promise),
    closed: () => closed,
    seal,
    unseal,
    close() {
      closed = true
      wake.resolve()
    },
  }
}

/**
 * Regions as they are told of later, one copy each. Whatever else hangs on a region that left, its addresses and
 * texts made for it, must not stay for as long as an event.
 */
function createMemory(): (region: Region) => Region {
  const copies = new Map<Region, Region>()
  return (region) => {
    const copy = copies.get(region) ?? { ...region, endpoints: {} }
    copies.set(region, copy)
    return copy
  }
}

function withoutRest(change: Change, remembered: (region: Region) => Region): Change {
  if (change.type !== 'inventory') return change
  const { before, after } = change
  return {
    type: 'inventory',
    ...(before && { before: remembered(before) }),
    ...(after && { after: remembered(after) }),
  }
}

/**
 * One block of AES under a key of this process: a position can't be read from it, compared, made up, or brought from
 * elsewhere.
 */
function createSeal(): Pick<EventLog, 'seal' | 'unseal'> {
  const key = randomBytes(16)
  const mark = randomBytes(6)
  return {
    seal(position) {
      const block = Buffer.concat([mark, randomBytes(4), Buffer.alloc(6)])
      block.writeUIntBE(position, 10, 6)
      const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
      return Buffer.concat([cipher.update(block), cipher.final()]).toString('base64url')
    },
    unseal(sealed) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length !== 16) return undefined
      const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false)
      const block = Buffer.concat([decipher.update(bytes), decipher.final()])
      return block.subarray(0, 6).equals(mark) ? block.readUIntBE(10, 6) : undefined
    },
  }
}
