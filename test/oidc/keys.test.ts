import type { JWTVerifyGetKey } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAuthenticate, type Authenticate } from '../../src/api/authenticate.ts'
import { keysOf } from '../../src/api/keys.ts'
import { Problem } from '../../src/api/problem.ts'
import { until } from '../support/simulated-fleet.ts'
import { audience, forgedToken, startOidcProvider, type OidcProvider } from './provider.ts'

// How long a provider's keys are believed, and how often they are fetched: by a clock that the test sets.

const seconds = 1_000
const minutes = 60 * seconds
let provider: OidcProvider
let clock: number
let keys: JWTVerifyGetKey
let authenticate: Authenticate

beforeEach(async () => {
  provider = await startOidcProvider()
  clock = 0
  const { issuer } = provider
  keys = await keysOf({ issuer, jwksFile: undefined, jwksUri: undefined, monotonic: () => clock })
  // Verified anew each time: what is remembered of a token is not what is tested here.
  authenticate = (headers) =>
    createAuthenticate([{ issuer, audience, keys, claims: { roles: 'roles' } }], Date.now)(headers)
})
afterEach(() => provider.close())

test('many tokens at once make one fetch', async () => {
  const token = await provider.token()
  const answers = await Promise.all(Array.from({ length: 50 }, () => present(token)))
  expect(new Set(answers)).toEqual(new Set(['operator']))
  expect(fetches()).toBe(1)
})

test('rotation: a key that is new is looked for once in 30 s; the key that left is no longer believed', async () => {
  const old = await provider.token()
  expect(await present(old)).toBe('operator')
  await provider.rotate()
  const fresh = await provider.token()
  clock += 29 * seconds
  expect([await present(fresh), fetches()]).toEqual([401, 1])
  clock += 1 * seconds
  expect([await present(fresh), fetches()]).toEqual(['operator', 2])
  expect([await present(old), fetches()]).toEqual([401, 2])
})

test('a flood of tokens with unknown keys makes one fetch', async () => {
  expect(await present(await provider.token())).toBe('operator')
  clock += 30 * seconds
  const flood = await Promise.all(
    Array.from({ length: 100 }, (_, i) => forgedToken(provider.issuer, { kid: `none-${i}` })),
  )
  for (const token of flood) expect(await present(token)).toBe(401)
  expect(new Set(await Promise.all(flood.map((token) => present(token))))).toEqual(new Set([401]))
  expect(fetches()).toBe(2)
})

test('keys are fetched anew behind the caller after 5 minutes', async () => {
  const token = await provider.token()
  await present(token)
  clock += 5 * minutes
  expect([await present(token), fetches()]).toEqual(['operator', 1])
  clock += 1
  expect(await present(token)).toBe('operator')
  await until(() => fetches() === 2)
})

test('a key that was withdrawn is refused after 10 minutes, though nobody presents a new one meanwhile', async () => {
  const token = await provider.token()
  expect(await present(token)).toBe('operator')
  await provider.rotate()
  clock += 10 * minutes + 1
  expect([await present(token), fetches()]).toEqual([401, 2])
})

test('what is remembered of a token outlives its key by a minute at most', async () => {
  let passed = 0
  const { issuer } = provider
  const remembering = createAuthenticate(
    [{ issuer, audience, keys, claims: { roles: 'roles' } }],
    () => Date.now() + passed,
  )
  const token = await provider.token()
  expect(await present(token, remembering)).toBe('operator')
  await provider.rotate()
  clock += 10 * minutes + 1
  passed += 30 * seconds
  expect([await present(token, remembering), fetches()]).toEqual(['operator', 1])
  passed += 30 * seconds
  expect([await present(token, remembering), fetches()]).toEqual([401, 2])
})

test('while the provider is down its known keys serve for an hour, then nobody is let in and nobody blamed', async () => {
  const token = await provider.token()
  await present(token)
  await provider.down()
  clock += 60 * minutes
  expect(await present(token)).toBe('operator')
  expect(await present(await forgedToken(provider.issuer, { kid: 'none' }))).toBe(503)
  clock += 1
  expect(await present(token)).toBe(503)
  await provider.up()
  expect([await present(token), fetches()]).toEqual([503, 1])
  clock += 5 * seconds
  expect([await present(token), fetches()]).toEqual(['operator', 2])
})

/** The role that a token gives, or the status that it is refused with. */
async function present(token: string, by = authenticate): Promise<string | number | undefined> {
  try {
    return (await by(['authorization', `Bearer ${token}`])).role
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.status
  }
}

function fetches(): number {
  return provider.asked.filter((path) => path === '/jwks').length
}
