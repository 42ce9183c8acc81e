import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { gather } from '../../src/fleet/gather.ts'
import { createSnapshots, type Snapshots } from '../../src/fleet/snapshots.ts'
import type { Region } from '../../src/model/region.ts'
import { answers, createAsk, type Play, type Played } from '../support/fleet-answers.ts'
import { startOfTests } from '../support/fleet-clock.ts'
import { release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'

const releases = { resource: 'release' } as const
const v1 = answers([release('24.09.1')])
const options = { maxAge: 60_000, deadline: 1_000, sole: false, now: () => Date.now() }

beforeEach(() => void vi.useFakeTimers({ now: startOfTests }))
afterEach(() => void vi.useRealTimers())

function snapshotsOf(play: Play): Snapshots {
  return createSnapshots({ ask: createAsk(play), now: Date.now, random: () => 0 })
}

function after(delay: number, played: Played): Promise<Played> {
  return new Promise((resolve) => setTimeout(resolve, delay, played))
}

/** A region that takes so many ms; its name says so. */
const taking = (delay: number): Region => createRegion(`takes-${delay}`)
const delayOf = (region: Region): number => Number(region.name.slice('takes-'.length))
const slow: Play = (region) => after(delayOf(region), v1)

describe('gathering', () => {
  test('is over as soon as the last region answered', async () => {
    const regions = [taking(300), taking(100), taking(200)]
    const outcomes = gather(snapshotsOf(slow), regions, releases, options)
    await vi.advanceTimersByTimeAsync(300)

    expect((await outcomes).map(({ status, region }) => `${region} ${status}`)).toEqual([
      'takes-300 fresh',
      'takes-100 fresh',
      'takes-200 fresh',
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('counts the time that asking itself takes', async () => {
    const busy: Play = (region) => {
      vi.setSystemTime(Date.now() + 400)
      return after(delayOf(region), v1)
    }
    const outcomes = gather(snapshotsOf(busy), [taking(150), taking(500)], releases, options)
    await vi.advanceTimersByTimeAsync(200)

    expect((await outcomes).map(({ status }) => status)).toEqual(['fresh', 'failed'])
    await vi.runAllTimersAsync()
  })

  test('ends at the deadline; the late answer lands in the snapshot', async () => {
    const [quick, late] = [taking(100), taking(1_500)]
    const snapshots = snapshotsOf(slow)
    const outcomes = gather(snapshots, [late, quick], releases, options)
    await vi.advanceTimersByTimeAsync(1_000)

    expect(await outcomes).toMatchObject([
      {
        status: 'failed',
        region: 'takes-1500',
        failure: {
          kind: 'timeout',
          message: 'takes-1500: no answer within the deadline of 1 s',
          at: startOfTests + 1_000,
        },
      },
      { status: 'fresh', region: 'takes-100' },
    ])
    expect(snapshots.peek(late, releases, 60_000)).toBeUndefined()
    await vi.advanceTimersByTimeAsync(500)
    expect(snapshots.peek(late, releases, 60_000)).toMatchObject({
      status: 'fresh',
      provenance: { observedAt: startOfTests + 1_500 },
    })
    expect(snapshots.lastFailure(late, releases)).toBeUndefined()
  })

  test('serves the last answer as stale where the new one is late', async () => {
    let delay = 100
    const east = createRegion('east')
    const snapshots = snapshotsOf(() => after(delay, v1))
    const first = gather(snapshots, [east], releases, options)
    await vi.advanceTimersByTimeAsync(100)
    await first
    delay = 5_000

    const second = gather(snapshots, [east], releases, { ...options, maxAge: 0 })
    await vi.advanceTimersByTimeAsync(1_000)

    expect(await second).toMatchObject([
      {
        status: 'stale',
        provenance: { observedAt: startOfTests + 100 },
        failure: { kind: 'timeout', message: 'east: no answer within the deadline of 1 s' },
      },
    ])
  })

  test('sets no timer where nothing need be asked', async () => {
    const closed = createRegion('closed', { maintenanceUntil: Infinity })
    const old = createRegion('old', { speaks: ['patching'] })

    expect(await gather(snapshotsOf(slow), [closed, old], releases, options)).toEqual([
      { status: 'skipped', region: 'closed', reason: 'maintenance' },
      { status: 'unsupported', region: 'old', reason: 'no usm endpoint' },
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('one region of which asking ends in a bug takes no time from the others', async () => {
    const [broken, well] = [createRegion('broken'), createRegion('well')]
    const ask = createAsk(() => after(100, v1))
    const snapshots = createSnapshots({
      ask: (region, ...rest) =>
        region === broken ? Promise.reject(new Error('a bug')) : ask(region, ...rest),
      now: Date.now,
      random: () => 0,
    })
    const outcomes = gather(snapshots, [broken, well], releases, options)
    await vi.advanceTimersByTimeAsync(1_000)

    expect((await outcomes).map(({ status }) => status)).toEqual(['failed', 'fresh'])
  })

  test('gives one outcome for each region, in the order asked for, by the deadline, whoever is late', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 2_000 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 2_000 }),
        async (delays, deadline) => {
          const outcomes = gather(snapshotsOf(slow), delays.map(taking), releases, { ...options, deadline })
          await vi.advanceTimersByTimeAsync(deadline)

          // At the very deadline either may win.
          expect((await outcomes).map(({ status, region }) => [region, status])).toEqual(
            delays.map((delay) => [
              `takes-${delay}`,
              delay === deadline ? (expect.any(String) as unknown) : delay < deadline ? 'fresh' : 'failed',
            ]),
          )
          await vi.advanceTimersByTimeAsync(2_000)
        },
      ),
      { seed: 2, numRuns: 100 },
    )
  })
})
