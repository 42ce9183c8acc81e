import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { followDirectory } from '../../src/fleet/follow.ts'
import { createDiary } from '../../src/fleet/diary.ts'
import { createHostHistory } from '../../src/fleet/host-history.ts'
import { createSnapshots } from '../../src/fleet/snapshots.ts'
import type { Region } from '../../src/model/region.ts'
import { answers, createAsk, fails, type Play } from '../support/fleet-answers.ts'
import { createClock } from '../support/fleet-clock.ts'
import { createRegion } from '../support/fleet-regions.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const releases = answers([{ release_id: 'starlingx-24.09.0', sw_version: '24.09.0', state: 'deployed' }])
const want = { resource: 'release' } as const
const moved = (region: Region): Region => ({
  ...region,
  endpoints: { ...region.endpoints, usm: new URL('http://elsewhere.invalid') },
})

function follow(initial: readonly Region[], play: Play = () => releases) {
  const clock = createClock()
  let asked = 0
  const ask = createAsk((region, wanted) => {
    asked++
    return play(region, wanted)
  })
  const snapshots = createSnapshots({ ask, now: clock.now, random: () => 0 })
  const hosts = createHostHistory()
  return {
    clock,
    snapshots,
    hosts,
    asked: () => asked,
    directory: followDirectory(initial, { snapshots, hosts, diary: createDiary() }),
  }
}
const young = { maxAge: 60_000 }

test('the directory is the list as it is now, by names of now', () => {
  const { directory } = follow([createRegion('b', { subcloud: 'boston-1' }), createRegion('a')])
  expect(directory.current().regions.map(({ name }) => name)).toEqual(['a', 'b'])
  directory.follow([createRegion('c'), createRegion('b', { subcloud: 'denver-1' })])
  expect(directory.current().regions.map(({ name }) => name)).toEqual(['b', 'c'])
  expect(directory.current().named('boston-1')).toEqual([])
  expect(
    directory
      .current()
      .named('denver-1')
      .map(({ name }) => name),
  ).toEqual(['b'])
  expect(directory.current().named('a')).toEqual([])
})

test('a region that was renamed keeps what is held of it', async () => {
  const east = createRegion('east')
  const { directory, snapshots, asked } = follow([east])
  await snapshots.read(east, want, young)
  const renamed = { ...east, subcloud: 'boston-1', labels: { group: 'x' } }
  directory.follow([renamed])
  expect(snapshots.read(renamed, want, young)).toMatchObject({ status: 'fresh', region: 'east' })
  expect(asked()).toBe(1)
})

test('of a region that left nothing is held, and nothing is when it comes back', async () => {
  const east = createRegion('east')
  const { directory, snapshots, hosts } = follow([east, createRegion('west')])
  await snapshots.read(east, want, young)
  hosts.observe('east', [], 0)
  directory.follow([createRegion('west')])
  expect(snapshots.peek(east, want, 60_000)).toBeUndefined()
  directory.follow([east])
  expect(snapshots.peek(east, want, 60_000)).toBeUndefined()
})

test('the memory that its answers took is free again', async () => {
  const east = createRegion('east')
  const { directory, snapshots } = follow([east])
  const taken = await (async () => {
    const outcome = await snapshots.read(east, want, young)
    if (outcome.status !== 'fresh') throw new Error(outcome.status)
    return new WeakRef(outcome.reading)
  })()
  const collect = async (): Promise<void> => {
    await new Promise(setImmediate)
    collectGarbage()
  }
  await collect()
  expect(taken.deref()).toBeDefined()
  directory.follow([])
  await collect()
  expect(taken.deref()).toBeUndefined()
})

test('what a region that left answers late is nobody’s, and who gave up waiting for it leaves nothing', async () => {
  const east = createRegion('east')
  const late = Promise.withResolvers<void>()
  const { directory, snapshots, clock } = follow([east], async () => {
    await late.promise
    return releases
  })
  const reading = snapshots.read(east, want, young)
  directory.follow([])
  const failure = { kind: 'timeout', message: 'late', at: clock.now() } as const
  expect(snapshots.late(east, want, failure)).toMatchObject({ status: 'failed', failure })
  late.resolve()
  await reading
  expect(snapshots.peek(east, want, 60_000)).toBeUndefined()
})

test('of a region that moved the last answer stays, but is not fresh: something else may have given it', async () => {
  const east = createRegion('east')
  const { directory, snapshots, asked, clock } = follow([east])
  await snapshots.read(east, want, young)
  clock.pass(1_000)
  directory.follow([moved(east)])
  const late = { kind: 'timeout', message: 'late', at: clock.now() } as const
  expect(snapshots.late(moved(east), want, late)).toMatchObject({ status: 'stale' })
  expect(await snapshots.read(moved(east), want, young)).toMatchObject({ status: 'fresh' })
  expect(asked()).toBe(2)
})

test('a region that failed where it was is asked at once where it is now', async () => {
  const east = createRegion('east')
  const { directory, snapshots, asked } = follow([east], ({ endpoints }) =>
    endpoints.usm?.hostname === 'elsewhere.invalid' ? releases : fails('unreachable'),
  )
  await snapshots.read(east, want, young)
  expect(snapshots.retryAt(east)).toBeDefined()
  directory.follow([{ ...east, subcloud: 'renamed' }])
  expect(snapshots.retryAt(east)).toBeDefined()
  directory.follow([moved(east)])
  expect(snapshots.retryAt(east)).toBeUndefined()
  expect(await snapshots.read(moved(east), want, young)).toMatchObject({ status: 'fresh' })
  expect(asked()).toBe(2)
})
