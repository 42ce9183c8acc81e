import { describe, expect, test } from 'vitest'
import { toKeystoneCaller, type RegionScope } from '../../src/api/keystone-caller.ts'
import { atLeast, type Caller } from '../../src/api/caller.ts'
import type { KeystoneToken } from '../../src/model/keystone-token.ts'
import { createRegion } from '../support/fleet-regions.ts'

// What a token of Keystone lets its bearer do and see.

const issuer = 'https://keystone.test/v3'
const anna: KeystoneToken = {
  user: { id: 'u1', name: 'anna', domain: 'Default' },
  project: { id: 'p1', name: 'services', domain: 'Default' },
  roles: ['reader'],
  groups: [],
  expires: Date.UTC(2026, 0, 15, 7),
  left: 3_600_000,
}
const callerOf = (more: Partial<KeystoneToken>, scopes?: readonly RegionScope[]): Caller =>
  toKeystoneCaller({ ...anna, ...more }, issuer, scopes)

describe("roles are StarlingX's", () => {
  // usm-role-matrix.txt of the facts, stx 11: who may GET, who may write. Only `admin` alone differs: there it may not GET.
  test.each<[string, string, boolean, boolean]>([
    ['admin', 'admin', true, true],
    ['admin', 'services', true, true],
    ['admin', 'demo', false, false],
    ['admin,member,reader', 'admin', true, true],
    ['admin,member,reader', 'services', true, true],
    ['admin,member,reader', 'demo', false, false],
    ['reader', 'admin', true, false],
    ['reader', 'services', true, false],
    ['reader', 'demo', false, false],
    ['member,reader', 'services', true, false],
    ['operator', 'admin', true, false],
    ['operator', 'demo', false, false],
    ['configurator', 'services', true, true],
    ['configurator', 'demo', false, false],
    ['Admin', 'admin', true, true],
    ['Admin', 'demo', false, false],
    ['member', 'admin', false, false],
    ['member', 'services', false, false],
  ])('%s in the project %s', (roles, name, reads, writes) => {
    const { role } = callerOf({ roles: roles.split(','), project: { id: 'p', name, domain: 'Default' } })
    expect([atLeast(role, 'reader'), atLeast(role, 'configurator')]).toEqual([reads, writes])
  })

  test.each<[string, Partial<KeystoneToken>]>([
    ['a project of that name in another domain', { project: { id: 'p', name: 'admin', domain: 'Other' } }],
    ['a project that is spelt otherwise', { project: { id: 'p', name: 'Services', domain: 'Default' } }],
    ['a token of no project', { project: undefined }],
  ])('%s: nothing', (_, more) => {
    expect(callerOf({ roles: ['admin', 'reader'], ...more }).role).toBeUndefined()
  })
})

test('who it is, as it is told and written to the audit log', () => {
  const { scope: _, ...caller } = callerOf({ roles: ['reader', 'Operator'] })
  expect(caller).toEqual({
    subject: 'u1',
    name: 'anna@Default',
    issuer,
    granted: ['reader', 'Operator'],
    role: 'operator',
    project: 'services@Default',
    expires: anna.expires,
  })
})

describe('regions', () => {
  const regions = [
    createRegion('5d5b', { subcloud: 'boston-1', labels: { group: 'east', site: 'boston' } }),
    createRegion('6e6c', { subcloud: 'denver-1', labels: { group: 'west', site: 'denver' } }),
    createRegion('7f7d', { subcloud: 'boston-2', labels: { group: 'lab', site: 'boston' } }),
  ]
  const of = (who: Partial<RegionScope>, ...words: string[]): RegionScope => ({
    domain: 'Default',
    ...who,
    regions: words,
  })
  const seenBy = (caller: Caller): string[] => regions.filter(caller.scope).map(({ subcloud }) => subcloud)
  const all = regions.map(({ subcloud }) => subcloud)

  test('without a mapping all are seen', () => {
    expect([callerOf({}).regions, seenBy(callerOf({}))]).toEqual([undefined, all])
  })

  test.each<[string, readonly RegionScope[], string[]]>([
    ['an empty mapping', [], []],
    ['nobody fits', [of({ user: 'bob' }, '*'), of({ project: 'admin' }, '*')], []],
    ['the user, by names and globs', [of({ user: 'anna' }, 'boston-1', '6*')], ['boston-1', 'denver-1']],
    ['the project', [of({ project: 'services' }, '*')], all],
    ['groups and labels of regions', [of({ user: 'anna' }, 'group:west', 'label:site=boston')], all],
    [
      'all that fit together',
      [of({ user: 'anna' }, '5d5b'), of({ project: 'services' }, 'denver-1')],
      all.slice(0, 2),
    ],
    ['a user of that name in another domain', [of({ user: 'anna', domain: 'Other' }, '*')], []],
    ['a project of that name in another domain', [of({ project: 'services', domain: 'Other' }, '*')], []],
    ['an id is no name', [of({ user: 'u1' }, '*'), of({ project: 'p1' }, '*')], []],
    ['nothing for someone', [of({ user: 'anna' })], []],
  ])('%s', (_, scopes, seen) => {
    expect(seenBy(callerOf({}, scopes))).toEqual(seen)
  })

  test('a group, which Keystone tells of federated users, by its id', () => {
    const scopes = [of({ group_id: 'g-noc' }, 'group:east')]
    expect(seenBy(callerOf({ groups: ['g-noc', 'g-other'] }, scopes))).toEqual(['boston-1'])
    expect(seenBy(callerOf({ groups: ['g-other'] }, scopes))).toEqual([])
    expect(seenBy(callerOf({}, scopes))).toEqual([])
  })

  test('what decides are the words of the mapping, without doubles', () => {
    const scopes = [of({ user: 'anna' }, 'a', 'b'), of({ project: 'services' }, 'b', 'c')]
    expect(callerOf({}, scopes).regions).toEqual(['a', 'b', 'c'])
  })
})
