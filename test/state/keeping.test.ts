import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { createFleet } from '../../src/fleet/fleet.ts'
import type { HostHistory } from '../../src/fleet/host-history.ts'
import type { Snapshots } from '../../src/fleet/snapshots.ts'
import { openKeeping, type Keeping } from '../../src/keeping.ts'
import type { Region } from '../../src/model/region.ts'
import { openState } from '../../src/state/open-state.ts'
import { answers, createAsk, fails, lacks, type Play } from '../support/fleet-answers.ts'
import { createClock, startOfTests, type Clock } from '../support/fleet-clock.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { createFolder } from './folder.ts'

const east = createRegion('east', { subcloud: 'boston-1' })
const release = (version: string) => [
  { release_id: `starlingx-${version}`, sw_version: version, state: 'deployed' },
]
const hosts = (current: boolean, ...names: readonly string[]) => ({
  data: names.map((hostname) => ({
    hostname,
    patch_current: current,
    sw_version: '24.09',
    secs_since_ack: 1,
  })),
})
const minute = { maxAge: 60_000 }

/** What of a gateway keeps and is given back, over regions that a test plays. */
interface Part {
  readonly clock: Clock
  readonly snapshots: Snapshots
  readonly hosts: HostHistory
  readonly keeping: Keeping
  readonly notes: readonly string[]
}

let path = ''
afterEach(() => void (path = ''))

async function start(play: Play, clock = createClock(), regions: readonly Region[] = [east]): Promise<Part> {
  path ||= (await createFolder()).path
  const notes: string[] = []
  const keeping = await openKeeping(path, () => fleet, {
    now: clock.now,
    onNote: (note) => void notes.push(note),
  })
  onTestFinished(() => keeping.close())
  const fleet = createFleet({
    regions,
    ask: createAsk(play),
    baseline: () => undefined,
    maxAge: () => 60_000,
    now: clock.now,
    random: () => 0,
    keep: keeping,
  })
  await keeping.follow(regions)
  return { clock, snapshots: fleet.snapshots, hosts: fleet.hosts, keeping, notes }
}

describe('an answer from before the start', () => {
  test('is there at once, stale however young it is, with its true age and why', async () => {
    const before = await start(() => answers(release('24.09.1')))
    await before.snapshots.read(east, { resource: 'release' }, minute)
    before.clock.pass(3_000)
    await before.snapshots.read(east, { resource: 'release' }, { maxAge: 0 })
    await before.keeping.close()
    before.clock.pass(2_000)

    const { snapshots } = await start(() => fails('unreachable'), before.clock)
    expect(snapshots.peek(east, { resource: 'release' }, 60_000)).toMatchObject({
      status: 'stale',
      reading: { items: [{ id: 'starlingx-24.09.1', state: 'deployed' }], dialect: 'usm-stx10' },
      provenance: { observedAt: startOfTests + 3_000 },
      failure: { kind: 'timeout', message: 'boston-1: not asked since the gateway started' },
    })
    expect(await snapshots.read(east, { resource: 'release' }, minute)).toMatchObject({
      status: 'stale',
      provenance: { observedAt: startOfTests + 3_000 },
      failure: { kind: 'unreachable' },
    })
  })

  test('is fresh once the region has said the same again', async () => {
    const before = await start(() => answers(release('24.09.1')))
    await before.snapshots.read(east, { resource: 'release' }, minute)
    await before.keeping.close()
    const { snapshots } = await start(() => answers(release('24.09.1')), before.clock)
    expect(await snapshots.read(east, { resource: 'release' }, minute)).toMatchObject({ status: 'fresh' })
    expect(snapshots.peek(east, { resource: 'release' }, 60_000)).toMatchObject({ status: 'fresh' })
  })

  test('is of now, and no fresher, where the clock was set back meanwhile', async () => {
    const before = await start(() => answers(release('24.09.1')))
    await before.snapshots.read(east, { resource: 'release' }, minute)
    await before.keeping.close()
    const clock = createClock(startOfTests - 3_600_000)
    const { snapshots } = await start(() => fails('unreachable'), clock)
    expect(snapshots.peek(east, { resource: 'release' }, 60_000)).toMatchObject({
      status: 'stale',
      provenance: { observedAt: clock.now() },
    })
  })

  test('stays stale where the region is reached otherwise now', async () => {
    const before = await start(() => answers(release('24.09.1')))
    await before.snapshots.read(east, { resource: 'release' }, minute)
    await before.keeping.close()
    const moved = { ...east, endpoints: { usm: new URL('http://elsewhere.invalid') } }
    const { snapshots } = await start(() => fails('unreachable'), before.clock, [moved])
    expect(snapshots.peek(moved, { resource: 'release' }, 60_000)).toMatchObject({ status: 'stale' })
  })

  test('does not come back once the region has no such call', async () => {
    const before = await start(() => answers(release('24.09.1')))
    await before.snapshots.read(east, { resource: 'release' }, minute)
    await before.keeping.close()
    const upgraded = await start(() => lacks(), before.clock)
    await upgraded.snapshots.read(east, { resource: 'release' }, minute)
    await upgraded.keeping.close()
    const { snapshots } = await start(() => fails('unreachable'), before.clock)
    expect(snapshots.peek(east, { resource: 'release' }, 60_000)).toBeUndefined()
  })

  test('comes with a region that is found only later, but not over what it has told itself', async () => {
    const west = createRegion('west')
    const before = await start(() => answers(release('24.09.1')), createClock(), [east, west])
    for (const region of [east, west]) await before.snapshots.read(region, { resource: 'release' }, minute)
    await before.keeping.close()
    const { snapshots, keeping } = await start(() => answers(release('24.09.2')), before.clock, [])
    expect(snapshots.peek(east, { resource: 'release' }, 60_000)).toBeUndefined()
    await snapshots.read(west, { resource: 'release' }, minute)
    await keeping.follow([east, west])
    expect(snapshots.peek(east, { resource: 'release' }, 60_000)).toMatchObject({
      status: 'stale',
      reading: { items: [{ id: 'starlingx-24.09.1' }] },
    })
    expect(snapshots.peek(west, { resource: 'release' }, 60_000)).toMatchObject({
      status: 'fresh',
      reading: { items: [{ id: 'starlingx-24.09.2' }] },
    })
  })

  test('that this version would not accept is dropped', async () => {
    const folder = await createFolder()
    path = folder.path
    const state = await openState(path, { now: () => startOfTests, onNote: (note) => expect.fail(note) })
    const kept = [
      ['release', 'usm-stx11', '{"error":"no"}'],
      ['deploy', 'usm-stx99', '[]'],
      ['deploy_host', 'patching-rpm', '[]'],
      ['query', 'patching-rpm', 'nothing'],
      ['query_hosts', 'patching-rpm', '{"data":[]}'],
    ] as const
    for (const [resource, dialect, body] of kept) {
      state.answers.keep('east', { resource, dialect, body: Buffer.from(body), observedAt: startOfTests })
    }
    await state.close()
    const { snapshots, keeping, notes } = await start(() => fails('unreachable'))
    const held = kept.map(([resource]) => snapshots.peek(east, { resource }, 60_000)?.status)
    expect(held).toEqual([undefined, undefined, undefined, undefined, 'stale'])
    expect(notes).toEqual([])
    await keeping.close()
    const after = await openState(path, { now: () => startOfTests, onNote: (note) => expect.fail(note) })
    onTestFinished(() => after.close())
    expect(after.answers.of('east').map(({ resource }) => resource)).toEqual(['query_hosts'])
  })
})

describe('what is believed of hosts', () => {
  const states = ({ hosts: history }: Part) =>
    Object.fromEntries(history.hosts('east').map(({ hostname, patch_current }) => [hostname, patch_current]))
  const poll = async ({ snapshots, clock }: Part, ms = 30_000): Promise<void> => {
    clock.pass(ms)
    await snapshots.read(east, { resource: 'query_hosts' }, { maxAge: 0, sole: true })
  }
  const stop = ({ keeping }: Part) => keeping.close()

  test('a host that was not current needs two polls that agree, whatever starts in between', async () => {
    const first = await start(() => answers(hosts(false, 'controller-0')))
    await poll(first)
    await stop(first)
    const second = await start(() => answers(hosts(true, 'controller-0')), first.clock)
    expect(states(second)).toEqual({ 'controller-0': false })
    await poll(second)
    expect(states(second)).toEqual({ 'controller-0': false })
    await stop(second)
    const third = await start(() => answers(hosts(true, 'controller-0')), first.clock)
    expect(states(third)).toEqual({ 'controller-0': false })
    await poll(third, 4_000)
    expect(states(third)).toEqual({ 'controller-0': false })
    await poll(third, 1_000)
    expect(states(third)).toEqual({ 'controller-0': true })
  })

  test('a host that vanished stays, as unknown, for the rest of its day', async () => {
    const first = await start(() => answers(hosts(true, 'controller-0', 'compute-0')))
    await poll(first)
    await stop(first)
    const second = await start(() => answers(hosts(true, 'controller-0')), first.clock)
    await poll(second)
    expect(states(second)).toEqual({ 'controller-0': true, 'compute-0': null })
    await stop(second)
    const third = await start(() => answers(hosts(true, 'controller-0')), first.clock)
    expect(states(third)).toEqual({ 'controller-0': true, 'compute-0': null })
    await poll(third, 24 * 3_600_000)
    expect(states(third)).toEqual({ 'controller-0': true })
  })

  test('a doubted host that vanished is doubted when it is back', async () => {
    const first = await start(() => answers(hosts(false, 'controller-0', 'compute-0')))
    await poll(first)
    await stop(first)
    const second = await start(() => answers(hosts(false, 'controller-0')), first.clock)
    await poll(second)
    await stop(second)
    const third = await start(() => answers(hosts(true, 'controller-0', 'compute-0')), first.clock)
    await poll(third)
    expect(states(third)).toEqual({ 'controller-0': false, 'compute-0': false })
    await poll(third)
    expect(states(third)).toEqual({ 'controller-0': true, 'compute-0': true })
  })
})
