import { describe, expect, test } from 'vitest'
import { currentTrace, newTrace, traceFrom, within, type Trace } from '../../src/model/trace.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'

function from(headers: Readonly<Record<string, string>>): Trace {
  return traceFrom((name) => headers[name])
}

test('a caller’s ids are taken over, with us as the parent', () => {
  const own = from({
    'x-request-id': 'req-7',
    traceparent: `00-${trace}-${parent}-01`,
    tracestate: 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7',
  })
  expect(own).toMatchObject({
    requestId: 'req-7',
    traceId: trace,
    tracestate: 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7',
  })
  expect(own.traceparent).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`))
  expect(own.traceparent).not.toContain(parent)
})

test.each([
  ['a later version', `cc-${trace}-${parent}-01`, '01'],
  ['a later version with more', `cc-${trace}-${parent}-01-what-comes-then`, '01'],
  ['flags that nobody knows yet', `00-${trace}-${parent}-fe`, '00'],
  ['not sampled', `00-${trace}-${parent}-00`, '00'],
])('%s is of the same trace', (_, traceparent, flags) => {
  const own = from({ traceparent })
  expect([own.traceId, own.traceparent.slice(-3)]).toEqual([trace, `-${flags}`])
})

describe('made new', () => {
  test.each([
    ['none', ''],
    ['capital letters', `00-${trace.toUpperCase()}-${parent}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${parent}-01`],
    ['a parent of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['the version that is none', `ff-${trace}-${parent}-01`],
    ['more than version 00 has', `00-${trace}-${parent}-01-x`],
    ['more without a dash', `cc-${trace}-${parent}-01x`],
    ['no flags', `00-${trace}-${parent}`],
    ['two of them', `00-${trace}-${parent}-01, 00-${trace}-${parent}-01`],
    ['a line break', `00-${trace}-${parent}-01\n`],
  ])('where traceparent is: %s; its state is dropped too', (_, traceparent) => {
    const own = from({ traceparent, tracestate: 'a=b' })
    expect(own.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    expect([own.traceId === trace, own.tracestate]).toEqual([false, undefined])
  })

  test.each(['', 'with space', 'a\r\nb', 'x'.repeat(129), 'é', '"quoted"'])(
    'the request id, where it is %j',
    (id) => {
      expect(from({ 'x-request-id': id }).requestId).toMatch(/^[0-9a-f-]{36}$/)
    },
  )

  test.each([`a=${'b'.repeat(511)}`, 'a=\u0000', 'a=ü'])('nothing, where the state is %j', (tracestate) => {
    expect(from({ traceparent: `00-${trace}-${parent}-01`, tracestate }).tracestate).toBeUndefined()
  })
})

test('no two are alike', () => {
  const many = Array.from({ length: 1_000 }, newTrace)
  expect(new Set(many.map(({ requestId }) => requestId)).size).toBe(1_000)
  expect(new Set(many.map(({ traceId }) => traceId)).size).toBe(1_000)
})

test('what runs for a request knows it, also after it has waited, and nothing else does', async () => {
  const [one, other] = [newTrace(), newTrace()]
  const ask = async (): Promise<Trace | undefined> => {
    await new Promise(setImmediate)
    return currentTrace()
  }
  expect(await Promise.all([within(one, ask), within(other, ask), ask()])).toEqual([one, other, undefined])
})
