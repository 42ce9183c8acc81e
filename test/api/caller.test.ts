import { describe, expect, test } from 'vitest'
import { atLeast, roles, toCaller, type ClaimPath } from '../../src/api/caller.ts'
import { createRegion } from '../support/fleet-regions.ts'

function roleOf(claims: Readonly<Record<string, unknown>>, path: ClaimPath = 'roles'): string | undefined {
  return toCaller(claims, 'https://idp.test', { roles: path }).role
}

describe('the role', () => {
  test.each<[unknown, string | undefined]>([
    [['reader'], 'reader'],
    ['reader', 'reader'],
    ['reader operator', 'operator'],
    ['reader,admin', 'admin'],
    [['admin', 'reader'], 'admin'],
    [['configurator', 'default-roles-noc'], 'configurator'],
    [['Operator'], 'operator'],
    [['administrator'], undefined],
    [['reader '], undefined],
    [[], undefined],
    ['', undefined],
    [undefined, undefined],
    [null, undefined],
    [{ reader: true }, undefined],
    [[['admin']], undefined],
    [7, undefined],
  ])('of %o is %s, the highest of those granted', (claim, expected) => {
    expect(roleOf({ roles: claim })).toBe(expected)
  })

  test('is found by a dotted path, or by a list of keys where a key holds dots', () => {
    const claims = {
      realm_access: { roles: ['operator'] },
      'https://noc.example/roles': ['admin'],
      'realm_access.roles': ['configurator'],
    }
    expect([
      roleOf(claims, 'realm_access.roles'),
      roleOf(claims, ['https://noc.example/roles']),
      roleOf(claims, ['realm_access.roles']),
      roleOf(claims, 'realm_access.none'),
      roleOf(claims, 'realm_access.roles.0'),
      roleOf(claims, '__proto__.roles'),
      roleOf(claims, 'constructor'),
    ]).toEqual(['operator', 'admin', 'configurator', undefined, 'operator', undefined, undefined])
  })

  test("may be what a provider's own words mean; a role's name is then none", () => {
    const role_names = { 'noc-all': 'reader', 'noc-ops': 'configurator', toString: 'operator' } as const
    const meant = (...groups: string[]): string | undefined =>
      toCaller({ groups }, 'https://idp.test', { roles: 'groups', role_names }).role
    expect([
      meant('noc-all', 'people'),
      meant('noc-all', 'noc-ops'),
      meant('NOC-ALL'),
      meant('admin'),
      meant('constructor', '__proto__'),
      meant('toString'),
      meant(),
    ]).toEqual(['reader', 'configurator', undefined, undefined, undefined, 'operator', undefined])
  })

  test('includes those before it', () => {
    expect(roles.map((role) => roles.filter((needed) => atLeast(role, needed)).length)).toEqual([1, 2, 3, 4])
    expect(atLeast(undefined, 'reader')).toBe(false)
  })
})

describe('the regions', () => {
  const fleet = [
    createRegion('r1', { subcloud: 'boston-1', labels: { site: 'boston', group: 'east' } }),
    createRegion('r2', { subcloud: 'boston-2', labels: { site: 'a=b', group: 'east' } }),
    createRegion('r3', { subcloud: 'denver' }),
  ]
  const seenWith = (claims: Readonly<Record<string, unknown>>, regions?: ClaimPath): string =>
    fleet
      .filter(toCaller(claims, 'https://idp.test', { roles: 'roles', regions }).scope)
      .map(({ name }) => name)
      .join(' ')

  test.each<[unknown, string]>([
    [['r1'], 'r1'],
    [['denver'], 'r3'],
    [['r1', 'denver'], 'r1 r3'],
    ['r1 r3', 'r1 r3'],
    [['*'], 'r1 r2 r3'],
    [['boston-*'], 'r1 r2'],
    [['group:east'], 'r1 r2'],
    [['group:west'], ''],
    [['group:*'], ''],
    [['label:site=boston'], 'r1'],
    [['label:site=a=b'], 'r2'],
    [['label:site'], ''],
    [['label:site='], ''],
    [['label:tier='], ''],
    [['label:constructor=Object'], ''],
    [['group:', 'r1'], 'r1'],
    [['r9'], ''],
    [[], ''],
    ['', ''],
    [[''], ''],
    [undefined, ''],
    [null, ''],
    [{ r1: true }, ''],
    [[7, ['r1']], ''],
  ])('that %o lets be seen are %o', (claim, expected) => {
    expect(seenWith({ regions: claim }, 'regions')).toBe(expected)
  })

  test('are none where the claim is configured and the token lacks it', () => {
    expect(seenWith({ other: ['*'] }, 'regions')).toBe('')
    expect(seenWith({ noc: { regions: ['r2'] } }, 'noc.regions')).toBe('r2')
    expect(seenWith({ 'a.b': ['r2'] }, ['a.b'])).toBe('r2')
  })

  test('are all of them where no claim is configured', () => {
    expect(seenWith({ regions: ['r1'] })).toBe('r1 r2 r3')
  })
})
