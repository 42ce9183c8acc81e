import { describe, expect, test } from 'vitest'
import type { RelayOutcome } from '../../src/fleet/act.ts'
import { answers, fails } from '../support/fleet-answers.ts'
import { release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { crashed, createActing, done, failed, gate, settled, well } from './act-setup.ts'

const abort = 'POST /v1/deploy/abort'
const apply = 'POST /v1/apply/P-1'
const usmReads = ['asks release', 'asks deploy', 'asks deploy_host']

describe('a write voids what is held', () => {
  test('what was read before it is fresh for nobody', async () => {
    const acting = createActing(
      async () => done,
      (region, want) => (acting.seen.includes(abort) ? fails('broken') : well(region, want)),
    )
    expect(await acting.read('release')).toMatchObject({ status: 'fresh' })
    await acting.act(abort)
    await settled()
    expect(await acting.read('release')).toMatchObject({ status: 'stale', failure: { kind: 'broken' } })
  })

  test('and the region is read again, once', async () => {
    const acting = createActing(async () => done)
    await acting.act(abort)
    await settled()
    expect(acting.seen).toEqual([abort, ...usmReads])
    expect(await acting.read('release')).toMatchObject({ status: 'fresh' })
    expect(acting.seen).toHaveLength(4)
  })

  test('only of the service that was written to', async () => {
    const acting = createActing(async () => done)
    await acting.read('query')
    await acting.act(abort)
    await settled()
    expect(await acting.read('query')).toMatchObject({ status: 'fresh' })
    expect(acting.seen.filter((each) => each.startsWith('asks query'))).toHaveLength(1)
  })

  test('a read that was under way during the write does not count', async () => {
    const held = gate<void>()
    let version = '24.09.0'
    const acting = createActing(
      async () => {
        version = '24.09.1'
        return done
      },
      async (_, { resource }) => {
        if (resource !== 'release') return well(createRegion('east'), { resource })
        const before = version
        if (before === '24.09.0') await held.wait()
        return answers([release(before)])
      },
    )
    const early = acting.read('release')
    await acting.act(abort)
    const late = acting.read('release', 60_000)
    held.open()
    for (const outcome of [await early, await late]) {
      // The early asker too is better served by what was read since than by nothing.
      if (outcome.status === 'fresh') {
        expect(outcome.reading).toMatchObject({ items: [{ sw_version: '24.09.1' }] })
      } else expect(outcome.status).toBe('stale')
    }
    expect(await late).toMatchObject({ status: 'fresh' })
  })

  test.each<[string, RelayOutcome]>([
    ['failed at the region', { ...done, succeeded: false, error: 'no' }],
    ['was refused by it', failed('rejected', true, 406)],
    ['was refused with a 401', failed('unauthorized', true, 401)],
    ['got no answer', failed('timeout', true)],
  ])('also one that %s', async (_, outcome) => {
    const acting = createActing(async () => outcome)
    await acting.read('release')
    await acting.act(abort)
    await settled()
    expect(acting.seen.filter((each) => each === 'asks release')).toHaveLength(2)
  })

  test.each<[string, RelayOutcome]>([
    ['its release cannot', { status: 'refused', reason: 'no such call' }],
    ['nothing was sent', failed('unreachable', false)],
  ])('but not where %s', async (_, outcome) => {
    const acting = createActing(async () => outcome)
    await acting.read('release')
    expect(await acting.act(abort)).toBe(outcome)
    await settled()
    expect(acting.seen).toEqual(['asks release', abort])
  })

  test('a read voids nothing', async () => {
    const acting = createActing(async () => done)
    await acting.read('release')
    expect(await acting.act('GET /v1/deploy')).toBe(done)
    await settled()
    expect(acting.seen).toEqual(['asks release', 'GET /v1/deploy'])
  })
})

describe('an answer that was lost', () => {
  test.each(['timeout', 'unreachable', 'broken', 'malformed', 'too_large', 'tls'] as const)(
    '%s: unknown, with the state that was read since; never sent again',
    async (kind) => {
      const acting = createActing(async () => failed(kind, true))
      expect(await acting.act(abort)).toMatchObject({
        status: 'unknown',
        cause: { kind },
        now: 'deployment 24.09.0 to 24.09.1 is start',
      })
      await settled()
      expect(acting.seen.filter((each) => each === abort)).toHaveLength(1)
      expect(acting.seen.indexOf('asks deploy')).toBeGreaterThan(acting.seen.indexOf(abort))
    },
  )

  test('a refusal, of the call or of our credential, is no lost answer', async () => {
    for (const outcome of [failed('rejected', true, 406), failed('unauthorized', true, 401)]) {
      expect(await createActing(async () => outcome).act(abort)).toBe(outcome)
    }
  })

  test('the next write waits until the state was read', async () => {
    const deploys = gate<void>()
    let first = true
    const acting = createActing(
      async () => {
        const outcome = first ? failed('timeout', true) : done
        first = false
        return outcome
      },
      async (region, want) => {
        if (want.resource === 'deploy' && !acting.seen.includes('POST /v1/deploy/complete'))
          await deploys.wait()
        return well(region, want)
      },
    )
    const [lost, next] = [acting.act(abort), acting.act('POST /v1/deploy/complete')]
    await settled()
    expect(acting.seen).toEqual([abort, 'asks deploy'])
    deploys.open()
    expect(await lost).toMatchObject({ status: 'unknown' })
    expect(await next).toBe(done)
  })
})

describe('Patching that answered 500', () => {
  test.each(['write', 'read'])('after a %s: left alone for a minute by reads and writes', async (kind) => {
    let crash = true
    const acting = createActing(async () => (crash ? crashed : done))
    const first = kind === 'write' ? apply : 'GET /v1/query'
    expect(await acting.act(first)).toBe(crashed)
    crash = false
    await settled()
    // Nor is it asked what it has now: it would be asked in the middle of its restart.
    expect(acting.seen).toEqual([first])
    acting.clock.pass(59_999)
    for (const asked of [apply, 'GET /v1/query', 'POST /v1/query_hosts']) {
      expect(await acting.act(asked)).toMatchObject({
        status: 'paused',
        until: acting.clock.now() + 1,
        cause: { kind: 'broken' },
      })
    }
    expect(acting.seen).toEqual([first])
    expect(await acting.act(abort)).toBe(done)
    acting.clock.pass(1)
    expect(await acting.act(apply)).toBe(done)
  })

  test('a failure while it restarts does not cut its pause short', async () => {
    let outcome: RelayOutcome = crashed
    const acting = createActing(
      async () => outcome,
      () => fails('unreachable', 'connection refused'),
    )
    await acting.act(apply)
    outcome = done
    const { snapshots } = acting
    await snapshots.read(createRegion('east'), { resource: 'query' }, { maxAge: 0, sole: true })
    acting.clock.pass(30_000)
    expect(await acting.act(apply)).toMatchObject({ status: 'paused' })
    acting.clock.pass(30_000)
    expect(await acting.act(apply)).toBe(done)
  })

  test('a write that waited for its turn is not sent into the crash', async () => {
    const relayed = gate<RelayOutcome>()
    const acting = createActing(() => relayed.wait())
    const writes = [acting.act(apply), acting.act('POST /v1/remove/P-1'), acting.act('POST /v1/delete/P-1')]
    await settled()
    relayed.open(crashed)
    expect(await Promise.all(writes)).toMatchObject([crashed, { status: 'paused' }, { status: 'paused' }])
    expect(acting.seen).toEqual([apply])
  })

  test('USM is unaffected, and its own 500 pauses nothing', async () => {
    const acting = createActing(async () => crashed)
    expect(await acting.act(abort)).toBe(crashed)
    expect(await acting.act(abort)).toBe(crashed)
  })

  test('another region is unaffected', async () => {
    const acting = createActing(async ({ name }) => (name === 'east' ? crashed : done))
    await acting.act(apply)
    expect(await acting.act(apply, { region: createRegion('west') })).toBe(done)
  })
})

describe('turns', () => {
  test('one write at a time at a region, whatever its service; reads and other regions do not wait', async () => {
    const relayed = gate<RelayOutcome>()
    const acting = createActing((_, { call }) =>
      call.kind === 'read' ? Promise.resolve(done) : relayed.wait(),
    )
    const writes = [acting.act(abort), acting.act(apply), acting.act('POST /v1/deploy/complete')]
    await settled()
    expect(acting.seen).toEqual([abort])
    expect(await acting.act('GET /v1/deploy')).toBe(done)
    const elsewhere = acting.act(abort, { region: createRegion('west') })
    await settled()
    expect(acting.seen).toEqual([abort, 'GET /v1/deploy', abort])
    for (let i = 0; i < 4; i++) {
      relayed.open(done)
      await settled()
    }
    expect(await Promise.all([...writes, elsewhere])).toEqual([done, done, done, done])
    expect(acting.seen.filter((each) => each.startsWith('POST'))).toEqual([
      abort,
      abort,
      apply,
      'POST /v1/deploy/complete',
    ])
  })

  test('whoever leaves while waiting takes the write back; once sent, it goes on', async () => {
    const relayed = gate<RelayOutcome>()
    const acting = createActing(() => relayed.wait())
    const [one, two] = [new AbortController(), new AbortController()]
    const first = acting.act(abort, { signal: one.signal })
    const second = acting.act(apply, { signal: two.signal })
    two.abort()
    one.abort()
    expect(await second).toMatchObject({
      status: 'failed',
      kind: 'backed_off',
      sent: false,
      message: 'nothing was sent: its caller went away',
    })
    relayed.open(done)
    expect(await first).toBe(done)
    expect(await acting.act(abort, { signal: AbortSignal.abort() })).toMatchObject({ sent: false })
    expect(acting.seen.filter((each) => each.startsWith('POST'))).toEqual([abort])
  })

  test('a relay that throws leaves the turn to the next', async () => {
    let broken = true
    const acting = createActing(async () => {
      if (!broken) return done
      broken = false
      throw new Error('our own fault')
    })
    await expect(acting.act(abort)).rejects.toThrow('our own fault')
    expect(await acting.act(abort)).toBe(done)
  })
})
