import { describe, expect, test } from 'vitest'
import { createRefusals, type LoginGuard, type Refusals } from '../../src/upstream/login-guard.ts'

const keystones = (count: number) => Array.from({ length: count }, (_, i) => `https://10.0.0.${i}:5001/v3`)
const guards = (refusals: Refusals, count: number): LoginGuard[] =>
  keystones(count).map((keystone) => refusals.guardOf(keystone, 'fleet'))
const allowed = (all: readonly LoginGuard[], password = 'p') =>
  all.filter((one) => one.refusedBy(password) === undefined).length

test('a password that one Keystone refuses is tried twice there, and a success clears the count', () => {
  const guard = createRefusals().guardOf('k', 'fleet')
  guard.failed('p')
  expect(guard.refusedBy('p')).toBeUndefined()
  guard.succeeded('p')
  guard.failed('p')
  guard.failed('p')
  expect(guard.refusedBy('p')).toBe('this')
  expect(guard.refusedBy('another')).toBeUndefined()
})

test('the count is that of the Keystone and the account, whoever asks for its guard', () => {
  const refusals = createRefusals()
  refusals.guardOf('k', 'fleet').failed('p')
  refusals.guardOf('k', 'fleet').failed('p')
  expect(refusals.guardOf('k', 'fleet').refusedBy('p')).toBe('this')
  expect(refusals.guardOf('k', 'other').refusedBy('p')).toBeUndefined()
  expect(refusals.guardOf('l', 'fleet').refusedBy('p')).toBeUndefined()
})

describe('when many refuse at once, nobody is asked until the password changes', () => {
  test('a password that none takes: after five Keystones', () => {
    const all = guards(createRefusals(), 1_000)
    for (const guard of all.slice(0, 4)) guard.failed('p')
    expect(allowed(all)).toBe(1_000)
    all[4]?.failed('p')
    expect(allowed(all)).toBe(0)
    expect(allowed(all, 'new')).toBe(1_000)
    expect([all[4]?.refusedBy('p'), all[999]?.refusedBy('p')]).toEqual(['many', 'many'])
    all[4]?.failed('p')
    expect(all[4]?.refusedBy('p')).toBe('this')
  })

  test('a password that was good until it was changed everywhere', () => {
    const all = guards(createRefusals(), 1_000)
    for (const guard of all) guard.succeeded('p')
    for (const guard of all.slice(0, 99)) guard.failed('p')
    expect(allowed(all)).toBe(1_000)
    all[99]?.failed('p')
    expect(allowed(all)).toBe(0)
    expect(allowed(all, 'new')).toBe(1_000)
  })

  test('the same in a small fleet', () => {
    const all = guards(createRefusals(), 6)
    for (const guard of all) guard.succeeded('p')
    for (const guard of all.slice(0, 5)) guard.failed('p')
    expect(allowed(all)).toBe(0)
  })

  test('of another account nothing is said', () => {
    const refusals = createRefusals()
    for (const guard of guards(refusals, 5)) guard.failed('p')
    expect(refusals.guardOf('k', 'other').refusedBy('p')).toBeUndefined()
  })
})

describe('some who refuse hold nobody up', () => {
  test('those that never took a password which others take', () => {
    const all = guards(createRefusals(), 1_000)
    all[999]?.succeeded('p')
    for (const guard of all.slice(0, 500)) {
      guard.failed('p')
      guard.failed('p')
    }
    expect(allowed(all)).toBe(500)
  })

  test('those whose refusals lie apart, others having taken it in between', () => {
    const all = guards(createRefusals(), 1_000)
    for (const guard of all) guard.succeeded('p')
    for (const [i, guard] of all.entries())
      if (i % 2 === 0) guard.failed('p')
      else guard.succeeded('p')
    expect(allowed(all)).toBe(1_000)
  })

  test('a login that was under way when it seemed to be the password, and was taken', () => {
    const all = guards(createRefusals(), 20)
    for (const guard of all.slice(0, 5)) guard.failed('p')
    expect(allowed(all)).toBe(0)
    all[10]?.succeeded('p')
    expect(allowed(all)).toBe(20)
  })
})
