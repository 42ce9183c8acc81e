import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHostHistory, type HostHistory } from '../../src/fleet/host-history.ts'
import type { Host } from '../../src/model/facts.ts'
import { readingOf } from '../support/fleet-answers.ts'
import { startOfTests } from '../support/fleet-clock.ts'
import { patchingHost, type JsonRecord } from '../support/fleet-records.ts'

const hour = 3_600_000
const day = 24 * hour

function hostsOf(...records: readonly JsonRecord[]): readonly Host[] {
  return readingOf('query_hosts', 'east', JSON.stringify({ data: records })).items
}

interface Polls {
  /** Lets so many ms pass, then takes a poll: each host by name, current or not. */
  (
    after: number,
    verdicts: Readonly<Record<string, boolean | null>>,
  ): Readonly<Record<string, boolean | null>>
}

/** Polls one region; each gives what is believed of its hosts then. */
function polls(history: HostHistory = createHostHistory()): Polls {
  let at = startOfTests
  return (after, verdicts) => {
    at += after
    history.observe(
      'east',
      hostsOf(...Object.entries(verdicts).map(([name, it]) => patchingHost(name, it))),
      at,
    )
    return believed(history)
  }
}

function believed(history: HostHistory, region = 'east'): Record<string, boolean | null> {
  return Object.fromEntries(history.hosts(region).map((host) => [host.hostname, host.patch_current]))
}

describe('what one poll says of a host', () => {
  test.each<[string, JsonRecord, boolean | null]>([
    ['current', {}, true],
    ['not current', { patch_current: false }, false],
    ['current, but its last patch failed', { patch_failed: true }, false],
    ['its details are stale', { stale_details: true }, null],
    ['it is on the way', { interim_state: true }, null],
    ['it was heard of 120 s ago', { secs_since_ack: 120 }, true],
    ['it was heard of 121 s ago', { secs_since_ack: 121 }, null],
    ['stale, and not current', { stale_details: true, patch_current: false }, null],
    ['it does not say', { patch_current: null }, null],
    ['nothing tells when it was heard of', { secs_since_ack: null }, null],
  ])('%s', (_, own, expected) => {
    expect(hostsOf(patchingHost('controller-0', true, own))[0]?.patch_current).toBe(expected)
  })
})

describe('over several polls a host', () => {
  test('that was never otherwise is current at once', () => {
    expect(polls()(0, { 'controller-0': true })).toEqual({ 'controller-0': true })
  })

  test('becomes not current, or unknown, at once', () => {
    const poll = polls()
    poll(0, { a: true, b: true })
    expect(poll(1, { a: false, b: null })).toEqual({ a: false, b: null })
  })

  test('that was not current becomes so by two agreeing polls at least 5 s apart', () => {
    const poll = polls()
    expect(
      [poll(0, { a: false }), poll(30_000, { a: true }), poll(4_999, { a: true }), poll(1, { a: true })].map(
        ({ a }) => a,
      ),
    ).toEqual([false, false, false, true])
  })

  test('must agree anew after a poll that did not', () => {
    const poll = polls()
    expect(
      [
        poll(0, { a: false }),
        poll(30_000, { a: true }),
        poll(1_000, { a: false }),
        poll(30_000, { a: true }),
        poll(30_000, { a: true }),
      ].map(({ a }) => a),
    ).toEqual([false, false, false, false, true])
  })

  test('does not become current by one poll because it was unknown in between', () => {
    const poll = polls()
    expect(
      [
        poll(0, { a: false }),
        poll(30_000, { a: null }),
        poll(30_000, { a: true }),
        poll(5_000, { a: true }),
      ].map(({ a }) => a),
    ).toEqual([false, null, false, true])
  })

  test('does not become current by one poll because it was away in between', () => {
    const poll = polls()
    expect([poll(0, { a: false }), poll(hour, {}), poll(hour, { a: true })].map(({ a }) => a)).toEqual([
      false,
      null,
      false,
    ])
  })

  test('that vanishes stays, as unknown, for 24 h', () => {
    const poll = polls()
    poll(0, { a: true, b: false, c: true })
    expect(poll(30_000, { c: true })).toEqual({ a: null, b: null, c: true })
    expect(poll(day - 30_000, { c: true })).toEqual({ a: null, b: null, c: true })
    expect(poll(1, { c: true })).toEqual({ c: true })
  })

  test('keeps what else was known of it when it vanishes', () => {
    const history = createHostHistory()
    const poll = polls(history)
    poll(0, { a: true })
    poll(1_000, {})
    expect(history.hosts('east')).toEqual([
      { ...hostsOf(patchingHost('a'))[0], patch_current: null, state: 'unknown', toldAt: startOfTests },
    ])
  })

  test('of another region does not matter; a region that left is forgotten', () => {
    const history = createHostHistory()
    history.observe('east', hostsOf(patchingHost('a', false)), startOfTests)
    history.observe('west', hostsOf(patchingHost('a', true)), startOfTests)
    expect([believed(history), believed(history, 'west')]).toEqual([{ a: false }, { a: true }])

    history.forget('east')
    expect([believed(history), believed(history, 'west')]).toEqual([{}, { a: true }])
  })

  test('without a name is not remembered; the least assuring of several speaks', () => {
    const history = createHostHistory()
    const nameless = (current: boolean | null): JsonRecord => patchingHost('n/a', current)
    history.observe('east', hostsOf(nameless(true), nameless(null), nameless(false)), startOfTests)
    expect(believed(history)).toEqual({ 'n/a': false })
    history.observe('east', hostsOf(patchingHost('a')), startOfTests + 1)
    expect(believed(history)).toEqual({ a: true })
  })
})

test('after it was not current, a host is current only with two agreeing polls 5 s apart', () => {
  const verdict = fc.constantFrom(true, true, false, null, 'away' as const)
  const step = fc.record({ after: fc.integer({ min: 1, max: 8_000 }), verdict })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const poll = polls()
      let at = 0
      let everFalse = false
      let agreeingSince: number | undefined
      for (const { after, verdict: says } of steps) {
        at += after
        const { a } = poll(after, says === 'away' ? {} : { a: says })
        everFalse ||= says === false
        agreeingSince = says === true ? (agreeingSince ?? at) : undefined
        if (a !== true) continue
        expect(says).toBe(true)
        if (everFalse) expect(at - (agreeingSince ?? at)).toBeGreaterThanOrEqual(5_000)
        everFalse = false
      }
    }),
    { seed: 2, numRuns: 500 },
  )
})
