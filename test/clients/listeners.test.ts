import { expect, test } from 'vitest'
import { releaseFacts, type StxRelease } from '../../src/simulator/region/release.ts'
import type { ClientCall } from './client-call.ts'
import { dcmanager } from './dcmanager.ts'
import { openDoor, sentWrites, threeReleases, type Door } from './door.ts'
import { swPatchCli } from './sw-patch-cli.ts'
import { vim, vimPatching } from './vim.ts'

// Clients that drop the path of their endpoint, or cannot send a token with every call: one region at a root of its own.

const listening = { listen: { host: '127.0.0.1', port: 0 } }
const forSwPatch = (role: string) => ({ sw_patch_listen: { port: 0, anonymous_role: role } })
const ofUsm = ['10', '11', '12', 'master'] as const

test.each(ofUsm)(
  'dcmanager of %s, in front of a region of its own release and of the oldest',
  async (release) => {
    for (const region of new Set([release, '10'] as const)) {
      const size = { releases: 4, packages: 2, hosts: 1 }
      const door = await openDoor([threeReleases(region, { name: 'one', size })], listening)
      const { version } = releaseFacts[region]
      const ids = [`starlingx-${version}.3`, `starlingx-${version}.2`]
      const calls = dcmanager(release, { token: door.token, ids })
      const story = ['list', 'show', 'deploy_precheck', 'show_deploy', 'delete', 'deploy_delete']
      for (const call of inOrder(calls, story)) {
        if (call.command === 'deploy_delete')
          door.fleet.simulator.change('one', { deployment: { state: 'completed' } })
        await expectWell(door, listenerOf(door, 'listen'), call)
      }
    }
  },
)

test.each(ofUsm)('the VIM of %s deploys a release, at a root and under a path', async (release) => {
  for (const under of ['listener', 'path'] as const) {
    const door = await openDoor([threeReleases(release, { name: 'one' })], listening)
    const url = under === 'path' ? `${door.fleet.gateway.url}/regions/one` : listenerOf(door, 'listen')
    const calls = vim(release, vimSubjects(door, release))
    const story = [
      'releases',
      'release',
      'system deploy',
      'deploy',
      'hosts',
      'precheck',
      'precheck, forced',
      'start',
    ]
    for (const call of inOrder(calls, story)) await expectWell(door, url, call)
    door.fleet.simulator.change('one', { advance: true })
    for (const call of inOrder(calls, ['deploy', 'hosts', 'host', 'activate']))
      await expectWell(door, url, call)
    door.fleet.simulator.change('one', { advance: true })
    for (const call of inOrder(calls, ['complete', 'delete', 'deploy', 'hosts']))
      await expectWell(door, url, call)
  }
})

test('a token that is none is refused in words that each client can read', async () => {
  const door = await openDoor([threeReleases('12', { name: 'one' })], listening)
  const url = listenerOf(door, 'listen')
  const calls = [
    ...vim('12', { ...vimSubjects(door, '12'), token: 'stale' }),
    ...dcmanager('12', { token: 'stale', ids: ['starlingx-26.03.1'] }),
  ]
  for (const call of calls) {
    const answer = await door.ask(url, call)
    expect(answer.status, call.command).toBe(401)
    expect(call.read(answer), call.command).toMatchObject({ ok: false, broken: false })
  }
  expect(sentWrites(door, 'one')).toEqual([])
})

test.each(['6', '8', '9'] as const)('sw-patch of stx %s reads without a token', async (release) => {
  const door = await openDoor([threeReleases(release, { name: 'one' })], forSwPatch('reader'))
  const reads = (
    'query|query applied|query --release|query-hosts|show|what-requires|query-dependencies|' +
    'query-dependencies --recursive|is-available|query-app-dependencies'
  ).split('|')
  const calls = swPatchCli(release, patchSubjects(door))
  for (const call of inOrder(calls, reads)) await expectWell(door, listenerOf(door, 'swPatch'), call)
  for (const call of calls.filter(({ command }) => !reads.includes(command) && command !== 'is-applied')) {
    const answer = await door.ask(listenerOf(door, 'swPatch'), call)
    // Told as Patching tells its own failures: on a 403 the command line would print nothing.
    expect(answer.status).toBe(200)
    expect(call.read(answer), call.command).toMatchObject({ ok: false, broken: false })
  }
  expect(sentWrites(door, 'one')).toEqual([])
})

test.each(['6', '8', '9'] as const)(
  'sw-patch of stx %s patches where its listener lets it',
  async (release) => {
    const door = await openDoor([threeReleases(release, { name: 'one' })], forSwPatch('configurator'))
    const { patch, host } = patchSubjects(door)
    const calls = swPatchCli(release, { patch, host })
    const story = ['apply', 'is-applied', 'query', 'query-hosts', 'host-install-async', 'drop-host']
    for (const call of inOrder(calls, story)) {
      const answer = await door.ask(listenerOf(door, 'swPatch'), call)
      // Applied, but on no host yet.
      if (call.command === 'is-applied') expect(answer).toEqual({ status: 200, body: 'false' })
      else expect(call.rule(answer), `${call.command}: ${answer.status} ${answer.body}`).toBeUndefined()
    }
    const [upload] = inOrder(calls, ['upload'])
    if (upload === undefined) throw new Error('sw-patch uploads')
    // To Patching, where the region has another API with the same path; which says what is wrong with the file.
    const reading = upload.read(await door.ask(listenerOf(door, 'swPatch'), upload))
    expect(reading).toMatchObject({ ok: false, broken: false, why: expect.stringContaining('x') as string })
    expect(sentWrites(door, 'one').map(({ path }) => path)).toEqual([
      `/v1/apply/${patch}`,
      `/v1/host_install_async/${host}`,
      `/v1/drop_host/${host}`,
      '/v1/upload',
    ])
  },
)

test.each(['6', '8', '9'] as const)('the VIM patches a region of stx %s', async (release) => {
  const door = await openDoor([threeReleases(release, { name: 'one' })], listening)
  const calls = vimPatching({ ...vimSubjects(door, release), ...patchSubjects(door) })
  for (const call of calls) await expectWell(door, listenerOf(door, 'listen'), call)
})

async function expectWell(door: Door, url: string, call: ClientCall): Promise<void> {
  const answer = await door.ask(url, call)
  expect(call.rule(answer), `${call.client} ${call.command}: ${answer.status} ${answer.body}`).toBeUndefined()
}

/** Those of the commands that this client has. */
function inOrder(calls: readonly ClientCall[], commands: readonly string[]): ClientCall[] {
  return commands.flatMap((command) => calls.filter((call) => call.command === command))
}

function listenerOf(door: Door, which: 'listen' | 'swPatch'): string {
  const url = door.fleet.gateway.regionUrls.get('one')?.[which]
  if (url === undefined) throw new Error(`the region has no listener for ${which}`)
  return url
}

function vimSubjects(door: Door, release: StxRelease) {
  const id = `starlingx-${releaseFacts[release].version}.1`
  return { token: door.token, release: id, host: 'controller-0', patch: '' }
}

/** A patch that can be applied now: all that it requires is. */
function patchSubjects(door: Door): { patch: string; host: string } {
  const [region] = door.fleet.simulator.truth()
  const patch = region?.patches.find(({ repostate }) => repostate === 'Available')
  return { patch: patch?.id ?? '', host: 'controller-0' }
}
