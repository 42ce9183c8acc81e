import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWriteTurn, createWriteTurns } from '../../src/fleet/write-turn.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A write that ends when told to. */
function pending(): {
  readonly write: () => Promise<string>
  readonly end: () => void
  readonly begun: () => boolean
} {
  let begun = false
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  return {
    async write() {
      begun = true
      await ended
      return 'done'
    },
    end: () => end(),
    begun: () => begun,
  }
}

describe('one write at a time', () => {
  test('in the order of asking', async () => {
    const turn = createWriteTurn()
    const writes = Array.from({ length: 5 }, pending)
    const order: number[] = []
    const taken = writes.map((each, i) =>
      turn.take(1_000, undefined, () => {
        order.push(i)
        return each.write()
      }),
    )
    for (const [i, each] of writes.entries()) {
      await vi.advanceTimersByTimeAsync(0)
      expect(writes.map(({ begun }) => begun())).toEqual(writes.map((_, j) => j <= i))
      each.end()
    }
    expect(await Promise.all(taken)).toEqual(['done', 'done', 'done', 'done', 'done'])
    expect(order).toEqual([0, 1, 2, 3, 4])
    expect(await turn.take(1, undefined, async () => 'next')).toBe('next')
  })

  test('one that throws is over like any other', async () => {
    const turn = createWriteTurn()
    await expect(turn.take(1, undefined, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await turn.take(1, undefined, async () => 'next')).toBe('next')
  })
})

describe('waiting ends', () => {
  test('at the limit of who waits, not of who writes; the turn goes to the one behind', async () => {
    const turn = createWriteTurn()
    const [slow, behind] = [pending(), pending()]
    const first = turn.take(10, undefined, slow.write)
    const second = turn.take(2_000, undefined, async () => 'never').catch(String)
    const third = turn.take(5_000, undefined, behind.write)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await second).toBe('NoTurn: nothing was sent: another write took longer than 2 s')
    slow.end()
    expect(await first).toBe('done')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(behind.begun()).toBe(true)
    behind.end()
    expect(await third).toBe('done')
  })

  test('when its caller leaves, and nobody else loses a place', async () => {
    const turn = createWriteTurn()
    const slow = pending()
    const first = turn.take(10_000, undefined, slow.write)
    const leaving = new AbortController()
    const begun: string[] = []
    const wait = (name: string, signal?: AbortSignal): Promise<string> =>
      turn
        .take(10_000, signal, async () => {
          begun.push(name)
          return name
        })
        .catch(String)
    const waiting = [wait('a'), wait('b', leaving.signal), wait('c'), wait('d', leaving.signal)]
    leaving.abort()
    slow.end()
    const gone = 'NoTurn: nothing was sent: its caller went away'
    expect(await Promise.all([first, ...waiting])).toEqual(['done', 'a', gone, 'c', gone])
    expect(begun).toEqual(['a', 'c'])
    await expect(turn.take(1, leaving.signal, async () => 'x')).rejects.toThrow('its caller went away')
  })

  test('before it begins, where sixteen wait already', async () => {
    const turn = createWriteTurn()
    const slow = pending()
    const first = turn.take(1, undefined, slow.write)
    const waiting = Array.from({ length: 16 }, (_, i) => turn.take(1_000, undefined, async () => i))
    await expect(turn.take(1_000, undefined, async () => 'x')).rejects.toThrow(
      '16 writes are waiting already',
    )
    slow.end()
    expect(await Promise.all([first, ...waiting])).toEqual([
      'done',
      ...Array.from({ length: 16 }, (_, i) => i),
    ])
  })

  test('and a caller who leaves after its turn came changes nothing', async () => {
    const turn = createWriteTurn()
    const [before, own, behind] = [pending(), pending(), pending()]
    const leaving = new AbortController()
    const taken = [
      turn.take(1_000, undefined, before.write),
      turn.take(1_000, leaving.signal, own.write),
      turn.take(60_000, undefined, behind.write),
    ]
    before.end()
    await vi.advanceTimersByTimeAsync(0)
    expect(own.begun()).toBe(true)
    leaving.abort()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(behind.begun()).toBe(false)
    own.end()
    behind.end()
    expect(await Promise.all(taken)).toEqual(['done', 'done', 'done'])
  })
})

test('a turn for each name, kept only while somebody has it or waits for it', async () => {
  const turns = createWriteTurns()
  const [first, second, elsewhere] = [pending(), pending(), pending()]
  const taken = [
    turns.take('east', 1_000, undefined, first.write),
    turns.take('east', 1_000, undefined, second.write),
    turns.take('west', 1_000, undefined, elsewhere.write),
  ]
  await vi.advanceTimersByTimeAsync(0)
  expect([first, second, elsewhere].map(({ begun }) => begun())).toEqual([true, false, true])
  expect(turns.size).toBe(2)
  elsewhere.end()
  first.end()
  await vi.advanceTimersByTimeAsync(0)
  expect([second.begun(), turns.size]).toEqual([true, 1])
  second.end()
  await Promise.all(taken)
  expect(turns.size).toBe(0)
  await expect(turns.take('east', 1, AbortSignal.abort(), first.write)).rejects.toThrow('nothing was sent')
  expect(turns.size).toBe(0)
})
