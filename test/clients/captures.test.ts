import { expect, test } from 'vitest'
import { captures, redirected, type Capture } from './captures.ts'
import { openDoor, threeReleases, type Door } from './door.ts'
import { readOf } from './software-commands.ts'

// A day with the real command line, replayed byte for byte at a region of its own release: from the list of releases
// through a deployment to its end. Only the host, the token and the path before the API are other than recorded.

test.each(['10', '12'] as const)(
  'what the client of stx %s sent, through the door of one region',
  async (client) => {
    const door = await openDoor([threeReleases(client, { name: 'one', subcloud: 'subcloud1' })])
    const runs = captures(client)
    for (const run of runs) await replay(door, run, `${door.fleet.gateway.url}/regions/one`)
    expect(runs.filter(({ code }) => code === 0).length).toBeGreaterThan(20)
  },
)

test('the same at the door of the fleet, which is told the region', async () => {
  const door = await openDoor([threeReleases('12', { name: 'one' }), threeReleases('10', { name: 'two' })])
  const { host } = new URL(door.fleet.gateway.url)
  const [list] = captures('12')
  const request = redirected(list?.exchanges[0]?.request ?? '', { host, token: door.token })
  const named = request.replace('/v1/release ', '/v1/release?region_name=one ')
  const answer = await door.send(door.fleet.gateway.url, named)
  expect(readOf('12', 'list')(answer)).toEqual({ ok: true })
})

/** Each answer is as good to the client, or as bad, as the recorded one was. */
async function replay(door: Door, { client, command, code, exchanges }: Capture, url: string): Promise<void> {
  const { host, pathname: prefix } = new URL(url)
  for (const { request, answer: recorded } of exchanges) {
    const answer = await door.send(url, redirected(request, { host, token: door.token, prefix }))
    const reading = readOf(client, command)(answer)
    expect(reading.ok, `${command}: ${answer.status} ${answer.body}`).toBe(code === 0)
    if (!reading.ok) expect(reading.broken, `${command}: ${reading.why}`).toBe(false)
    expect(answer.status, `${command}: ${answer.body}`).toBe(recorded.status)
  }
  if (/deploy (start|activate)/.test(command) && code === 0)
    door.fleet.simulator.change('one', { advance: true })
}
