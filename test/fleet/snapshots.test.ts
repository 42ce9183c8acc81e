import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Ask } from '../../src/fleet/ask.ts'
import { createSnapshots, type Snapshots } from '../../src/fleet/snapshots.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import type { Resource, Want } from '../../src/model/reading.ts'
import type { Region } from '../../src/model/region.ts'
import { answers, createAsk, fails, lacks, type Play, type Played } from '../support/fleet-answers.ts'
import { createClock, startOfTests, type Clock } from '../support/fleet-clock.ts'
import { release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'

const east = createRegion('east')
const releases = { resource: 'release' } as const
const minute = { maxAge: 60_000 }
const now = { maxAge: 0 }
/** Back-offs end for the refresher first. */
const theRefresher = { maxAge: 0, probe: true }

interface Bench {
  readonly snapshots: Snapshots
  readonly clock: Clock
  readonly asked: string[]
}

function bench(play: Play, random: () => number = () => 0): Bench {
  const clock = createClock()
  const asked: string[] = []
  const ask = createAsk((region, want) => {
    asked.push(want.id === undefined ? want.resource : `${want.resource} ${want.id}`)
    return play(region, want)
  })
  return { snapshots: createSnapshots({ ask, now: clock.now, random }), clock, asked }
}

/** An outcome in brief: its status, and why. */
function inBrief(outcome: Outcome<unknown> | undefined): string {
  if (outcome === undefined) return 'nothing'
  if ('failure' in outcome) return `${outcome.status}: ${outcome.failure.kind}, ${outcome.failure.message}`
  return 'reason' in outcome ? `${outcome.status}: ${outcome.reason}` : outcome.status
}

/** Plays one answer after the other, the last one for ever. */
function inTurn(...plays: readonly Played[]): Play {
  let turn = 0
  return () => plays[Math.min(turn++, plays.length - 1)] ?? fails('broken', 'the test has no answer')
}

const v1 = answers([release('24.09.1')])
const v2 = answers([release('24.09.2')])

describe('an answer that is held', () => {
  test('is served at once while it is young, without asking', async () => {
    const { snapshots, clock, asked } = bench(() => v1)
    await snapshots.read(east, releases, minute)
    clock.pass(60_000)

    const outcome = snapshots.read(east, releases, minute)

    expect(outcome).not.toBeInstanceOf(Promise)
    expect(outcome).toMatchObject({
      status: 'fresh',
      region: 'east',
      provenance: { dialect: 'usm-stx10', observedAt: startOfTests },
    })
    expect(asked).toEqual(['release'])
  })

  test('is asked for anew once it is older than the asker wants', async () => {
    const { snapshots, clock, asked } = bench(inTurn(v1, v2))
    await snapshots.read(east, releases, minute)
    clock.pass(60_001)

    const outcome = await snapshots.read(east, releases, minute)

    expect(outcome).toMatchObject({
      status: 'fresh',
      reading: { items: [{ id: 'starlingx-24.09.2' }] },
      provenance: { observedAt: startOfTests + 60_001 },
    })
    expect(asked).toEqual(['release', 'release'])
  })

  test('is asked for once, however many ask at the same time', async () => {
    const { promise, resolve } = Promise.withResolvers<Played>()
    const { snapshots, asked } = bench(() => promise)
    const waiting = [now, minute, now].map(async (options) => snapshots.read(east, releases, options))
    resolve(v1)

    expect((await Promise.all(waiting)).map(inBrief)).toEqual(['fresh', 'fresh', 'fresh'])
    expect(asked).toEqual(['release'])
  })

  test('stays when the next ask fails: stale, with its age and the failure', async () => {
    const { snapshots, clock } = bench(inTurn(v1, fails('timeout', 'GET /v1/release: no answer within 10 s')))
    await snapshots.read(east, releases, minute)
    clock.pass(70_000)

    expect(await snapshots.read(east, releases, minute)).toMatchObject({
      status: 'stale',
      region: 'east',
      reading: { items: [{ id: 'starlingx-24.09.1' }] },
      provenance: { observedAt: startOfTests },
      failure: {
        kind: 'timeout',
        message: 'east: GET /v1/release: no answer within 10 s',
        at: startOfTests + 70_000,
      },
    })
  })

  test('is stale to one asker and fresh to another: freshness is judged when read', async () => {
    const { snapshots, clock } = bench(inTurn(v1, fails('broken')))
    await snapshots.read(east, releases, minute)
    clock.pass(30_000)

    expect(inBrief(await snapshots.read(east, releases, { maxAge: 20_000 }))).toBe(
      'stale: broken, east: it is broken',
    )
    expect(inBrief(await snapshots.read(east, releases, minute))).toBe('fresh')
  })

  test('does not count as younger than now, although it came within the same millisecond', async () => {
    const { snapshots } = bench(inTurn(v1, fails('broken')))
    await snapshots.read(east, releases, now)

    expect(inBrief(await snapshots.read(east, releases, now))).toBe('stale: broken, east: it is broken')
  })

  test('keeps its version until it changes; versions never repeat', async () => {
    const { snapshots, clock } = bench(inTurn(v1, v1, v2, v1))
    const versions: number[] = []
    for (let round = 0; round < 4; round++) {
      clock.pass(1_000)
      const outcome = await snapshots.read(east, releases, now)
      versions.push('provenance' in outcome ? outcome.provenance.version : NaN)
    }
    const [first = 0, same, changed = 0, back = 0] = versions

    expect(same).toBe(first)
    expect(changed).toBeGreaterThan(first)
    expect(back).toBeGreaterThan(changed)
  })
})

describe('what is not asked', () => {
  test('a service without an endpoint is unsupported', () => {
    const { snapshots, asked } = bench(() => v1)
    const old = createRegion('old-1', { speaks: ['patching'] })

    expect(snapshots.read(old, releases, now)).toEqual({
      status: 'unsupported',
      region: 'old-1',
      reason: 'no usm endpoint',
    })
    expect(asked).toEqual([])
  })

  test('a region in maintenance is skipped until its end', async () => {
    const { snapshots, clock, asked } = bench(() => v1)
    const closed = createRegion('east', { maintenanceUntil: startOfTests + 1_000 })

    expect(snapshots.read(closed, releases, now)).toEqual({
      status: 'skipped',
      region: 'east',
      reason: 'maintenance',
    })
    clock.pass(1_000)
    expect(inBrief(await snapshots.read(closed, releases, now))).toBe('fresh')
    expect(asked).toEqual(['release'])
  })

  test('that a region has no such call is remembered as long as an answer, and drops the last answer', async () => {
    const { snapshots, clock, asked } = bench(inTurn(v1, lacks('no such call'), fails('broken')))
    await snapshots.read(east, releases, now)
    clock.pass(1_000)
    expect(inBrief(await snapshots.read(east, releases, now))).toBe('unsupported: no such call')
    clock.pass(60_000)
    expect(inBrief(await snapshots.read(east, releases, minute))).toBe('unsupported: no such call')
    clock.pass(1)
    expect(inBrief(await snapshots.read(east, releases, minute))).toBe('failed: broken, east: it is broken')
    expect(asked).toHaveLength(3)
  })
})

describe('a region that failed', () => {
  test('is left alone for 5 s doubling to 5 min, and keeps the cause', async () => {
    const { snapshots, clock, asked } = bench(() => fails('broken', 'GET /v1/release: HTTP 500'))
    const waits: number[] = []
    let last = clock.now()
    await snapshots.read(east, releases, theRefresher)
    while (waits.length < 9) {
      clock.pass(100)
      const before = asked.length
      const outcome = await snapshots.read(east, releases, theRefresher)
      expect(inBrief(outcome)).toBe('failed: broken, east: GET /v1/release: HTTP 500')
      if (asked.length === before) continue
      waits.push((clock.now() - last) / 1000)
      last = clock.now()
    }

    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300])
  })

  test('is left alone for up to a fifth less, at random', async () => {
    const { snapshots, clock, asked } = bench(
      () => fails('broken'),
      () => 0.999,
    )
    await snapshots.read(east, releases, theRefresher)
    clock.pass(4_000)
    await snapshots.read(east, releases, theRefresher)
    expect(asked).toHaveLength(1)
    clock.pass(100)
    await snapshots.read(east, releases, theRefresher)
    expect(asked).toHaveLength(2)
  })

  test('is left to the refresher at first, and asked by a caller where that does not come', async () => {
    const { snapshots, clock, asked } = bench(() => fails('broken'))
    await snapshots.read(east, releases, now)
    clock.pass(34_999)
    await snapshots.read(east, releases, now)
    expect(asked).toHaveLength(1)
    clock.pass(1)
    await snapshots.read(east, releases, now)
    expect(asked).toHaveLength(2)
  })

  test('is asked by a caller as soon as the back-off ends, for what the refresher never asks', async () => {
    const { snapshots, clock, asked } = bench(() => fails('broken'))
    const upgrade = { resource: 'software_upgrade' } as const
    await snapshots.read(east, upgrade, now)
    clock.pass(5_000)
    await snapshots.read(east, upgrade, now)
    expect(asked).toHaveLength(2)
  })

  test('stays backed off though our own queue refuses another question: the region said nothing', async () => {
    const asked: string[] = []
    const snapshots = createSnapshots({
      ask: (_, { resource }) => {
        asked.push(resource)
        const ofService = resource === 'release'
        return Promise.resolve({ status: 'failed', kind: 'timeout', message: 'no answer', ofService })
      },
      now: () => startOfTests,
      random: () => 0,
    })
    await snapshots.read(east, releases, now)
    await snapshots.read(east, { resource: 'software_upgrade' }, { maxAge: 0, sole: true })
    await snapshots.read(east, releases, now)
    expect(asked).toEqual(['release', 'software_upgrade'])
  })

  test('keeps the instant of the failure while it is backed off', async () => {
    const { snapshots, clock } = bench(() => fails('malformed'))
    await snapshots.read(east, releases, now)
    clock.pass(3_000)

    expect(await snapshots.read(east, releases, now)).toEqual({
      status: 'failed',
      region: 'east',
      failure: { kind: 'malformed', message: 'east: it is malformed', at: startOfTests },
    })
  })

  test('is asked although it is backed off where it is the only one named', async () => {
    const { snapshots, asked } = bench(inTurn(fails('timeout'), v1))
    await snapshots.read(east, releases, now)

    expect(inBrief(await snapshots.read(east, releases, { maxAge: 0, sole: true }))).toBe('fresh')
    expect(asked).toHaveLength(2)
  })

  test('that the refresher is trying again stays backed off for everyone else, until it answers', async () => {
    let turn = 0
    const { promise, resolve } = Promise.withResolvers<Played>()
    const { snapshots, clock, asked } = bench(() => (turn++ === 0 ? fails('timeout') : promise))
    await snapshots.read(east, releases, now)
    clock.pass(5_000)
    const probing = snapshots.read(east, releases, { maxAge: 0, probe: true })

    expect(snapshots.read(east, releases, now)).toMatchObject({
      status: 'failed',
      failure: { kind: 'timeout', at: startOfTests },
    })
    resolve(v1)
    expect(inBrief(await probing)).toBe('fresh')
    expect(inBrief(await snapshots.read(east, releases, minute))).toBe('fresh')
    expect(asked).toHaveLength(2)
  })

  test('is tried again by the refresher although its next failure was of another kind', async () => {
    const { snapshots, clock } = bench(inTurn(fails('malformed'), fails('timeout'), v1))
    const probe = { maxAge: 0, probe: true }
    await snapshots.read(east, releases, probe)
    clock.pass(5_000)
    await snapshots.read(east, releases, probe)
    clock.pass(60_000)

    expect(snapshots.retryAt(east)).toBeUndefined()
    expect(inBrief(await snapshots.read(east, releases, probe))).toBe('fresh')
  })

  test('may be tried again at the end of its earliest back-off', async () => {
    const { snapshots, clock } = bench((_, { resource }) =>
      resource === 'query' ? fails('broken', 'HTTP 500', 500) : fails('malformed'),
    )
    expect(snapshots.retryAt(east)).toBeUndefined()
    await snapshots.read(east, { resource: 'query' }, now)
    expect(snapshots.retryAt(east)).toBe(startOfTests + 60_000)
    clock.pass(1_000)
    await snapshots.read(east, releases, now)
    expect(snapshots.retryAt(east)).toBe(startOfTests + 6_000)
    clock.pass(60_000)
    expect(snapshots.retryAt(east)).toBeUndefined()
  })

  test('starts anew at 5 s after a success', async () => {
    const { snapshots, clock, asked } = bench(inTurn(fails('broken'), fails('broken'), v1, fails('broken')))
    for (const wait of [5_000, 10_000, 1]) {
      await snapshots.read(east, releases, theRefresher)
      clock.pass(wait)
    }
    await snapshots.read(east, releases, theRefresher)
    clock.pass(4_999)
    await snapshots.read(east, releases, theRefresher)
    expect(asked).toHaveLength(4)
    clock.pass(1)
    await snapshots.read(east, releases, theRefresher)
    expect(asked).toHaveLength(5)
  })

  test.each(['timeout', 'unreachable', 'tls', 'unauthorized'] as const)(
    'by %s is not asked anything else of that service, but of its other one',
    async (kind) => {
      const { snapshots, asked } = bench((_, { resource }) =>
        resource === 'release' ? fails(kind, 'GET /v1/release') : answers({ data: [] }),
      )
      await snapshots.read(east, releases, now)

      expect(inBrief(await snapshots.read(east, { resource: 'deploy' }, now))).toBe(
        `failed: ${kind}, east: GET /v1/release`,
      )
      expect(inBrief(await snapshots.read(east, { resource: 'query_hosts' }, now))).toBe('fresh')
      expect(asked).toEqual(['release', 'query_hosts'])
    },
  )

  test.each(['rejected', 'broken', 'malformed', 'too_large'] as const)(
    'by %s is still asked other things of that service',
    async (kind) => {
      const { snapshots, asked } = bench((_, { resource }) =>
        resource === 'release' ? fails(kind) : answers([]),
      )
      await snapshots.read(east, releases, now)

      expect(inBrief(await snapshots.read(east, { resource: 'deploy' }, now))).toBe('fresh')
      expect(inBrief(await snapshots.read(east, releases, now))).toBe(`failed: ${kind}, east: it is ${kind}`)
      expect(asked).toEqual(['release', 'deploy'])
    },
  )

  test.each([0, 0.999])(
    'by a 500 of Patching is left alone for at least 60 s, whatever chance says (%s): its daemon restarts',
    async (chance) => {
      const { snapshots, clock, asked } = bench(
        () => fails('broken', 'HTTP 500', 500),
        () => chance,
      )
      await snapshots.read(east, { resource: 'query' }, theRefresher)
      clock.pass(59_999)
      expect(inBrief(await snapshots.read(east, { resource: 'query_hosts' }, theRefresher))).toBe(
        'failed: broken, east: HTTP 500',
      )
      expect(asked).toEqual(['query'])
      clock.pass(12_001)
      await snapshots.read(east, { resource: 'query_hosts' }, theRefresher)
      expect(asked).toEqual(['query', 'query_hosts'])
    },
  )

  test('by a 500 of USM is still asked other things: USM survives it', async () => {
    const { snapshots, asked } = bench(() => fails('broken', 'HTTP 500', 500))
    await snapshots.read(east, releases, now)
    await snapshots.read(east, { resource: 'deploy' }, now)
    expect(asked).toEqual(['release', 'deploy'])
  })

  test('shows its last failure until it answers', async () => {
    const { snapshots, clock } = bench(inTurn(v1, fails('broken', 'HTTP 500'), v1))
    const seen: unknown[] = [snapshots.lastFailure(east, releases)]
    for (let round = 0; round < 3; round++) {
      await snapshots.read(east, releases, theRefresher)
      seen.push(snapshots.lastFailure(east, releases))
      clock.pass(5_000)
    }
    expect(seen).toEqual([
      undefined,
      undefined,
      { kind: 'broken', message: 'east: HTTP 500', at: startOfTests + 5_000 },
      undefined,
    ])
  })
})

describe('without asking', () => {
  test('peek judges what is held', async () => {
    const { snapshots, clock, asked } = bench(inTurn(v1, fails('broken', 'HTTP 500')))
    const seen = [inBrief(snapshots.peek(east, releases, 60_000))]
    await snapshots.read(east, releases, now)
    seen.push(inBrief(snapshots.peek(east, releases, 60_000)))
    clock.pass(60_001)
    seen.push(inBrief(snapshots.peek(east, releases, 60_000)))
    await snapshots.read(east, releases, now)
    seen.push(inBrief(snapshots.peek(east, releases, 60_000)))

    expect(seen).toEqual([
      'nothing',
      'fresh',
      'stale: timeout, east: not asked recently enough',
      'stale: broken, east: HTTP 500',
    ])
    expect(asked).toHaveLength(2)
  })

  test('peek says nothing while the first answer is awaited', () => {
    const { snapshots } = bench(() => new Promise<Played>(() => undefined))
    void snapshots.read(east, releases, now)

    expect(snapshots.peek(east, releases, 60_000)).toBeUndefined()
  })

  test('an asker who stops waiting gets the last answer as stale, or a failure', async () => {
    const { snapshots } = bench(() => v1)
    const failure = { kind: 'timeout', message: 'east: no answer within 2 s', at: startOfTests } as const

    expect(snapshots.late(east, releases, failure)).toEqual({ status: 'failed', region: 'east', failure })
    await snapshots.read(east, releases, now)
    expect(snapshots.late(east, releases, failure)).toMatchObject({ status: 'stale', failure })
    expect(snapshots.lastFailure(east, releases)).toBeUndefined()
  })
})

describe('a region that left', () => {
  test('is forgotten: answers, failures and single patches', async () => {
    const { snapshots, asked } = bench((_, { resource }) =>
      resource === 'show' ? answers({ metadata: {}, contents: {}, error: '' }) : fails('timeout'),
    )
    const patch: Want<'show'> = { resource: 'show', id: 'P1' }
    await snapshots.read(east, patch, now)
    await snapshots.read(east, releases, now)

    snapshots.forget('east')

    expect(snapshots.peek(east, patch, Infinity)).toBeUndefined()
    expect(snapshots.peek(east, releases, Infinity)).toBeUndefined()
    await snapshots.read(east, releases, now)
    expect(asked).toEqual(['show P1', 'release', 'release'])
  })

  test('does not come back with a failure that was under way', async () => {
    const { promise, resolve } = Promise.withResolvers<Played>()
    const { snapshots, asked } = bench((_, { resource }) => (resource === 'release' ? promise : answers([])))
    const underWay = snapshots.read(east, releases, now)
    snapshots.forget('east')
    resolve(fails('unreachable'))
    await underWay

    expect(inBrief(await snapshots.read(east, { resource: 'deploy' }, now))).toBe('fresh')
    expect(asked).toEqual(['release', 'deploy'])
  })
})

test('single patches are held apart, by their id', async () => {
  const { snapshots, asked } = bench((_, { id = '' }) =>
    answers({ metadata: { [id]: { patchstate: 'Applied' } }, contents: {}, error: '' }),
  )
  const read = async (id: string): Promise<unknown> => {
    const outcome = await snapshots.read(east, { resource: 'show', id }, minute)
    return 'reading' in outcome && outcome.reading.value?.['metadata']
  }
  expect([await read('P1'), await read('P2'), await read('P1')]).toEqual([
    { P1: { patchstate: 'Applied' } },
    { P2: { patchstate: 'Applied' } },
    { P1: { patchstate: 'Applied' } },
  ])
  expect(asked).toEqual(['show P1', 'show P2'])
})

describe('whatever asking does', () => {
  test.each<[string, Ask]>([
    ['rejects', () => Promise.reject(new Error('a bug'))],
    [
      'throws',
      () => {
        throw new Error('a bug')
      },
    ],
  ])('reading never rejects: asking %s', async (_, ask) => {
    const clock = createClock()
    const snapshots = createSnapshots({ ask, now: clock.now, random: () => 0 })

    await expect(snapshots.read(east, releases, now)).resolves.toMatchObject({
      status: 'failed',
      region: 'east',
    })
  })

  test('reading never rejects: whoever is told of a reading throws', async () => {
    const clock = createClock()
    const snapshots = createSnapshots({
      ask: createAsk(() => v1),
      now: clock.now,
      random: () => 0,
      onReading() {
        throw new Error('a bug')
      },
    })

    await expect(snapshots.read(east, releases, now)).resolves.toMatchObject({ region: 'east' })
  })

  const resources = ['release', 'deploy', 'query', 'query_hosts'] as const satisfies readonly Resource[]
  const good = { release: [release('24.09.1')], deploy: [], query: { pd: {} }, query_hosts: { data: [] } }
  const step = fc.record({
    resource: fc.constantFrom(...resources),
    maxAge: fc.constantFrom(0, 1_000, 60_000),
    sole: fc.boolean(),
    pass: fc.nat(90_000),
    plays: fc.constantFrom('answers', 'lacks', 'timeout', 'broken', '500'),
  })

  test('each read has exactly one outcome, never younger than asked for nor older than it says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        let plays: (typeof steps)[number]['plays'] = 'answers'
        const { snapshots, clock } = bench((_: Region, { resource }: Want) => {
          if (plays === 'answers') return answers(good[resource as keyof typeof good])
          if (plays === 'lacks') return lacks()
          return plays === '500' ? fails('broken', 'HTTP 500', 500) : fails(plays)
        })
        for (const { resource, maxAge, sole, pass, plays: next } of steps) {
          plays = next
          clock.pass(pass)
          const outcome = await snapshots.read(east, { resource }, { maxAge, sole })
          expect(outcome.region).toBe('east')
          if (outcome.status === 'skipped') throw new Error('nothing is in maintenance')
          if ('provenance' in outcome) {
            const age = clock.now() - outcome.provenance.observedAt
            expect(age).toBeGreaterThanOrEqual(0)
            if (maxAge > 0) expect(age <= maxAge).toBe(outcome.status === 'fresh')
            else if (outcome.status === 'fresh') expect(age).toBe(0)
          }
          if ('failure' in outcome) expect(outcome.failure.at).toBeLessThanOrEqual(clock.now())
        }
      }),
      { seed: 2, numRuns: 100 },
    )
  })
})
