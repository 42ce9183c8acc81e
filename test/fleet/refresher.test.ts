import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startRefresher, type Refresher } from '../../src/fleet/refresher.ts'
import { createSnapshots } from '../../src/fleet/snapshots.ts'
import type { Region } from '../../src/model/region.ts'
import { answers, createAsk, fails, type Play } from '../support/fleet-answers.ts'
import { startOfTests } from '../support/fleet-clock.ts'
import { createRegion } from '../support/fleet-regions.ts'

const interval = 30_000

beforeEach(() => void vi.useFakeTimers({ now: startOfTests }))
afterEach(() => void vi.useRealTimers())

const nothing: Play = (_, { resource }) =>
  answers(resource === 'query' ? { pd: {} } : resource === 'query_hosts' ? { data: [] } : [])

interface Run {
  readonly refresher: Refresher
  /** `region resource` and the ms since the start, of each ask. */
  readonly asked: (readonly [string, number])[]
}

function run(regions: readonly Region[], play: Play = nothing, random: () => number = () => 0.5): Run {
  const asked: (readonly [string, number])[] = []
  const ask = createAsk((region, want) => {
    asked.push([`${region.name} ${want.resource}`, Date.now() - startOfTests])
    return play(region, want)
  })
  const snapshots = createSnapshots({ ask, now: () => Date.now(), random: () => 0 })
  return {
    refresher: startRefresher({
      regions,
      snapshots,
      interval: () => interval,
      now: () => Date.now(),
      random,
    }),
    asked,
  }
}

function manyRegions(count: number): readonly Region[] {
  return Array.from({ length: count }, (_, i) => createRegion(`r${String(i).padStart(4, '0')}`))
}

describe('the refresher', () => {
  test('asks a region for each background resource that its services have', async () => {
    const { asked } = run([createRegion('east'), createRegion('old', { speaks: ['patching'] })])
    await vi.advanceTimersByTimeAsync(100)

    expect(asked.map(([what]) => what)).toEqual([
      'east release',
      'east deploy',
      'east deploy_host',
      'east query',
      'east query_hosts',
      'old query',
      'old query_hosts',
    ])
  })

  test('asks every region in every interval', async () => {
    const regions = manyRegions(50)
    const { asked } = run(regions, nothing, Math.random)
    await vi.advanceTimersByTimeAsync(10 * interval)

    for (const region of regions) {
      const times = asked.filter(([what]) => what === `${region.name} release`).map(([, at]) => at)
      const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0))
      expect(times.length).toBeGreaterThanOrEqual(9)
      expect(Math.max(...gaps)).toBeLessThanOrEqual(1.1 * interval)
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.9 * interval)
    }
  })

  test('spreads the first round, and moves each region a little from round to round', async () => {
    const { asked } = run(manyRegions(1_000), nothing, Math.random)
    await vi.advanceTimersByTimeAsync(4 * interval)

    const times = asked.filter(([what]) => what.endsWith(' release')).map(([, at]) => at)
    const first = times.slice(0, 1_000)
    const inEachTenth = [...Map.groupBy(first, (at) => Math.floor(at / 100)).values()]
    expect(Math.max(...inEachTenth.map(({ length }) => length))).toBeLessThanOrEqual(50)
    expect(Math.max(...first)).toBeLessThanOrEqual(5_000)
    const third = times.filter((at) => at > 2 * interval && at <= 3 * interval)
    expect(new Set(third.map((at) => Math.floor(at / 1_000))).size).toBeGreaterThan(8)
  })

  test('has asked all once each region was asked once, answered or not', async () => {
    const { refresher } = run([createRegion('a'), createRegion('b'), createRegion('c')], (region, want) =>
      region.name === 'b' ? fails('unreachable') : nothing(region, want),
    )
    expect(refresher.askedAll()).toBe(false)
    await vi.advanceTimersByTimeAsync(5)
    expect(refresher.askedAll()).toBe(false)
    await vi.advanceTimersByTimeAsync(5)
    expect(refresher.askedAll()).toBe(true)
  })

  test('has asked all where there is nobody to ask', () => {
    expect(run([]).refresher.askedAll()).toBe(true)
  })

  test('is not held up by a region that never answers', async () => {
    const { asked } = run([createRegion('dark'), createRegion('well')], (region, want) =>
      region.name === 'dark' ? new Promise(() => undefined) : nothing(region, want),
    )
    await vi.advanceTimersByTimeAsync(2 * interval)

    expect(asked.filter(([what]) => what === 'dark release')).toHaveLength(1)
    expect(asked.filter(([what]) => what === 'well release').length).toBeGreaterThanOrEqual(2)
  })

  test('counts a region that does not answer as asked after 1 s: being ready must not depend on it', async () => {
    const { refresher } = run([createRegion('dark')], () => new Promise(() => undefined))
    await vi.advanceTimersByTimeAsync(999)
    expect(refresher.askedAll()).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(refresher.askedAll()).toBe(true)
  })

  test('tries a region that failed again as soon as its back-off ends', async () => {
    const { asked } = run([createRegion('east', { speaks: ['usm'] })], () => fails('unreachable'))
    await vi.advanceTimersByTimeAsync(40_000)
    expect(asked).toEqual([
      ['east release', 0],
      ['east release', 5_000],
      ['east release', 15_000],
      ['east release', 35_000],
    ])
  })

  test('rests between two rounds, and comes back, whatever kinds of failure follow each other', async () => {
    const answer = [fails('malformed'), fails('timeout')]
    const { asked } = run([createRegion('east', { speaks: ['usm'] })], (region, want) =>
      want.resource === 'release' ? (answer.shift() ?? nothing(region, want)) : nothing(region, want),
    )
    await vi.advanceTimersByTimeAsync(5_000)
    const timersBefore = vi.getTimerCount()
    for (let ms = 0; ms < 60_000; ms += 1_000) await vi.advanceTimersByTimeAsync(1_000)

    expect(timersBefore).toBe(1)
    expect(asked.filter(([what]) => what === 'east release').map(([, at]) => at)).toEqual([
      0, 5_000, 10_000, 40_000,
    ])
  })

  test('asks nothing more once it is stopped, not even for what was left of a round', async () => {
    const held = Promise.withResolvers<void>()
    const { refresher, asked } = run([createRegion('a'), createRegion('b')], async (region, want) => {
      await held.promise
      return nothing(region, want)
    })
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toEqual([['a release', 0]])

    refresher.stop()
    held.resolve()
    await vi.advanceTimersByTimeAsync(3 * interval)

    expect(asked).toEqual([['a release', 0]])
    expect(vi.getTimerCount()).toBe(0)
  })

  describe('follows the list of regions', () => {
    const times = (asked: Run['asked'], what: string) =>
      asked.filter(([it]) => it === what).map(([, at]) => at)
    const moved = (region: Region): Region => ({ ...region, endpoints: { usm: new URL('http://elsewhere') } })
    const usm = (name: string, more: Partial<Region> = {}) => ({
      ...createRegion(name, { speaks: ['usm'] }),
      ...more,
    })

    test('who came is asked soon, spread like a first round; who left is asked no more', async () => {
      const { refresher, asked } = run([usm('old')])
      await vi.advanceTimersByTimeAsync(1_000)
      refresher.follow(Array.from({ length: 100 }, (_, i) => usm(`new-${i}`)))
      expect(refresher.askedAll()).toBe(false)
      await vi.advanceTimersByTimeAsync(300)
      expect(refresher.askedAll()).toBe(true)
      expect(times(asked, 'new-0 release')).toEqual([1_000])
      expect(times(asked, 'new-99 release')).toEqual([1_297])
      await vi.advanceTimersByTimeAsync(3 * interval)
      expect(times(asked, 'old release')).toEqual([0])
      expect(vi.getTimerCount()).toBe(100)
    })

    test('who stays keeps its moment, whatever its name and labels', async () => {
      const { refresher, asked } = run([usm('east')])
      await vi.advanceTimersByTimeAsync(10_000)
      refresher.follow([usm('east', { subcloud: 'renamed', labels: { a: 'b' } })])
      await vi.advanceTimersByTimeAsync(interval)
      expect(times(asked, 'east release')).toEqual([0, interval])
    })

    test('who moved is asked soon', async () => {
      const { refresher, asked } = run([usm('east')])
      await vi.advanceTimersByTimeAsync(20_000)
      refresher.follow([moved(usm('east'))])
      await vi.advanceTimersByTimeAsync(interval)
      expect(times(asked, 'east release')).toEqual([0, 20_000, 20_000 + interval])
      expect(vi.getTimerCount()).toBe(1)
    })

    test('who is offline is asked, though seldom; back online it is asked soon', async () => {
      const { refresher, asked } = run([usm('east', { offline: true })], () => fails('unreachable'))
      await vi.advanceTimersByTimeAsync(11 * interval)
      expect(times(asked, 'east release')).toEqual([0, 5 * interval, 10 * interval])
      refresher.follow([usm('east', { offline: false })])
      await vi.advanceTimersByTimeAsync(0)
      expect(times(asked, 'east release').at(-1)).toBe(11 * interval)
    })

    test('who leaves and comes back while it is asked is asked once per interval all the same', async () => {
      const held = Promise.withResolvers<void>()
      const { refresher, asked } = run([usm('east')], async (region, want) => {
        await held.promise
        return nothing(region, want)
      })
      await vi.advanceTimersByTimeAsync(0)
      refresher.follow([])
      refresher.follow([usm('east')])
      held.resolve()
      await vi.advanceTimersByTimeAsync(10 * interval)
      expect(vi.getTimerCount()).toBe(1)
      expect(times(asked, 'east release').length).toBeLessThanOrEqual(12)
    })

    test('who left in the middle of its first round counts for nothing', async () => {
      const { refresher } = run([usm('dark')], () => new Promise(() => undefined))
      await vi.advanceTimersByTimeAsync(500)
      refresher.follow([usm('other')])
      await vi.advanceTimersByTimeAsync(600)
      refresher.follow([usm('other'), usm('third')])
      expect(refresher.askedAll()).toBe(false)
    })

    test('everyone is asked within a round where it is told so, and then as before', async () => {
      const { refresher, asked } = run(Array.from({ length: 10 }, (_, i) => usm(`r${i}`)))
      await vi.advanceTimersByTimeAsync(20_000)
      refresher.askSoon()
      await vi.advanceTimersByTimeAsync(30)
      expect(times(asked, 'r0 release')).toEqual([0, 20_000])
      expect(times(asked, 'r9 release')).toEqual([27, 20_027])
      await vi.advanceTimersByTimeAsync(interval)
      expect(times(asked, 'r0 release')).toEqual([0, 20_000, 20_000 + interval])
      expect(vi.getTimerCount()).toBe(10)
    })
  })

  test('keeps asking a region of which asking ended in a bug', async () => {
    let asks = 0
    const snapshots = createSnapshots({
      ask: () => {
        asks++
        return Promise.reject(new Error('a bug'))
      },
      now: () => Date.now(),
      random: () => 0,
    })
    const rejected: unknown[] = []
    const note = (reason: unknown): void => void rejected.push(reason)
    process.on('unhandledRejection', note)
    startRefresher({
      regions: [createRegion('east')],
      snapshots,
      interval: () => interval,
      now: () => Date.now(),
      random: () => 0,
    })
    await vi.advanceTimersByTimeAsync(3 * interval)
    vi.useRealTimers()
    await new Promise(setImmediate)
    process.off('unhandledRejection', note)

    expect(rejected).toEqual([])
    expect(asks).toBeGreaterThan(1)
  })
})
