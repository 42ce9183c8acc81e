import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createInventory, type Inventory } from '../../src/discovery/inventory.ts'
import type { Found, Source } from '../../src/discovery/source.ts'
import type { Region } from '../../src/model/region.ts'
import { UpstreamError } from '../../src/upstream/error.ts'
import { createRegion } from '../support/fleet-regions.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

const names = (count: number, from = 1) => Array.from({ length: count }, (_, i) => `r${i + from}`)
const regions = (all: readonly string[]) => all.map((name) => createRegion(name))

interface PlayedSource extends Source {
  /** What it finds from now on. */
  says: Found | Error | Promise<Found>
  finds: number
  closed: boolean
  finding(all: readonly string[], notes?: readonly string[]): void
}

let played = 0
function playedSource(name: string, all: readonly string[], more: Partial<Source> = {}): PlayedSource {
  const source: PlayedSource = {
    name,
    settings: `${name} ${++played}`,
    interval: 60_000,
    maxShrink: 0.2,
    ...more,
    says: { regions: regions(all), notes: [] },
    finds: 0,
    closed: false,
    finding: (found, notes = []) => void (source.says = { regions: regions(found), notes }),
    find() {
      source.finds++
      return source.says instanceof Error ? Promise.reject(source.says) : Promise.resolve(source.says)
    },
    close: () => void (source.closed = true),
  }
  return source
}

function start(listed: readonly string[], ...sources: readonly Source[]) {
  const changes: string[][] = []
  const notes: string[] = []
  const inventory = createInventory(regions(listed), sources, {
    now: Date.now,
    random: () => 0.5,
    onChange: (now) => void changes.push(now.map(({ name }) => name)),
    onNote: (note) => void notes.push(note),
  })
  return { inventory, changes, notes }
}
const namesIn = (inventory: Inventory) => inventory.regions().map(({ name }) => name)
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const down = new UpstreamError('unreachable', 'GET /subclouds: connection refused')

test('listed regions are there at once, found ones when they are found, by their precedence', async () => {
  const { inventory, changes } = start(
    ['a'],
    playedSource('one', ['b', 'a']),
    playedSource('two', ['c', 'b']),
  )
  expect(namesIn(inventory)).toEqual(['a'])
  expect(inventory.foundAll()).toBe(false)
  await pass(0)
  expect(namesIn(inventory)).toEqual(['a', 'b', 'c'])
  expect(inventory.foundAll()).toBe(true)
  expect(changes.at(-1)).toEqual(['a', 'b', 'c'])
})

test('without sources nothing is waited for', () => {
  expect(start(['a']).inventory.foundAll()).toBe(true)
})

test('a source is asked once per interval, and a list that did not change changes nothing', async () => {
  const source = playedSource('one', ['a'])
  const { changes } = start([], source)
  await pass(59_999)
  expect(source.finds).toBe(1)
  await pass(1)
  expect(source.finds).toBe(2)
  await pass(600_000)
  expect(source.finds).toBe(12)
  expect(changes).toEqual([['a']])
})

test('the last good list survives every failure; it is said once, and the source is asked again sooner', async () => {
  const source = playedSource('one', names(3))
  const { inventory, notes, changes } = start([], source)
  await pass(0)
  source.says = down
  await pass(60_000 + 3 * 10_000)
  expect(source.finds).toBe(5)
  expect(namesIn(inventory)).toEqual(names(3))
  expect(inventory.states()[0]).toMatchObject({ foundAt: 0, regions: 3, failure: down.message })
  expect(notes).toEqual([`one: ${down.message}; its last list stays`])
  source.finding(names(4))
  await pass(10_000)
  expect(inventory.states()[0]).toMatchObject({ foundAt: 100_000, regions: 4, failure: undefined })
  expect(changes).toEqual([names(3), names(4)])
})

test('a fault of ours is told without its words, which may hold what nobody may see', async () => {
  const source = playedSource('one', [])
  source.says = new TypeError('Invalid URL: https://root:secret@10.0.0.1')
  const { inventory, notes } = start([], source)
  await pass(0)
  // Without a list the fleet would look empty, and complete.
  expect(inventory.foundAll()).toBe(false)
  expect(notes).toEqual(['one: it could not be asked; its last list stays'])
})

describe('a list that shrinks', () => {
  test.each([
    [10, 8, 0.2, true],
    [10, 7, 0.2, false],
    [10, 0, 0.2, false],
    [1, 0, 0.2, false],
    [10, 9, 0, false],
    [10, 10, 0, true],
    [10, 0, 1, true],
    [1_000, 801, 0.2, true],
  ])('%i regions, then %i, with max_shrink %d: taken over: %s', async (before, after, maxShrink, taken) => {
    const source = playedSource('one', names(before), { maxShrink })
    const { inventory } = start([], source)
    await pass(0)
    source.finding(names(after))
    await pass(60_000)
    expect(namesIn(inventory)).toEqual(names(taken ? after : before))
    expect(inventory.states()[0]?.heldBack).toBe(taken ? undefined : after)
  })

  test('who came does not make up for who left', async () => {
    const source = playedSource('one', names(10))
    const { inventory } = start([], source)
    await pass(0)
    source.finding(names(10, 100))
    await pass(60_000)
    expect(namesIn(inventory)).toEqual(names(10))
  })

  test('the newest is what is confirmed, and then it holds', async () => {
    const source = playedSource('one', names(10))
    const { inventory, notes } = start([], source)
    await pass(0)
    source.finding(names(3))
    await pass(60_000)
    source.finding(names(4))
    await pass(60_000)
    expect(notes).toEqual([
      'one: 7 of 10 regions are gone at once, more than max_shrink allows; the last list stays until this one is confirmed',
    ])
    expect(inventory.confirm()).toBe(1)
    expect(namesIn(inventory)).toEqual(names(4))
    expect(inventory.states()[0]).toMatchObject({ regions: 4, heldBack: undefined })
    expect(inventory.confirm()).toBe(0)
  })

  test('one that is whole again is taken over, and nothing waits to be confirmed any more', async () => {
    const source = playedSource('one', names(10))
    const { inventory } = start([], source)
    await pass(0)
    source.finding([])
    await pass(60_000)
    source.finding(names(11))
    await pass(60_000)
    expect(namesIn(inventory)).toEqual(names(11))
    expect(inventory.confirm()).toBe(0)
  })

  test('a failure after it does not lose it', async () => {
    const source = playedSource('one', names(10))
    const { inventory } = start([], source)
    await pass(0)
    source.finding(names(1))
    await pass(60_000)
    source.says = down
    await pass(60_000)
    expect(inventory.states()[0]).toMatchObject({ failure: down.message, heldBack: 1 })
    expect(inventory.confirm()).toBe(1)
    expect(namesIn(inventory)).toEqual(['r1'])
  })

  test('one source that shrinks holds no other one up', async () => {
    const [one, two] = [playedSource('one', names(10)), playedSource('two', ['x'])]
    const { inventory } = start([], one, two)
    await pass(0)
    one.finding([])
    two.finding(['x', 'y'])
    await pass(60_000)
    expect(namesIn(inventory)).toEqual([...names(10), 'x', 'y'])
  })
})

test('each note is told once, for as long as it stands', async () => {
  const source = playedSource('one', ['a'])
  source.finding(['a'], ['subcloud b: no address'])
  const { notes, inventory } = start([], source)
  await pass(120_000)
  source.finding(['a'])
  await pass(60_000)
  source.finding(['a'], ['subcloud b: no address'])
  await pass(60_000)
  expect(notes).toEqual(['one: subcloud b: no address', 'one: subcloud b: no address'])
  expect(inventory.states()[0]?.notes).toEqual(['subcloud b: no address'])
})

test('a conflict of sources is told once, and shown for as long as it stands', async () => {
  const other = { ...createRegion('a'), endpoints: { usm: new URL('http://elsewhere') } }
  const source = playedSource('one', [])
  source.says = { regions: [other], notes: [] }
  const { inventory, notes } = start(['a'], source)
  await pass(180_000)
  const conflict = 'a: usm is http://usm.invalid/ by the configuration, and not http://elsewhere/ by one'
  expect(inventory.conflicts()).toEqual([conflict])
  expect(notes).toEqual([conflict])
  source.finding(['a'])
  await pass(60_000)
  expect(inventory.conflicts()).toEqual([])
})

describe('another configuration', () => {
  test('sources of the same name keep what they found until they are asked; others leave', async () => {
    const [one, two] = [playedSource('one', ['a']), playedSource('two', ['b'])]
    const { inventory, changes } = start(['x'], one, two)
    await pass(0)
    const again = playedSource('one', ['a'])
    again.says = down
    inventory.use(regions(['y']), [again])
    expect([one.closed, two.closed, again.closed]).toEqual([true, true, false])
    expect(namesIn(inventory)).toEqual(['y', 'a'])
    expect(changes.at(-1)).toEqual(['y', 'a'])
    expect(inventory.foundAll()).toBe(true)
    await pass(600_000)
    expect(namesIn(inventory)).toEqual(['y', 'a'])
    expect([one.finds, two.finds]).toEqual([1, 1])
  })

  test('sources of the same settings go on as if nothing had happened, in their new order', async () => {
    const one = playedSource('one', ['a', 'b'], { settings: '1', maxShrink: 0 })
    const late = Promise.withResolvers<Found>()
    const two = playedSource('two', ['c'], { settings: '2' })
    two.says = late.promise
    const { inventory } = start([], one, two)
    await pass(0)
    one.finding(['a'])
    await pass(60_000)
    const before = inventory.states()
    const again = [
      playedSource('two', ['never asked'], { settings: '2' }),
      playedSource('one', ['never asked'], { settings: '1' }),
    ] as const
    inventory.use(regions(['x']), again)
    expect(inventory.states()).toEqual(before.toReversed())
    expect(inventory.states()[1]?.heldBack).toBe(1)
    late.resolve({ regions: regions(['c']), notes: [] })
    await pass(0)
    expect(namesIn(inventory)).toEqual(['x', 'c', 'a', 'b'])
    await pass(59_999)
    expect([one.finds, two.finds]).toEqual([2, 1])
    await pass(1)
    expect([one.finds, two.finds]).toEqual([3, 2])
    expect([one, two, ...again].map(({ closed, finds }) => [closed, finds])).toEqual([
      [false, 3],
      [false, 2],
      [true, 0],
      [true, 0],
    ])
  })

  test('two sources of the same settings stay two', async () => {
    const twice = () => [1, 2].map(() => playedSource('one', ['a'], { settings: '1' }))
    const { inventory } = start([], ...twice())
    await pass(0)
    inventory.use([], twice())
    await pass(0)
    expect(inventory.states().map(({ regions: count }) => count)).toEqual([1, 1])
    inventory.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('what an old source finds afterwards counts no more', async () => {
    const late = Promise.withResolvers<Found>()
    const old = playedSource('one', [])
    old.says = late.promise
    const { inventory } = start([], old)
    inventory.use([], [playedSource('one', ['new'])])
    await pass(0)
    late.resolve({ regions: regions(['old']), notes: [] })
    await pass(600_000)
    expect(namesIn(inventory)).toEqual(['new'])
    expect(old.finds).toBe(1)
  })

  test('the new source is measured by the list of the old one', async () => {
    const { inventory } = start([], playedSource('one', names(10)))
    await pass(0)
    inventory.use([], [playedSource('one', names(1))])
    await pass(0)
    expect(namesIn(inventory)).toEqual(names(10))
    expect(inventory.states()[0]?.heldBack).toBe(1)
  })
})

test('once stopped nothing is asked and nothing changes, not even by an answer under way', async () => {
  const late = Promise.withResolvers<Found>()
  const source = playedSource('one', [])
  source.says = late.promise
  const { inventory, changes } = start([], source)
  inventory.stop()
  late.resolve({ regions: regions(['a']), notes: [] })
  await pass(600_000)
  expect([changes, source.closed, source.finds, vi.getTimerCount()]).toEqual([[], true, 1, 0])
})

describe('with lists that outlive the gateway', () => {
  /** A gateway after the other, each with what the one before had found. */
  function startAgain(kept: Map<string, { readonly regions: readonly Region[]; readonly foundAt: number }>) {
    return (...sources: readonly Source[]) => {
      const changes: string[][] = []
      const inventory = createInventory(regions(['listed']), sources, {
        now: Date.now,
        random: () => 0.5,
        onChange: (now) => void changes.push(now.map(({ name }) => name)),
        onNote: () => undefined,
        kept: { of: (source) => kept.get(source), keep: (source, list) => void kept.set(source, list) },
      })
      return { inventory, changes }
    }
  }

  test('the last good list is there at once, with its time, though its source is down', async () => {
    const kept = new Map()
    const again = startAgain(kept)
    const first = again(playedSource('one', names(3)))
    expect(namesIn(first.inventory)).toEqual(['listed'])
    await pass(0)
    first.inventory.stop()
    await pass(5_000)
    const source = playedSource('one', [])
    source.says = down
    const { inventory, changes } = again(source)
    expect(namesIn(inventory)).toEqual(['listed', ...names(3)])
    expect(inventory.foundAll()).toBe(true)
    await pass(0)
    expect(inventory.states()[0]).toMatchObject({ foundAt: 0, regions: 3, failure: down.message })
    expect(changes).toEqual([])
    source.finding(names(4))
    await pass(10_000)
    expect(changes).toEqual([['listed', ...names(4)]])
  })

  test('one that lost too many since is held back', async () => {
    const again = startAgain(new Map())
    const first = again(playedSource('one', names(10)))
    await pass(0)
    first.inventory.stop()
    const { inventory } = again(playedSource('one', names(5)))
    await pass(0)
    expect(namesIn(inventory)).toEqual(['listed', ...names(10)])
    expect(inventory.states()[0]).toMatchObject({ heldBack: 5 })
  })

  test('those of other sources are not taken for it', async () => {
    const again = startAgain(new Map())
    const first = again(playedSource('one', names(3)))
    await pass(0)
    first.inventory.stop()
    const { inventory } = again(playedSource('two', names(2)))
    expect(namesIn(inventory)).toEqual(['listed'])
    expect(inventory.foundAll()).toBe(false)
  })
})
