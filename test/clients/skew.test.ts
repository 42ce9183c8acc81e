import { expect, test } from 'vitest'
import { releaseFacts } from '../../src/simulator/region/release.ts'
import type { Answer } from './client-call.ts'
import { openDoor, sentWrites, threeReleases, type Door } from './door.ts'
import { softwareCli, type SoftwareCli } from './software-cli.ts'

// Every release of the command line at a region of every release. Each would fail somewhere at the region itself.

const clients = ['10', '11', '12', 'master'] as const
const regions = ['10', '11', '12', 'master'] as const
const skews = regions.flatMap((region) => clients.map((client) => ({ region, client })))

/** A deployment from the first look to the last; after those marked + the region does its part. */
const deployment = (
  'list|list --state deployed|show|is-available|delete --all|deploy show|' +
  'deploy host-list|deploy precheck|deploy start +|deploy show|deploy host-list|' +
  'deploy host|deploy activate +|deploy complete|deploy delete|deploy show|list|' +
  'is-deployed|install-local'
).split('|')

test.each(skews)(
  'the client of $client deploys a release at a region of $region',
  async ({ region, client }) => {
    const at = await openAt(region, client)
    for (const step of deployment) {
      const [command = '', advance] = step.split(' +')
      const answer = await at.ask(command)
      expect(at.rule(command, answer), `${command}: ${answer.status} ${answer.body}`).toBeUndefined()
      if (advance !== undefined) at.door.fleet.simulator.change('one', { advance: true })
    }
  },
)

test.each(skews)(
  'what the client of $client sends arrives as a region of $region has it',
  async ({ region, client }) => {
    const at = await openAt(region, client)
    await at.ask('deploy precheck')
    await at.ask('deploy start')
    const { release } = at
    const [precheck, start] = sentWrites(at.door, 'one')
    // The region is told its own name for itself, as its server would fill in.
    const own = { region_name: 'one' }
    if (region === 'master') {
      expect(precheck).toMatchObject({ path: '/v1/deploy/precheck', body: { releases: [release], ...own } })
      expect(start).toMatchObject({ path: '/v1/deploy/start', body: { releases: [release] } })
    } else {
      expect(precheck).toMatchObject({ path: `/v1/deploy/${release}/precheck`, body: own })
      expect(start).toMatchObject({ path: `/v1/deploy/${release}/start`, body: {} })
    }
    // Nothing that the region would take for something else: the mere key forces.
    expect(Object.keys(start?.body ?? {})).not.toContain('force')
  },
)

test.each(['11', '12', 'master'] as const)('options reach a region of stx %s', async (region) => {
  for (const client of ['11', 'master'] as const) {
    const at = await openAt(region, client)
    const command = client === 'master' ? 'deploy precheck -f -o' : 'deploy precheck -f'
    expect(at.rule(command, await at.ask(command))).toBeUndefined()
    expect(sentWrites(at.door, 'one')[0]?.body).toMatchObject({ force: 'true', options: ['snapshot=true'] })
  }
})

test('a region that would drop the options in silence is not asked', async () => {
  for (const client of ['12', 'master'] as const) {
    const at = await openAt('10', client)
    const command = client === 'master' ? 'deploy precheck -f -o' : 'deploy precheck -f'
    const reading = at.read(command, await at.ask(command))
    expect(reading).toMatchObject({
      ok: false,
      broken: false,
      why: expect.stringContaining('options') as string,
    })
    expect(sentWrites(at.door, 'one')).toEqual([])
  }
})

test.each(['10', '11', '12'] as const)(
  'what only master has is refused for stx %s, in words',
  async (region) => {
    const at = await openAt(region, 'master')
    for (const command of ['deploy select', 'deploy unselect']) {
      const reading = at.read(command, await at.ask(command))
      expect(reading, command).toMatchObject({ ok: false, broken: false })
    }
    expect(sentWrites(at.door, 'one')).toEqual([])
  },
)

async function openAt(region: (typeof regions)[number], client: SoftwareCli) {
  const door: Door = await openDoor([threeReleases(region, { name: 'one' })])
  const release = `starlingx-${releaseFacts[region].version}.1`
  const calls = softwareCli(client, { token: door.token, release, host: 'controller-0' })
  const callOf = (command: string) => {
    const found = calls.find((call) => call.command === command)
    if (found === undefined) throw new Error(`software ${client} has no ${command}`)
    return found
  }
  return {
    door,
    release,
    ask: (command: string) => door.ask(`${door.fleet.gateway.url}/regions/one`, callOf(command)),
    rule: (command: string, answer: Answer) => callOf(command).rule(answer),
    read: (command: string, answer: Answer) => callOf(command).read(answer),
  }
}
