import { describe, expect, test } from 'vitest'
import { issuers, mistakesOf, parse } from './parse.ts'

// Who may ask, and how much.

const credentials = 'credentials: { fleet: { username: fleet, password_file: password } }\n'
const keystone = (more = ''): string =>
  `${credentials}auth: { keystone: { url: "https://10.0.0.2:5001/v3", credentials: fleet${more} } }\n`
const issuer = '{ issuer: https://idp.example, audience: gateway }'

describe('auth.keystone', () => {
  test('is enough, without an issuer; by default every region may be seen', () => {
    const { auth } = parse(keystone())
    expect(auth.issuers).toEqual([])
    expect(auth.keystone).toEqual({ url: new URL('https://10.0.0.2:5001/v3'), credentials: 'fleet' })
  })

  test('a mapping; names are of the domain Default unless told otherwise', () => {
    const text = keystone(`, region_scopes: [
      { user: anna, regions: ["boston-*", "group:east"] },
      { project: services, domain: Other, regions: ["*"] },
      { group_id: 5d5b0a, regions: [] } ]`)
    expect(parse(text).auth.keystone?.region_scopes).toEqual([
      { user: 'anna', domain: 'Default', regions: ['boston-*', 'group:east'] },
      { project: 'services', domain: 'Other', regions: ['*'] },
      { group_id: '5d5b0a', domain: 'Default', regions: [] },
    ])
  })

  test('beside an issuer, whose key file is found as before', () => {
    const both = `${credentials}auth: { issuers: [{ issuer: a, audience: b, jwks_file: jwks.json }], keystone: { url: "http://k/v3", credentials: fleet } }\n`
    const { auth } = parse(both)
    expect(auth.issuers[0]?.jwks_file).toBe('/etc/fleet/jwks.json')
    expect(auth.keystone?.url.href).toBe('http://k/v3')
  })

  test.each<[string, string, string]>([
    ['no credentials', 'auth: { keystone: { url: "http://k" } }', 'auth.keystone.credentials: is missing'],
    [
      'credentials that there are not',
      'auth: { keystone: { url: "http://k", credentials: other } }',
      'auth.keystone.credentials: credentials has no "other"',
    ],
    [
      'no login',
      'auth: { keystone: { url: "http://k", credentials: none } }',
      'auth.keystone.credentials: Keystone tells nobody about tokens who has not logged in',
    ],
    ['no URL', keystone().replace('https://10.0.0.2:5001/v3', 'keystone'), 'auth.keystone.url: not a URL'],
    ['an unknown key', keystone(', cache: 300s'), 'auth.keystone.cache: unknown key'],
    [
      'a scope of nobody',
      keystone(', region_scopes: [{ regions: [a] }]'),
      'auth.keystone.region_scopes.0: give one of user, project and group_id',
    ],
    [
      'a scope of two',
      keystone(', region_scopes: [{ user: a, project: b, regions: [a] }]'),
      'auth.keystone.region_scopes.0: give one of user, project and group_id',
    ],
    [
      'a scope of nothing',
      keystone(', region_scopes: [{ user: a }]'),
      'auth.keystone.region_scopes.0.regions: is missing',
    ],
    ['nobody who may ask', 'auth: {}', 'auth.issuers: give an issuer or a keystone: else nobody could ask'],
    ['neither', 'auth: { issuers: [] }', 'auth.issuers: give an issuer or a keystone: else nobody could ask'],
  ])('%s', (_, text, mistake) => {
    expect(mistakesOf(text).map((each) => each.replace(/^\d+:\d+ /, ''))).toEqual([mistake])
  })
})

test('words of an issuer that mean roles', () => {
  const withNames = (names: string): string =>
    `auth: { issuers: [{ issuer: a, audience: b, claims: { roles: groups, role_names: ${names} } }] }\n`
  expect(parse(withNames('{ noc-ops: configurator, noc: reader }')).auth.issuers[0]?.claims).toEqual({
    roles: 'groups',
    role_names: { 'noc-ops': 'configurator', noc: 'reader' },
  })
  expect(mistakesOf(withNames('{ noc: root }'))).toEqual([
    expect.stringMatching(/^1:\d+ auth\.issuers\.0\.claims\.role_names\.noc: /),
  ])
})

describe('limits', () => {
  test('what is given is taken, the rest keeps its default', () => {
    expect(parse(issuers).limits).toEqual({ requests_per_second: 200, burst: 1_000, concurrent: 100 })
    expect(parse(`${issuers}limits: { requests_per_second: 0.5, concurrent: 0 }`).limits).toEqual({
      requests_per_second: 0.5,
      burst: 1_000,
      concurrent: 0,
    })
  })

  test.each<[string, string, string]>([
    ['limits: { requests_per_second: -1 }', 'limits.requests_per_second', 'Too small'],
    ['limits: { requests_per_second: many }', 'limits.requests_per_second', 'expected number'],
    ['limits: { burst: 0 }', 'limits.burst', 'Too small'],
    ['limits: { burst: 1.5 }', 'limits.burst', 'expected int'],
    ['limits: { concurrent: -1 }', 'limits.concurrent', 'Too small'],
    ['limits: { per_second: 1 }', 'limits.per_second', 'unknown key'],
  ])('%s', (text, path, message) => {
    expect(mistakesOf(`auth: { issuers: [${issuer}] }\n${text}`)).toEqual([
      expect.stringMatching(new RegExp(`^2:\\d+ ${path.replaceAll('.', '\\.')}: .*${message}`)),
    ])
  })
})
