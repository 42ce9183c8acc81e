import { describe, expect, test } from 'vitest'
import { createRefusals, type LoginGuard, type Refusals } from '../../src/upstream/login-guard.ts'

const keystones = (count: number) => Array.from({ length: count }, (_, i) => `https://10.0.0.${i}:5001/v3`)
const guards = (refusals: Refusals, count: number): LoginGuard[] =>
  keystones(count).map((keystone) => refusals.guardOf(keystone, 'fleet'))
const allowed = async (all: readonly LoginGuard[], password = 'p') =>
  (await Promise.all(all.map((one) => one.refusedBy(password)))).filter((by) => by === undefined).length

test('a password that one Keystone refuses is tried twice there, and a success clears the count', async () => {
  const guard = createRefusals().guardOf('k', 'fleet')
  await guard.failed('p')
  expect(await guard.refusedBy('p')).toBeUndefined()
  await guard.succeeded('p')
  await guard.failed('p')
  await guard.failed('p')
  expect(await guard.refusedBy('p')).toBe('this')
  expect(await guard.refusedBy('another')).toBeUndefined()
})

test('the count is that of the Keystone and the account, whoever asks for its guard', async () => {
  const refusals = createRefusals()
  await refusals.guardOf('k', 'fleet').failed('p')
  await refusals.guardOf('k', 'fleet').failed('p')
  expect(await refusals.guardOf('k', 'fleet').refusedBy('p')).toBe('this')
  expect(await refusals.guardOf('k', 'other').refusedBy('p')).toBeUndefined()
  expect(await refusals.guardOf('l', 'fleet').refusedBy('p')).toBeUndefined()
})

describe('when many refuse at once, nobody is asked until the password changes', () => {
  test('a password that none takes: after five Keystones', async () => {
    const all = guards(createRefusals(), 1_000)
    for (const guard of all.slice(0, 4)) await guard.failed('p')
    expect(await allowed(all)).toBe(1_000)
    await all[4]?.failed('p')
    expect(await allowed(all)).toBe(0)
    expect(await allowed(all, 'new')).toBe(1_000)
    expect([await all[4]?.refusedBy('p'), await all[999]?.refusedBy('p')]).toEqual(['many', 'many'])
    await all[4]?.failed('p')
    expect(await all[4]?.refusedBy('p')).toBe('this')
  })

  test('a password that was good until it was changed everywhere', async () => {
    const all = guards(createRefusals(), 1_000)
    for (const guard of all) await guard.succeeded('p')
    for (const guard of all.slice(0, 99)) await guard.failed('p')
    expect(await allowed(all)).toBe(1_000)
    await all[99]?.failed('p')
    expect(await allowed(all)).toBe(0)
    expect(await allowed(all, 'new')).toBe(1_000)
  })

  test('the same in a small fleet', async () => {
    const all = guards(createRefusals(), 6)
    for (const guard of all) await guard.succeeded('p')
    for (const guard of all.slice(0, 5)) await guard.failed('p')
    expect(await allowed(all)).toBe(0)
  })

  test('of another account nothing is said', async () => {
    const refusals = createRefusals()
    for (const guard of guards(refusals, 5)) await guard.failed('p')
    expect(await refusals.guardOf('k', 'other').refusedBy('p')).toBeUndefined()
  })
})

describe('some who refuse hold nobody up', () => {
  test('those that never took a password which others take', async () => {
    const all = guards(createRefusals(), 1_000)
    await all[999]?.succeeded('p')
    for (const guard of all.slice(0, 500)) {
      await guard.failed('p')
      await guard.failed('p')
    }
    expect(await allowed(all)).toBe(500)
  })

  test('those whose refusals lie apart, others having taken it in between', async () => {
    const all = guards(createRefusals(), 1_000)
    for (const guard of all) await guard.succeeded('p')
    for (const [i, guard] of all.entries())
      if (i % 2 === 0) await guard.failed('p')
      else await guard.succeeded('p')
    expect(await allowed(all)).toBe(1_000)
  })

  test('a login that was under way when it seemed to be the password, and was taken', async () => {
    const all = guards(createRefusals(), 20)
    for (const guard of all.slice(0, 5)) await guard.failed('p')
    expect(await allowed(all)).toBe(0)
    await all[10]?.succeeded('p')
    expect(await allowed(all)).toBe(20)
  })
})
