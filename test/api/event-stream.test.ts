import { describe, expect, test } from 'vitest'
import { streamEvents, type Follower } from '../../src/api/event-stream.ts'
import { createEventLog, type EventLog } from '../../src/fleet/event-log.ts'
import { answers, fails } from '../support/fleet-answers.ts'
import { readEvents } from '../support/event-reader.ts'
import { patchingHost } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { createViewedFleet, type ViewedFleet } from '../support/viewed-fleet.ts'

const everything: Follower = {
  sees: () => true,
  types: new Set([
    'inventory',
    'region_status',
    'region_patch_current',
    'host_patch_current',
    'release_state',
    'deployment_state',
  ]),
}
const hostsOnly: Follower = { ...everything, types: new Set(['host_patch_current']) }

/** A region `b` of two hosts that was read once, another that was not, and a log of what comes. */
async function logged(
  size?: number,
): Promise<{ fleet: ViewedFleet; log: EventLog; poll: (current: boolean) => Promise<void> }> {
  const fleet = createViewedFleet([createRegion('b', { speaks: ['patching'] }), createRegion('c')])
  await fleet.refresh(['b'])
  const log = createEventLog({ view: fleet.view, now: fleet.clock.now, ...(size !== undefined && { size }) })
  return {
    fleet,
    log,
    async poll(current) {
      fleet.play(
        'b',
        'query_hosts',
        answers({ data: [patchingHost('controller-0', current), patchingHost('controller-1', current)] }),
      )
      await fleet.refresh(['b'])
      fleet.clock.pass(6_000)
      await fleet.refresh(['b'])
      await log.look()
    },
  }
}

function follow(
  log: EventLog,
  more: {
    after?: string
    follower?: () => Promise<Follower>
    now?: () => number
    bookmarkEvery?: number
  } = {},
) {
  const stream = streamEvents({
    log,
    now: more.now ?? Date.now,
    bookmarkEvery: more.bookmarkEvery ?? 60_000,
    after: more.after,
    follower: more.follower ?? (() => Promise.resolve(everything)),
  })
  return readEvents(stream)
}

describe('a follower', () => {
  test('is told what changes from now on, each with the id to go on from', async () => {
    const { log, poll } = await logged()
    const follower = follow(log)
    expect(await follower.next()).toMatchObject({ event: 'bookmark' })
    await poll(false)
    expect(await follower.next()).toMatchObject({
      event: 'region_patch_current',
      data: { region_name: 'b', subcloud_name: 'b', from: true, to: false },
    })
    const host = await follower.next()
    expect(host).toMatchObject({
      event: 'host_patch_current',
      data: { hostname: 'controller-0', from: true, to: false },
    })
    expect(await follower.next()).toMatchObject({
      event: 'host_patch_current',
      data: { hostname: 'controller-1', from: null, to: false },
    })

    // Another that was cut off after the first host goes on with the second.
    const again = follow(log, { after: host?.id ?? '' })
    expect(await again.next()).toMatchObject({ event: 'bookmark' })
    expect(await again.next()).toMatchObject({ data: { hostname: 'controller-1' } })
  })

  test('is told once, however often is looked at the same time', async () => {
    const { fleet, log } = await logged()
    fleet.follow([createRegion('b', { speaks: ['patching'] })])
    await Promise.all([log.look(), log.look()])
    expect(log.from(0, 10)?.map(({ region, change }) => [region.name, change.type])).toEqual([
      ['c', 'inventory'],
    ])
  })

  test('may wait before anything happens, and is told at once when it does', async () => {
    const { log, poll } = await logged()
    const follower = follow(log, { follower: () => Promise.resolve(hostsOnly) })
    await follower.next()
    const told = follower.next()
    await poll(false)
    expect(await told).toMatchObject({ data: { hostname: 'controller-0', to: false } })
  })

  test('that was away too long is told so, and goes on from the present', async () => {
    const { log, poll } = await logged(4)
    const first = await follow(log).next()
    for (const current of [false, true, false, true]) await poll(current)
    const follower = follow(log, { after: first?.id ?? '', follower: () => Promise.resolve(hostsOnly) })
    expect(await follower.next()).toMatchObject({ event: 'bookmark' })
    expect(await follower.next()).toMatchObject({ event: 'gone' })
    await poll(false)
    expect(await follower.next()).toMatchObject({ event: 'host_patch_current', data: { to: false } })
  })

  test.each(['garbage', '', 'A'.repeat(22), 'ä'.repeat(22)])(
    'with an id that is not of this log (%j) is told so',
    async (after) => {
      const { log } = await logged()
      expect(await follow(log, { after }).next()).toMatchObject({ event: 'gone' })
    },
  )

  test('that is slow holds nobody and nothing: it takes what the log still has when it comes', async () => {
    const { log, poll } = await logged(4)
    const slow = follow(log)
    const quick = follow(log, { follower: () => Promise.resolve(hostsOnly) })
    await slow.next()
    await quick.next()
    for (const current of [false, true, false]) {
      await poll(current)
      expect(await quick.next()).toMatchObject({ data: { hostname: 'controller-0', to: current } })
      expect(await quick.next()).toMatchObject({ data: { hostname: 'controller-1', to: current } })
    }
    expect(await slow.next()).toMatchObject({ event: 'gone' })
  })

  test('is told when the gateway stops, and when its rights end', async () => {
    const { log } = await logged()
    const stopped = follow(log)
    await stopped.next()
    const last = stopped.next()
    log.close()
    expect(await last).toMatchObject({ event: 'end', data: { reason: 'the gateway stops' } })
    expect(await stopped.next()).toBeUndefined()

    const { log: other } = await logged()
    let asked = 0
    const expired = follow(other, {
      bookmarkEvery: 1,
      follower: () =>
        asked++ < 2 ? Promise.resolve(everything) : Promise.reject(new Error('the token has expired')),
    })
    expect(await expired.next()).toMatchObject({ event: 'bookmark' })
    expect(await expired.next()).toMatchObject({ event: 'bookmark' })
    expect(await expired.next()).toMatchObject({ event: 'end', data: { reason: 'the token has expired' } })
    expect(await expired.next()).toBeUndefined()
  })

  test('that leaves is forgotten', async () => {
    const { log, poll } = await logged()
    const follower = follow(log)
    await follower.next()
    await follower.leave()
    await poll(false)
    expect(await follower.next()).toBeUndefined()
  })
})

describe('what a follower may not see', () => {
  test('is not told, nor can be read from ids', async () => {
    const { fleet, log, poll } = await logged()
    const onlyC: Follower = { ...everything, sees: ({ name }) => name === 'c' }
    const follower = follow(log, { follower: () => Promise.resolve(onlyC) })
    const before = await follower.next()
    await poll(false)
    fleet.play('c', 'release', fails('unreachable'))
    await fleet.refresh(['c'])
    await log.look()
    const told = await follower.next()
    expect(told).toMatchObject({ event: 'region_status', data: { region_name: 'c' } })
    expect(JSON.stringify(told)).not.toContain('controller')
    // The same place has another id each time: equal ones would tell that nothing happened elsewhere.
    expect(log.seal(log.end())).not.toBe(log.seal(log.end()))
    expect(before?.id).toMatch(/^[\w-]{22}$/)
  })

  test('a region that comes into sight has come, one that leaves it has gone, without what it is elsewhere', async () => {
    const east = createRegion('e', { labels: { group: 'east', secret: 'one' } })
    const west = { ...east, subcloud: 'west-1', labels: { group: 'west', secret: 'two' } }
    const fleet = createViewedFleet([east])
    const log = createEventLog({ view: fleet.view, now: fleet.clock.now })
    const seer = (group: string): Follower => ({
      ...everything,
      sees: ({ labels }) => labels['group'] === group,
    })
    const [ofEast, ofWest, ofAll] = [seer('east'), seer('west'), everything].map((each) =>
      follow(log, { follower: () => Promise.resolve(each) }),
    )
    for (const each of [ofEast, ofWest, ofAll]) await each?.next()
    fleet.follow([west])
    await log.look()
    expect((await ofEast?.next())?.data).toMatchObject({
      change: 'removed',
      subcloud_name: 'e',
      labels: { secret: 'one' },
    })
    expect((await ofWest?.next())?.data).toMatchObject({
      change: 'added',
      subcloud_name: 'west-1',
      labels: { secret: 'two' },
    })
    expect((await ofAll?.next())?.data).toMatchObject({ change: 'changed', labels: { group: 'west' } })
  })
})
