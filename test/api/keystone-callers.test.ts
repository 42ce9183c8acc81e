import { beforeEach, expect, test } from 'vitest'
import { toKeystoneCaller } from '../../src/api/keystone-caller.ts'
import { createKeystoneCallers, type KeystoneCallers } from '../../src/api/keystone-callers.ts'
import type { Caller } from '../../src/api/caller.ts'
import { Problem } from '../../src/api/problem.ts'
import type { KeystoneToken } from '../../src/model/keystone-token.ts'
import { createClock, type Clock } from '../support/fleet-clock.ts'

// What is remembered of whom Keystone knows, by a clock that the test sets; Keystone is played.

const seconds = 1_000
let clock: Clock
/** What Keystone says of each token; of others, that it knows none such. */
let known: Map<string, KeystoneToken>
let down: boolean
let asked: string[]
let callers: KeystoneCallers

beforeEach(() => {
  clock = createClock()
  known = new Map([['anna', tokenOf('anna')]])
  down = false
  asked = []
  callers = createKeystoneCallers({
    validate: async (token) => {
      asked.push(token)
      const answer = known.get(token)
      await Promise.resolve()
      if (token.startsWith('odd')) throw new Error('an odd token')
      if (down) throw new Error('no route to host')
      return answer
    },
    isDown: () => down,
    toCaller: (token) => toKeystoneCaller(token, 'https://keystone.test/v3', undefined),
    monotonic: clock.now,
  })
})

function tokenOf(name: string, more: Partial<KeystoneToken> = {}): KeystoneToken {
  return {
    user: { id: `id-of-${name}`, name, domain: 'Default' },
    project: { id: 'p', name: 'services', domain: 'Default' },
    roles: ['configurator'],
    groups: [],
    expires: clock.now() + 3_600 * seconds,
    left: 3_600 * seconds,
    ...more,
  }
}

/** The role that a token gives, or the status that it is refused with. */
async function present(token: string): Promise<string | number | undefined> {
  return verdict(callers(token))
}
/** The same for a write. */
async function presentToWrite(token: string): Promise<string | number | undefined> {
  return verdict(callers(token).then(async (caller) => (await caller.confirm?.()) ?? caller))
}
async function verdict(made: Promise<Caller>): Promise<string | number | undefined> {
  try {
    return (await made).role
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.status
  }
}

test('a token is asked for once by everyone who presents it, and remembered for 60 s', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => present('anna')))
  expect([new Set(answers), asked]).toEqual([new Set(['configurator']), ['anna']])
  clock.pass(60 * seconds - 1)
  expect([await present('anna'), asked.length]).toEqual(['configurator', 1])
  clock.pass(1)
  expect([await present('anna'), asked.length]).toEqual(['configurator', 2])
})

test('a revoked one reads until its 60 s end, and writes no more', async () => {
  await present('anna')
  known.delete('anna')
  expect(await present('anna')).toBe('configurator')
  clock.pass(60 * seconds)
  expect(await present('anna')).toBe(401)
})

test('a write asks anew, and what it learns holds for reads too', async () => {
  await present('anna')
  known.delete('anna')
  expect([await presentToWrite('anna'), asked.length]).toEqual([401, 2])
  expect([await present('anna'), asked.length]).toEqual([401, 2])
})

test('a write by a token that was asked for just now, for this very request, is not asked for twice', async () => {
  expect([await presentToWrite('anna'), asked.length]).toEqual(['configurator', 1])
  expect([await presentToWrite('anna'), asked.length]).toEqual(['configurator', 2])
})

test('a write does not lean on a question that was asked before it came', async () => {
  const reading = present('anna')
  const writing = presentToWrite('anna')
  expect([await reading, await writing, asked.length]).toEqual(['configurator', 'configurator', 2])
})

test('a role that was taken away is gone with the next write', async () => {
  await present('anna')
  known.set('anna', tokenOf('anna', { roles: ['reader'] }))
  expect([await present('anna'), await presentToWrite('anna')]).toEqual(['configurator', 'reader'])
  expect(await present('anna')).toBe('reader')
})

test('a token is never remembered beyond its own end; one that ends by our clock alone is asked for each time', async () => {
  known.set('anna', tokenOf('anna', { left: 20 * seconds }))
  await present('anna')
  clock.pass(20 * seconds)
  known.delete('anna')
  expect([await present('anna'), asked.length]).toEqual([401, 2])

  known.set('bob', tokenOf('bob', { left: 0 }))
  expect([await present('bob'), await present('bob'), asked.length]).toEqual([
    'configurator',
    'configurator',
    4,
  ])
})

test('a token that Keystone does not know is not asked for again for 5 s', async () => {
  expect([await present('garbage'), await present('garbage'), asked.length]).toEqual([401, 401, 1])
  clock.pass(5 * seconds + 1)
  known.set('garbage', tokenOf('late'))
  expect([await present('garbage'), asked.length]).toEqual(['configurator', 2])
})

test('Keystone is down: 503, never 401; what is remembered reads on; it is left alone for a second', async () => {
  await present('anna')
  down = true
  expect([await present('bob'), await present('carl'), asked.length]).toEqual([503, 503, 2])
  expect([await present('anna'), await presentToWrite('anna')]).toEqual(['configurator', 503])
  clock.pass(60 * seconds)
  expect([await present('anna'), asked.length]).toEqual([503, 3])
  down = false
  clock.pass(1 * seconds)
  expect([await present('anna'), await presentToWrite('anna')]).toEqual(['configurator', 'configurator'])
})

test("a token that Keystone stumbles over is nobody else's trouble", async () => {
  expect(await Promise.all(['odd-1', 'anna', 'odd-2', 'bob'].map(present))).toEqual([
    503,
    'configurator',
    503,
    401,
  ])
  expect([await present('odd-1'), asked.length]).toEqual([503, 5])
})

test('a flood of unknown tokens is 503 beyond 100, then 20 a second; who was known before is not in it', async () => {
  await present('anna')
  clock.pass(60 * seconds)
  const flood = await Promise.all(Array.from({ length: 2_000 }, (_, i) => present(`garbage-${i}`)))
  expect(flood.filter((each) => each === 401)).toHaveLength(100)
  expect(flood.filter((each) => each === 503)).toHaveLength(1_900)
  expect(asked).toHaveLength(101)
  // Her minute is over, so she is asked for, and let in by memory after that.
  expect([await present('anna'), await present('anna'), asked.length]).toEqual([
    'configurator',
    'configurator',
    102,
  ])
  clock.pass(1 * seconds)
  const more = await Promise.all(Array.from({ length: 100 }, (_, i) => present(`more-${i}`)))
  expect(more.filter((each) => each === 401)).toHaveLength(20)
  await expect(callers('another')).rejects.toMatchObject({
    status: 503,
    slug: 'too-many-tokens',
    headers: { 'retry-after': '1' },
  })
})

test('garbage does not push out who is known', async () => {
  await present('anna')
  for (let i = 0; i < 1_100; i++) {
    clock.pass(50)
    await present(`garbage-${i}`)
  }
  const before = asked.length
  expect([await present('anna'), asked.length]).toEqual(['configurator', before])
})
