import type { Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createDeafListener } from '../support/deaf-listener.ts'
import {
  startMisbehavingFleet,
  well,
  type MisbehavingFleet,
  type Misbehaviour,
} from '../support/misbehaving-fleet.ts'
import { answer, type Play } from '../support/raw-region.ts'
import { releases, releasesOfStx10 } from '../upstream/bodies.ts'
import { release } from './bad-input.ts'

// What takes more than one answer to go wrong: connections that are kept, regions that are gone, many at once.

async function fleetOf(
  misbehaviours: readonly Misbehaviour[],
  upstream?: Readonly<Record<string, string>>,
): Promise<MisbehavingFleet> {
  const fleet = await startMisbehavingFleet(misbehaviours, upstream)
  onTestFinished(() => fleet.close())
  return fleet
}

const keptAlive = (body: string): Buffer => answer(body, { headers: ['Connection: keep-alive'] })
const forged = keptAlive(releases('66.6'))

/** One region alone is asked whatever its back-off. */
const now = (name: string): string => `${release}?region_name=${name}&max_age=0`

test('a second answer behind the first is never taken for the answer to the next question', async () => {
  const does: Play = (socket, head) => {
    if (head.includes(` ${release} `)) socket.write(Buffer.concat([keptAlive(releasesOfStx10), forged]))
    else well(socket, head, 0)
  }
  const pipelining = { name: 'pipelining', does }
  const fleet = await fleetOf([pipelining])
  const { names } = fleet.pairOf(pipelining)
  for (let i = 0; i < 10; i++) expect((await fleet.get(now(names.bad))).text).not.toContain('66.6')
  expect((await fleet.get(now(names.bad))).text).toContain('24.09.0')
})

test('an answer that nobody asked for ends its connection, and is not the answer to the next question', async () => {
  const does: Play = (socket, head) => {
    if (!head.includes(` ${release} `)) return well(socket, head, 0)
    socket.write(keptAlive(releasesOfStx10))
    setTimeout(() => socket.write(forged), 50)
  }
  const eager = { name: 'eager', does }
  const fleet = await fleetOf([eager])
  const { bad, names } = fleet.pairOf(eager)
  for (let i = 0; i < 3; i++) {
    expect((await fleet.get(now(names.bad))).text).toContain('24.09.0')
    await bad.allClosed()
  }
})

test('a region whose connections are never made: timeout, and the others are there', async () => {
  const deaf = await createDeafListener()
  onTestFinished(() => deaf.close())
  const hole = { name: 'a black hole', does: well, instead: deaf.url }
  const fleet = await fleetOf([hole], { connect_timeout: '2s' })
  const pair = fleet.pairOf(hole)
  const { regions, text } = await pair.get(release)
  expect(regions).toContain('fresh=3, stale=0, failed=1')
  expect(text).toBe((await pair.getOthers(release)).text)
  const why = await pair.get(release, `&require=${pair.names.bad}`)
  expect(JSON.parse(why.text)).toMatchObject({
    regions: {
      [pair.names.bad]: {
        status: 'failed',
        kind: 'timeout',
        message: expect.stringContaining('no connection within 2 s') as unknown,
      },
    },
  })
})

test('a region that goes away: unreachable, its last good answer kept, and the others are there', async () => {
  const gone = { name: 'gone', does: well }
  const fleet = await fleetOf([gone])
  const pair = fleet.pairOf(gone)
  const before = await pair.get(release)
  expect(before.regions).toContain('fresh=4, stale=0, failed=0')
  await pair.bad.close()
  const after = await pair.get(release, '&max_age=0')
  expect(after.regions).toContain('fresh=3, stale=1, failed=0')
  expect(after.text).toBe(before.text)
  const why = await pair.get(release, `&max_age=0&require=${pair.names.bad}`)
  expect(JSON.parse(why.text)).toMatchObject({
    regions: { [pair.names.bad]: { status: 'stale', kind: 'unreachable' } },
  })
})

test('what all answers under way may take together is bounded; what is given up is given back', async () => {
  const large = releasesOfStx10 + ' '.repeat(900 * 1024)
  // Large for this one call only: the refresher asks for the others meanwhile, and takes of the same room.
  const largeRelease: Play = (socket, head, turn) =>
    head.includes(` ${release} `) ? void socket.end(answer(large)) : well(socket, head, turn)
  const pouring = { name: 'pouring', does: well }
  const other = { name: 'pouring too', does: well }
  const fleet = await fleetOf([pouring, other], { max_response: '1MiB', max_in_flight: '1MiB' })
  const pairs = [fleet.pairOf(pouring), fleet.pairOf(other)]
  const names = pairs.map(({ names }) => names.turned)
  const both = `${release}?region_name=${names.join(',')}`
  expect((await fleet.get(both)).regions).toContain('fresh=2,')

  for (let round = 0; round < 3; round++) {
    // Two thirds of an answer from each, the rest only when one of them was given up.
    const held: Socket[] = []
    const ended = new Promise<Socket>((resolve) => {
      for (const pair of pairs) {
        pair.turn((socket, head, turn) => {
          if (!head.includes(` ${release} `)) return well(socket, head, turn)
          held.push(socket)
          socket.on('close', () => resolve(socket))
          socket.write(answer(large).subarray(0, 600 * 1024))
        })
      }
    })
    const answering = fleet.get(`${both}&max_age=0&require=${names.join(',')}`)
    const given = await ended
    for (const pair of pairs) pair.turn(well)
    for (const socket of held) if (socket !== given) socket.end(answer(large).subarray(600 * 1024))
    const { regions, text } = await answering
    expect(regions).toContain('fresh=1, stale=1, failed=0')
    expect(text).toMatch(/"kind":"too_large","message":"[^"]*all answers under way exceed 1048576 bytes"/)

    // Each alone has room for a large answer.
    for (const [i, pair] of pairs.entries()) {
      pair.turn(largeRelease)
      expect((await fleet.get(now(names[i] ?? ''))).regions).toContain('fresh=1,')
      pair.turn(well)
    }
  }
})
