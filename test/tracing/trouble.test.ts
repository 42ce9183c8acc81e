import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newTrace, traceFrom, type ToldRequest } from '../../src/model/trace.ts'
import { openTracing, type Tracing } from '../../src/tracing/open-tracing.ts'
import { issuers, parse } from '../config/parse.ts'
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts'
import { until } from '../support/simulated-fleet.ts'

// A collector that is down, slow or wrong: spans are lost, counted, and said to be lost; nothing waits for it.

let receiver: OtlpReceiver
let lost: Record<string, number>
let lines: readonly unknown[]
let tracing: Tracing
let closed: boolean

const configured = (keys: object, url = receiver.url) => {
  const { timeout = '10s', ...more } = keys as { timeout?: string }
  return parse(`${issuers}tracing: ${JSON.stringify({ otlp: { url, timeout }, ...more })}\n`).tracing
}

async function open(keys: object, url?: string): Promise<void> {
  tracing = await openTracing(configured(keys, url), {
    version: '1',
    log: { warn: (fields, sentence) => (lines = [...lines, { ...fields, sentence }]) },
    onLost: (count, reason) => (lost[reason] = (lost[reason] ?? 0) + count),
  })
}

async function close(): Promise<void> {
  closed = true
  await tracing.close()
}

beforeEach(async () => {
  receiver = await createOtlpReceiver()
  lost = {}
  lines = []
  closed = false
})
afterEach(async () => {
  if (!closed) await close()
  await receiver.close()
})

/** A request that asks so many regions. */
function request(regions: number): ToldRequest {
  const told = tracing.tell(newTrace())
  if (told === undefined) throw new Error('not sampled')
  for (let i = 0; i < regions; i++) {
    told.trace.telling?.begin('GET release', 'region', { 'fleet.region_name': `region-${i}` }).end()
  }
  told.end('/v1/release', 'GET', 200)
  return told
}

describe('what is lost', () => {
  test.each([
    ['answers 500', 500, '10s', 'HTTP 500'],
    ['refuses with 401', 401, '10s', 'HTTP 401'],
    // Less than the library waits before it tries again.
    ['is overloaded', 503, '790ms', 'Export failed with retryable status'],
    ['answers nothing', 'hang', '1s', 'Request timed out'],
    // Far above the pauses between its drops, which a busy machine makes longer.
    ['never ends its answer', 'drip', '3s', 'no answer within 3 s'],
  ] as const)('where the collector %s', async (_, reply, timeout, reason) => {
    receiver.plays(reply)
    await open({ timeout })
    request(3)
    await until(() => lost['not_taken'] === 4)
    expect(lines).toEqual([{ spans: 4, reason, sentence: 'spans did not reach the collector' }])
    // It is well again: so is what comes after.
    receiver.plays(200)
    const { traceId } = request(1).trace
    await receiver.ofTrace(traceId, 2)
    expect(lost).toEqual({ not_taken: 4 })
  })

  test('where nothing listens, and that is said once', async () => {
    await receiver.close()
    await open({ timeout: '100ms' })
    request(600)
    await until(() => lost['not_taken'] === 601)
    request(1)
    await until(() => lost['not_taken'] === 603)
    expect(lines).toEqual([
      expect.objectContaining({ spans: 512, reason: expect.stringContaining('ECONNREFUSED') as string }),
    ])
    receiver = await createOtlpReceiver()
  })

  test('what is more than max_spans, those that are being sent among them', async () => {
    receiver.plays('hang')
    await open({ max_spans: 1_000, timeout: '1h' })
    request(2_000)
    request(1)
    expect(lost).toEqual({ too_many: 1_003 })
    expect(lines).toEqual([expect.objectContaining({ spans: 1, reason: '1000 spans are held already' })])
    await close()
    expect(lost).toEqual({ too_many: 1_003, not_taken: 1_000 })
  })
})

describe('the end', () => {
  test('sends what is held', async () => {
    await open({})
    request(3_000)
    await close()
    expect([receiver.spans().length, lost]).toEqual([3_001, {}])
  })

  test.each(['hang', 'drip', 503] as const)('waits for no collector that plays %s', async (reply) => {
    receiver.plays(reply)
    await open({ timeout: '1h' })
    request(3)
    await close()
    expect(lost).toEqual({ not_taken: 4 })
    expect(receiver.batches.length).toBeGreaterThan(0)
  })

  test('what ends after it is lost, and does no harm', async () => {
    await open({})
    const told = tracing.tell(newTrace())
    const late = told?.trace.telling?.begin('GET release', 'region', {})
    told?.end('/v1/release', 'GET', 200)
    await close()
    late?.end()
    told?.trace.telling?.add({ 'fleet.regions.total': 1 })
    expect([receiver.spans().length, lost]).toEqual([1, { not_taken: 1 }])
  })
})

describe('a reload', () => {
  test('of the same keeps all as it is', async () => {
    await open({})
    const use = await tracing.prepare(configured({}))
    request(1)
    use()
    request(1)
    await close()
    expect(new Set(receiver.batches.map(({ text }) => /service.instance.id[^-]*/.exec(text)?.[0])).size).toBe(
      1,
    )
    expect(receiver.spans().length).toBe(4)
  })

  test('goes elsewhere, and what is held still goes where it was to', async () => {
    const other = await createOtlpReceiver()
    await open({})
    request(1)
    const use = await tracing.prepare(configured({}, other.url))
    use()
    request(2)
    await until(() => receiver.spans().length === 2)
    await until(() => other.spans().length === 3)
    await other.close()
  })

  test('turns it off, and on', async () => {
    await open({})
    ;(await tracing.prepare(undefined))()
    expect(tracing.tell(newTrace())).toBeUndefined()
    ;(await tracing.prepare(configured({})))()
    request(1)
    await until(() => receiver.spans().length === 2)
  })
})

test('a share of the requests is told where the caller says nothing, and then all of it', async () => {
  await open({ sample: 0.5 })
  const told = Array.from({ length: 1_000 }, () => tracing.tell(newTrace()) !== undefined)
  const share = told.filter(Boolean).length
  expect([share > 300, share < 700]).toEqual([true, true])
  const from = (flags: string) =>
    tracing.tell(
      traceFrom((name) =>
        name === 'traceparent' ? `00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flags}` : undefined,
      ),
    )
  expect(Array.from({ length: 20 }, () => from('01')?.trace.traceId)).toEqual(Array(20).fill('a'.repeat(32)))
  expect(Array.from({ length: 20 }, () => from('00'))).toEqual(Array(20).fill(undefined))
})
