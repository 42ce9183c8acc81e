import { expect, test } from 'vitest'
import type { ClientCall } from './client-call.ts'
import { openDoor, sentWrites, threeReleases } from './door.ts'
import { readingRules } from './reading-rules.ts'

// What the gateway itself has to refuse is read by every client: told in its words, with none of them crashing.

/**
 * These say nothing of any failure at all, whoever they ask. `sw-patch` is as silent, and has a listener of its own; the
 * VIM of stx 10 takes an activation back at a path that no region has.
 */
const mute = /^(is-\w+|system-deploy show)$/

const situations = [
  { what: 'a token that is none', token: 'none', region: 'one', statuses: [401] },
  { what: 'a region that is none', token: undefined, region: 'two', statuses: [404] },
  { what: 'a region that refuses connections', token: undefined, region: 'dark', statuses: [502, 503] },
] as const

test.each(situations)('$what', async ({ token, region, statuses }) => {
  const dark = threeReleases('12', { name: 'dark', subcloud: 'dark-1', faults: { usm: { kind: 'refuse' } } })
  const door = await openDoor([threeReleases('12', { name: 'one' }), dark])
  const calls = callsWith(token ?? door.token)
  for (const call of calls) {
    const answer = await door.ask(`${door.fleet.gateway.url}/regions/${region}`, call)
    const what = `${call.client} ${call.command}: ${answer.status} ${answer.body}`
    expect(statuses, what).toContain(answer.status)
    expect(call.read(answer), what).toMatchObject({ ok: false, broken: false })
  }
  expect([...sentWrites(door, 'one'), ...sentWrites(door, 'dark')]).toEqual([])
})

test('an operator who would write', async () => {
  const door = await openDoor([threeReleases('12', { name: 'one' })])
  const calls = callsWith(await door.fleet.token(['operator'])).filter(
    ({ request }) => request.method !== 'GET',
  )
  expect(calls.length).toBeGreaterThan(50)
  for (const call of calls) {
    const answer = await door.ask(`${door.fleet.gateway.url}/regions/one`, call)
    const what = `${call.client} ${call.command}: ${answer.status} ${answer.body}`
    expect(answer.status, what).toBe(403)
    expect(call.read(answer), what).toMatchObject({ ok: false, broken: false })
  }
  expect(sentWrites(door, 'one')).toEqual([])
})

function callsWith(token: string): ClientCall[] {
  const subjects = { token, release: 'starlingx-26.03.1', host: 'controller-0', patch: 'P1' }
  return readingRules(subjects).filter(
    ({ client, command, request }) =>
      !/patch/.test(client) && !mute.test(command) && !request.path.endsWith('activate-rollback'),
  )
}
