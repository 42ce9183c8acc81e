import { describe, expect, onTestFinished, test } from 'vitest'
import type { Resource } from '../../src/model/reading.ts'
import type { Region } from '../../src/model/region.ts'
import { openState, type State } from '../../src/state/open-state.ts'
import { createClock, startOfTests, type Clock } from '../support/fleet-clock.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { createFolder } from './folder.ts'

const day = 24 * 3_600_000

interface Kept {
  readonly clock: Clock
  readonly state: State
  /** Closes it, and opens it anew. */
  readonly again: () => Promise<Kept>
}
async function keep(path?: string, clock = createClock()): Promise<Kept> {
  const folder = path ?? (await createFolder()).path
  const state = await openState(folder, { now: clock.now, onNote: (note) => expect.fail(note) })
  onTestFinished(() => state.close())
  return {
    clock,
    state,
    async again() {
      await state.close()
      return keep(folder, clock)
    },
  }
}
const answer = (resource: Resource, body: string, observedAt = startOfTests) => ({
  resource,
  dialect: 'usm-stx11',
  body: Buffer.from(body),
  observedAt,
})

describe('answers', () => {
  test('each region has its own, one to each question, until it is dropped', async () => {
    const first = await keep()
    const { answers } = first.state
    answers.keep('east', answer('release', '[1]'))
    answers.keep('east', answer('deploy', '[]'))
    answers.keep('east', answer('release', '[2]', startOfTests + 5))
    answers.keep('eastern', answer('release', '[3]'))
    answers.drop('east', 'deploy')
    answers.keepHosts('east', '{"doubted":["controller-0"]}', startOfTests)
    answers.keepHosts('eastern', '{}', startOfTests)
    answers.keepHosts('eastern', '', startOfTests)
    const { state } = await first.again()
    expect(state.answers.of('east')).toEqual([answer('release', '[2]', startOfTests + 5)])
    expect(state.answers.of('eastern')).toEqual([answer('release', '[3]')])
    expect(state.answers.of('west')).toEqual([])
    expect(['east', 'eastern'].map((name) => state.answers.hostsOf(name))).toEqual([
      '{"doubted":["controller-0"]}',
      '',
    ])
  })

  test('a region that left is remembered for a day, over restarts, and one that came back for as long as it stays', async () => {
    const first = await keep()
    const { answers } = first.state
    for (const name of ['stays', 'left', 'returns']) answers.keep(name, answer('release', '[]'))
    answers.keepHosts('left', '{}', startOfTests)
    answers.follow(new Set(['stays']), first.clock.now())
    const second = await first.again()
    second.clock.pass(day - 1)
    second.state.answers.follow(new Set(['stays', 'returns']), second.clock.now())
    expect(second.state.answers.of('left').length).toBe(1)
    const third = await second.again()
    third.clock.pass(1)
    third.state.answers.follow(new Set(['stays']), third.clock.now())
    const { state } = await third.again()
    const names = ['stays', 'left', 'returns']
    expect(names.map((name) => state.answers.of(name).length)).toEqual([1, 0, 1])
    expect(state.answers.hostsOf('left')).toBe('')
  })

  test('a mark of absence from a time to come does not end a region’s day', async () => {
    const { state, clock } = await keep()
    state.answers.keep('left', answer('release', '[]'))
    state.answers.follow(new Set(), clock.now() + 30 * day)
    state.answers.follow(new Set(), clock.now())
    state.answers.follow(new Set(), clock.now() + day - 1)
    expect(state.answers.of('left').length).toBe(1)
    state.answers.follow(new Set(), clock.now() + day)
    expect(state.answers.of('left')).toEqual([])
  })
})

describe('lists of sources', () => {
  const boston: Region = {
    name: '5d5b',
    subcloud: 'boston-1',
    keystoneRegion: '5d5b',
    endpoints: {
      usm: new URL('https://[fd00::2]:5498'),
      patching: new URL('http://10.9.0.2:5492/'),
      keystone: new URL('https://10.9.0.2:5001/v3'),
      usmReleaseWrites: new URL('http://10.1.0.2:5497'),
    },
    credentials: 'default',
    labels: { group: 'east', software_version: '24.09' },
    unmanaged: false,
    offline: true,
  }

  test('come back as they were, each with its time', async () => {
    const first = await keep()
    const found = { regions: [boston, createRegion('west')], foundAt: startOfTests - 1 }
    first.state.lists.keep('dcmanager http://10.1.0.2:8119', found)
    first.state.lists.keep('catalog of http://10.1.0.2:5000', { regions: [], foundAt: startOfTests })
    const { state } = await first.again()
    expect(state.lists.of('dcmanager http://10.1.0.2:8119')).toEqual(found)
    expect(state.lists.of('catalog of http://10.1.0.2:5000')).toEqual({ regions: [], foundAt: startOfTests })
    expect(state.lists.of('another')).toBeUndefined()
  })

  test('are no older than now where the clock was set back, and gone where nobody asked for a month', async () => {
    const first = await keep()
    first.state.lists.keep('ahead', { regions: [], foundAt: startOfTests + day })
    first.state.lists.keep('old', { regions: [], foundAt: startOfTests - 31 * day })
    const { state } = await first.again()
    expect(state.lists.of('ahead')).toEqual({ regions: [], foundAt: startOfTests })
    expect(state.lists.of('old')).toBeUndefined()
  })
})

describe('refused logins', () => {
  test('are counted over restarts; of a password there is only a slow hash', async () => {
    const first = await keep()
    const digest = await first.state.logins.digest('secret of the fleet')
    await first.state.logins.keep(`k\nfleet\n${digest}`, 2, startOfTests)
    await first.state.logins.keep(`l\nfleet\n${digest}`, 1, startOfTests)
    await first.state.logins.keep(`l\nfleet\n${digest}`, 0, startOfTests)
    const { state } = await first.again()
    expect(await state.logins.digest('secret of the fleet')).toBe(digest)
    expect([...state.logins.refusals()]).toEqual([[`k\nfleet\n${digest}`, 2]])
    expect(await state.logins.digest('another')).not.toBe(digest)
  })

  test('elsewhere the same password has another hash', async () => {
    const [one, other] = [await keep(), await keep()]
    expect(await one.state.logins.digest('secret')).not.toBe(await other.state.logins.digest('secret'))
  })
})
