import { beforeEach, describe, expect, test } from 'vitest'
import type { Caller } from '../../src/api/caller.ts'
import { Problem } from '../../src/api/problem.ts'
import { answers } from '../support/fleet-answers.ts'
import { callerWith, createTestGateway, type TestGateway } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'

// A caller who is let in by memory is asked for anew before a write, and only then.

let confirmed: number
/** What comes of it. */
let verdict: () => Caller
let relayed: string[]
let gateway: TestGateway

beforeEach(() => {
  confirmed = 0
  relayed = []
  verdict = () => callerWith('configurator')
  const confirm = async (): Promise<Caller> => {
    confirmed++
    await Promise.resolve()
    return verdict()
  }
  gateway = createTestGateway(
    [createRegion('boston'), createRegion('denver')],
    () => answers([]),
    { anna: { ...callerWith('configurator'), confirm } },
    async (region, { call }) => {
      relayed.push(`${region.name} ${call.name}`)
      return { status: 'answered', http: 200, value: {}, succeeded: true, error: '' }
    },
  )
})

const abort = '/v1/deploy/abort'
const ask = async (method: string, target: string): Promise<number> =>
  (await gateway.get(target, { as: 'anna', method })).status

test.each([
  ['POST', `/regions/boston${abort}`, 'boston abort_deployment'],
  ['POST', `${abort}?region_name=boston`, 'boston abort_deployment'],
  ['DELETE', '/regions/denver/v1/deploy', 'denver delete_deployment'],
  ['POST', '/regions/denver/patching/v1/apply/P-1', 'denver apply_patch'],
])('%s %s is a write', async (method, target, call) => {
  expect([await ask(method, target), confirmed, relayed]).toEqual([200, 1, [call]])
})

test.each([
  ['GET', '/v1/release'],
  ['GET', '/regions/boston/v1/deploy'],
  ['POST', '/regions/boston/patching/v1/query'],
  ['POST', '/regions/boston/patching/v1/show/P-1'],
  ['GET', '/metrics'],
  ['GET', '/fleet/v1/regions'],
  // What is no call at all is refused without asking anybody.
  ['POST', '/regions/boston/v1/nothing'],
  ['PUT', `/regions/boston${abort}`],
])('%s %s is none', async (method, target) => {
  await ask(method, target)
  expect(confirmed).toBe(0)
})

describe('what is found out decides', () => {
  test.each<[string, () => Caller, number]>([
    ['the token ended', () => raise(new Problem(401, 'unauthenticated', 'it has ended')), 401],
    ['no verdict', () => raise(new Problem(503, 'identity-provider-down', 'no verdict')), 503],
    ['the role was taken away', () => callerWith('reader'), 403],
    ['every role was taken away', () => callerWith(undefined), 403],
    ['the region is out of scope now', () => callerWith('configurator', ['denver']), 404],
  ])('%s', async (_, next, status) => {
    verdict = next
    expect(await ask('POST', `/regions/boston${abort}`)).toBe(status)
    expect(relayed).toEqual([])
    expect(gateway.audited).toMatchObject([{ subject: 'tester', status, call: 'abort_deployment' }])
  })
})

function raise(problem: Problem): never {
  throw problem
}
