import { expect, test } from 'vitest'
import type { PlayedService } from '../support/played-region.ts'
import { createAskSetup } from './ask-setup.ts'
import {
  hostsOfOstree,
  hostsOfRpm,
  noHosts,
  patches,
  releasesOfStx10,
  releasesOfStx12,
  stx12Unknown,
  versionOfStx10,
} from './bodies.ts'
import { failureOf } from './failure-of.ts'

const { play, client } = createAskSetup()

const minute = 60_000
const older = {
  status: 'unsupported',
  reason: 'its Patching serves a release before stx 9, which has no USM',
}
const refused = { kind: 'unreachable', message: 'GET /v1: connection refused', refused: true }

async function refusing(): Promise<PlayedService> {
  const service = await play().service({})
  await service.close()
  return service
}

test.each([
  ['stx 6', hostsOfRpm('21.12')],
  ['stx 8', hostsOfOstree('22.12')],
])('the USM address of %s refuses connections: unsupported', async (_, hosts) => {
  const usm = await refusing()
  const patching = await play().service({ '/v1/query_hosts': hosts })
  const asking = client({ usm: usm.url, patching: patching.url })
  expect(await asking.ask({ resource: 'release' })).toEqual(older)
  expect(patching.asked()).toEqual(['/v1/query_hosts'])
  expect(await asking.ask({ resource: 'deploy' })).toEqual(older)
  expect(patching.asked()).toEqual([])
})

test('the USM address of stx 9 and later refuses connections: a failure', async () => {
  const usm = await refusing()
  const patching = await play().service({ '/v1/query_hosts': hostsOfOstree('23.09') })
  const asking = client({ usm: usm.url, patching: patching.url })
  expect(await failureOf(asking.ask({ resource: 'release' }))).toEqual(refused)
})

test('USM fails in another way than refusing: a failure, and Patching is not asked', async () => {
  const region = play()
  const usm = await region.service({})
  usm.otherwise = { status: '503 Service Unavailable', body: '' }
  const patching = await region.service({ '/v1/query_hosts': hostsOfOstree('22.12') })
  const asking = client({ usm: usm.url, patching: patching.url })
  expect(await failureOf(asking.ask({ resource: 'release' }))).toMatchObject({ kind: 'broken', status: 503 })
  expect(patching.asked()).toEqual([])
})

test('no Patching endpoint, or a Patching that does not answer: a failure', async () => {
  const [usm, patching] = [await refusing(), await refusing()]
  expect(await failureOf(client({ usm: usm.url }).ask({ resource: 'release' }))).toEqual(refused)
  const both = client({ usm: usm.url, patching: patching.url })
  expect(await failureOf(both.ask({ resource: 'release' }))).toEqual(refused)
})

test('what Patching said is believed for a minute, then asked again', async () => {
  const clock = { now: 1_000_000 }
  const usm = await refusing()
  const patching = await play().service({ '/v1/query_hosts': hostsOfOstree('22.12') })
  const asking = client({ usm: usm.url, patching: patching.url }, clock)
  await asking.ask({ resource: 'release' })
  patching.asked()

  clock.now += minute - 1
  expect(await asking.ask({ resource: 'release' })).toEqual(older)
  expect(patching.asked()).toEqual([])

  clock.now += 1
  expect(await asking.ask({ resource: 'release' })).toEqual(older)
  expect(patching.asked()).toEqual(['/v1/query_hosts'])

  clock.now += minute
  await patching.close()
  expect(await failureOf(asking.ask({ resource: 'release' }))).toEqual(refused)
})

test('without hosts its patches tell the version, a minute later too', async () => {
  const clock = { now: 1_000_000 }
  const usm = await refusing()
  const patching = await play().service({ '/v1/query_hosts': noHosts, '/v1/query': patches('22.12', 'n/a') })
  const asking = client({ usm: usm.url, patching: patching.url }, clock)
  expect(await asking.ask({ resource: 'release' })).toEqual(older)
  expect(patching.asked()).toEqual(['/v1/query_hosts', '/v1/query'])
  clock.now += 2 * minute
  expect(await asking.ask({ resource: 'release' })).toEqual(older)
})

test('a Patching that restarted, its hosts not yet heard of, still tells its version by its patches', async () => {
  const clock = { now: 1_000_000 }
  const usm = await refusing()
  const patching = await play().service({
    '/v1/query_hosts': hostsOfOstree('22.12'),
    '/v1/query': patches('22.12', 'n/a'),
  })
  const asking = client({ usm: usm.url, patching: patching.url }, clock)
  await asking.ask({ resource: 'release' })
  patching.answers.set('/v1/query_hosts', noHosts)
  clock.now += 2 * minute
  expect(await asking.ask({ resource: 'release' })).toEqual(older)
})

test('answers of Patching that did not change keep its version believed', async () => {
  const clock = { now: 1_000_000 }
  const usm = await refusing()
  const patching = await play().service({ '/v1/query_hosts': hostsOfOstree('22.12') })
  const asking = client({ usm: usm.url, patching: patching.url }, clock)
  const first = await asking.ask({ resource: 'query_hosts' })
  if (first.status !== 'answered') throw new Error('no hosts')
  clock.now += 2 * minute
  await asking.ask({ resource: 'query_hosts' }, first.reading)
  patching.asked()
  expect(await asking.ask({ resource: 'release' })).toEqual(older)
  expect(patching.asked()).toEqual([])
})

test('a USM that has answered before is down, not missing, even if old patches are all that Patching lists', async () => {
  const region = play()
  const usm = await region.service({ '/v1': versionOfStx10, '/v1/release': releasesOfStx10 })
  const patching = await region.service({ '/v1/query_hosts': noHosts, '/v1/query': patches('22.12', 'n/a') })
  const asking = client({ usm: usm.url, patching: patching.url })
  expect((await asking.ask({ resource: 'release' })).status).toBe('answered')
  await usm.close()
  expect(await failureOf(asking.ask({ resource: 'release' }))).toMatchObject({
    kind: 'unreachable',
    refused: true,
  })
})

test('upgrade from stx 8 to 12: from Patching alone to USM alone, without a wrong answer on the way', async () => {
  const clock = { now: 1_000_000 }
  const region = play()
  const { port, url } = await refusing()
  const patching = await region.service({
    '/v1/query_hosts': hostsOfOstree('22.12'),
    '/v1/query': patches('22.12'),
  })
  const asking = client({ usm: url, patching: patching.url }, clock)
  expect(await asking.ask({ resource: 'release' })).toEqual(older)
  expect((await asking.ask({ resource: 'query' })).status).toBe('answered')

  await patching.close()
  clock.now += minute
  expect(await failureOf(asking.ask({ resource: 'query' }))).toMatchObject({ kind: 'unreachable' })
  expect(await failureOf(asking.ask({ resource: 'release' }))).toEqual(refused)

  const usm = await region.service({ '/v1': versionOfStx10, '/v1/release': releasesOfStx12 }, port)
  usm.otherwise = stx12Unknown
  expect(await asking.ask({ resource: 'query' })).toEqual({
    status: 'unsupported',
    reason: 'its USM is of stx 12 or later, which has no Patching',
  })
  expect(await asking.ask({ resource: 'release' })).toMatchObject({
    reading: { dialect: 'usm-stx11', items: [{ id: 'starlingx-26.03.0' }] },
  })
})
