import { expect, test } from 'vitest'
import { toCaller } from '../../src/api/caller.ts'
import { toKeystoneCaller } from '../../src/api/keystone-caller.ts'
import { answers } from '../support/fleet-answers.ts'
import { callerWith, createTestGateway } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'

// What the gateway takes its caller for.

const issuer = 'https://idp.test'
const claims = { sub: 'anna', roles: ['Operator', 'noc'], regions: ['group:east', 'c'], exp: 1_768_460_400 }
const gateway = createTestGateway(
  [createRegion('a', { labels: { group: 'east' } }), createRegion('b'), createRegion('c')],
  () => answers([]),
  {
    anna: toCaller(claims, issuer, { roles: 'roles', regions: 'regions' }),
    forever: toCaller({ ...claims, exp: 1e308 }, issuer, { roles: 'roles', regions: 'regions' }),
    everywhere: callerWith('configurator'),
    nobody: callerWith(undefined),
    bob: toKeystoneCaller(
      {
        user: { id: 'u1', name: 'bob', domain: 'Default' },
        project: { id: 'p1', name: 'demo', domain: 'Other' },
        roles: ['admin', 'reader'],
        groups: [],
        expires: 1_768_460_400_000,
        left: 1_000,
      },
      'https://keystone.test/v3',
      [{ user: 'bob', domain: 'Default', regions: ['*'] }],
    ),
  },
)
const whoIs = (as: string): Promise<unknown> => gateway.read('/fleet/v1/whoami', { as })

test('somebody with a scope: what was granted, what counts, what is seen, and for how long', async () => {
  expect(await whoIs('anna')).toEqual({
    subject: 'anna',
    name: null,
    issuer,
    project: null,
    roles: { granted: ['Operator', 'noc'], effective: 'operator' },
    may: { read: true, refresh: true, write: false },
    regions: { all: false, visible: 2, scope: ['group:east', 'c'] },
    expires_at: '2026-01-15T07:00:00.000Z',
  })
})

test('somebody whose token ends later than there are dates', async () => {
  expect(await whoIs('forever')).toMatchObject({ expires_at: '+275760-09-13T00:00:00.000Z' })
})

test('somebody without limits', async () => {
  expect(await whoIs('everywhere')).toMatchObject({
    may: { read: true, refresh: true, write: true },
    regions: { all: true, visible: 3, scope: null },
    expires_at: null,
  })
})

test('somebody whom Keystone knows, by a token of a project that does not count', async () => {
  expect(await whoIs('bob')).toEqual({
    subject: 'u1',
    name: 'bob@Default',
    issuer: 'https://keystone.test/v3',
    project: 'demo@Other',
    roles: { granted: ['admin', 'reader'], effective: null },
    may: { read: false, refresh: false, write: false },
    regions: { all: false, visible: 0, scope: ['*'] },
    expires_at: '2026-01-15T07:00:00.000Z',
  })
})

test('who may not read is told so, and not how many regions there are', async () => {
  expect(await whoIs('nobody')).toMatchObject({
    roles: { granted: [], effective: null },
    may: { read: false },
    regions: { all: false, visible: 0 },
  })
})

test('it takes no parameters, is only read, and is kept by nobody', async () => {
  const answer = await gateway.get('/fleet/v1/whoami')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  for (const [target, method, status] of [
    ['/fleet/v1/whoami?region_name=a', 'GET', 400],
    ['/fleet/v1/whoami', 'POST', 405],
    ['/fleet/v1/whoami', 'HEAD', 200],
  ] as const) {
    const { status: given, headers } = await gateway.get(target, { method })
    expect([target, given]).toEqual([target, status])
    if (status !== 200) expect(headers.get('content-type')).toBe('application/problem+json')
  }
})
