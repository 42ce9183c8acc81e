import { afterEach, expect, test } from 'vitest'
import type { StateChange } from '../../src/simulator/region/change.ts'
import type { StxRelease } from '../../src/simulator/region/release.ts'
import type { OneRegion } from './oneRegion.ts'
import { startOneRegion } from './oneRegion.ts'
import { rawGet } from './rawHttp.ts'

let region: OneRegion
afterEach(() => region.simulator.close())

/** A region in which nothing happens by itself, except that hosts answer at once. */
async function start(release: StxRelease, hosts: number, changes: StateChange[] = []): Promise<void> {
  region = await startOneRegion(
    { release, size: { releases: 4, packages: 1, hosts }, changes },
    { transitionMs: null, hostMs: 0, crashMs: 300 },
  )
}
interface Said {
  readonly info: string
  readonly error: string
}
async function ask(path: string, body?: unknown, method = 'POST'): Promise<{ status: number; body: Said }> {
  const service = /^\/v1\/(software|release|deploy|system)/.test(path) ? region.usm : region.patching
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await rawGet(service + path, { method, headers, ...sent })
  const text = Buffer.from(answer.body, 'latin1').toString()
  return { status: answer.status, body: (text.startsWith('A server') ? {} : JSON.parse(text)) as Said }
}
const read = async (path: string): Promise<unknown> => (await ask(path, undefined, 'GET')).body
const advance = () => region.simulator.change('east', { advance: true })
const change = (what: StateChange) => region.simulator.change('east', what)
const states = () => region.simulator.truth()[0]?.releases.map((release) => release.state)

test('a removal is started when its answer comes, and ends with the release available', async () => {
  await start('12', 1)
  change({ release: { id: 'starlingx-26.03.1', state: 'deployed' } })
  const started = await ask('/v1/deploy/starlingx-26.03.0/start', {})
  expect(started.body).toEqual({
    info: 'starlingx-26.03.1 has been removed from the repo\n',
    warning: '',
    error: '',
  })
  expect(await read('/v1/deploy')).toMatchObject([
    { from_release: '26.03.1', to_release: '26.03.0', state: 'start-done', apply_operation: false },
  ])
  expect((await ask('/v1/deploy', undefined, 'DELETE')).body).toMatchObject({
    info: 'Delete is not supported while removing a release',
    error: '',
  })
  await ask('/v1/deploy_host/controller-0')
  expect((await ask('/v1/deploy/abort')).body.info).toBe('Abort operation is not supported in patch removal')
  await ask('/v1/deploy/activate')
  advance()
  await ask('/v1/deploy/complete')
  await ask('/v1/deploy', undefined, 'DELETE')
  expect(states()).toEqual(['deployed', 'available', 'available', 'available'])
})

test('an abort half way rolls back only the hosts that were touched', async () => {
  await start('11', 3)
  await ask('/v1/deploy/starlingx-25.09.2/start', { force: null })
  advance()
  await ask('/v1/deploy_host/controller-1')
  await ask('/v1/deploy/abort')
  const hosts = async () =>
    ((await read('/v1/deploy_host')) as { host_state: string }[]).map((host) => host.host_state)
  expect(await hosts()).toEqual(['rollback-deployed', 'rollback-pending', 'rollback-deployed'])
  expect((await ask('/v1/deploy_host/controller-1')).body.error).toBe(
    'Current deployment (host-rollback) is not ready to deploy host',
  )
  await ask('/v1/deploy_host/controller-1/force/rollback')
  expect(await read('/v1/deploy')).toMatchObject([{ state: 'host-rollback-done' }])
  await ask('/v1/deploy/delete', undefined, 'DELETE')
  expect(states()).toEqual(['deployed', 'deployed', 'available', 'available'])
})

test('workers wait for controllers', async () => {
  await start('12', 3, [{ deployment: { state: 'start-done' } }])
  expect(await ask('/v1/deploy_host/worker-0')).toMatchObject({
    status: 406,
    body: { error: 'worker-0 does not satisfy the right order of deployment should be controller-1' },
  })
  expect(await read('/v1/deploy_host/next?hostname=worker-0')).toBe(false)
  expect(await read('/v1/deploy_host/next?hostname=controller-0')).toBe(true)
})

test('a major release keeps its options and leaves the old releases unavailable', async () => {
  const added = { id: 'starlingx-26.03.0', sw_version: '26.03.0', state: 'available' }
  await start('11', 1, [{ add_release: added }])
  const options = ['snapshot=true']
  await ask('/v1/deploy/starlingx-26.03.0/start', { options, force: 'true' })
  advance()
  expect(await read('/v1/deploy')).toMatchObject([{ options: { snapshot: 'true' }, major_release: true }])
  const host = await ask('/v1/deploy_host/controller-0')
  expect(host.body.info).toMatch(
    /^Running major release deployment, major_release=26.03, .*\nHost deployment was/,
  )
  await ask('/v1/deploy/activate')
  advance()
  await ask('/v1/deploy/complete')
  await ask('/v1/deploy', undefined, 'DELETE')
  expect(states()).toEqual([...Array<string>(4).fill('unavailable'), 'deployed'])
})

test('stx 10 drops options, and later releases take `force` whatever it says', async () => {
  await start('10', 1, [{ mishaps: ['unhealthy'] }])
  const checked = await ask('/v1/deploy/starlingx-24.09.2/precheck', { options: ['bad'] })
  expect(checked).toMatchObject({ status: 406, body: { info: expect.stringMatching(/^System Health:/) } })
  expect((await ask('/v1/deploy/starlingx-24.09.2/precheck', { force: false })).status).toBe(200)
  expect((await ask('/v1/deploy/starlingx-24.09.2/start', { force: null })).status).toBe(200)
})

test('a failed activate can be repeated', async () => {
  await start('12', 1, [{ deployment: { state: 'host-done' } }, { mishaps: ['activate-fails'] }])
  await ask('/v1/deploy/activate')
  advance()
  expect(await read('/v1/deploy')).toMatchObject([{ state: 'activate-failed' }])
  change({ mishaps: [] })
  expect((await ask('/v1/deploy/activate')).body.info).toBe('Deploy activate has started')
})

test('install_local starts and stops', async () => {
  await start('12', 1)
  const info = async (stop: boolean) =>
    (await ask('/v1/deploy_host/install_local', { delete: stop })).body.info
  expect(await info(true)).toBe('Software deployment in local installation mode is already disabled.\n')
  expect(await info(false)).toBe('Software deployment in local installation mode is started.\n')
  expect(await info(true)).toBe('Software deployment in local installation mode is stopped.\n')
  expect((await ask('/v1/deploy_host/install_local', {})).status).toBe(500)
})

test('master selects products by their metapackages, one product at a time', async () => {
  await start('master', 1)
  const releases = ['starlingx-26.10.2']
  const selected = await ask('/v1/deploy/select', { releases })
  expect(selected.body.info).toContain('Selected base_26.10.2 metapackage for deployment\n')
  expect(await read('/v1/release/starlingx-26.10.2')).toMatchObject({
    state: 'available',
    metapackages: { 'base_26.10.2': { state: 'deploy-selected' } },
  })
  const other = await ask('/v1/deploy/select', { releases: ['starlingx-26.10.3'] })
  expect(other.body.info).toContain('Unselected metapackage base_26.10.2 for deployment\n')
  await ask('/v1/deploy/unselect', { unselect_all: true })
  expect((await ask('/v1/deploy/precheck', {})).body.error).toMatch(/No metapackage releases found/)
  await ask('/v1/deploy/select', { releases })
  expect((await ask('/v1/deploy/start', {})).body.info).toMatch(
    /^Metapackages previously selected for deployment: base_26.10.2, k8s_26.10.2, infra_26.10.2\n/,
  )
  expect((await ask('/v1/deploy/select', { releases })).body.error).toBe(
    'Select is blocked when a deployment is in progress\n',
  )
})

test('master takes a release in the path letter by letter', async () => {
  await start('master', 1)
  const answer = await ask('/v1/deploy/nope/start', {})
  expect(answer).toMatchObject({ status: 406, body: { error: 'Releases not found: n, o, p, e\n' } })
})

test('a system deploy of master is begun for a major release, and deleted', async () => {
  await start('master', 1)
  change({ add_release: { id: 'starlingx-27.03.0', sw_version: '27.03.0', state: 'available' } })
  const init = '/v1/system_deploy/starlingx-27.03.0/init'
  expect((await ask(init, { kube_version: '1' })).body.error).toMatch(/^Invalid kube_version '1'/)
  expect((await ask(init, { kube_version: '1.31.5' })).body.info).toMatch(/^Created system-deploy entity\n/)
  expect(await read('/v1/system_deploy')).toMatchObject([
    { to_release: 'starlingx-27.03.0', to_k8s_version: 'v1.31.5' },
  ])
  expect((await ask('/v1/system_deploy', undefined, 'DELETE')).status).toBe(200)
  expect((await ask('/v1/system_deploy', undefined, 'DELETE')).body.error).toMatch(/^There is no system/)
})

test('stx 9 deploys by its verbs, with any method', async () => {
  await start('9', 1, [{ release: { id: 'starlingx-23.09.1', state: 'available' } }])
  const verb = async (path: string, method = 'POST') =>
    (await ask(`/v1/software/${path}`, undefined, method)).body
  const id = 'starlingx-23.09.1'
  expect(await verb(`deploy_precheck/${id}/force?region_name=east`)).toMatchObject({ error: '' })
  expect(await verb(`deploy_start/${id}`)).toMatchObject({ info: `${id} is now in the repo\n` })
  expect(await verb('deploy_host/controller-0', 'PUT')).toMatchObject({
    info: `Host installation request sent to controller-0.\n${id} has been activated\n`,
  })
  expect(await verb(`deploy_activate/${id}`)).toEqual({
    error: 'Rejected: One or more nodes are installing a release.',
  })
  advance()
  expect(await verb(`deploy_activate/${id}`, 'GET')).toMatchObject({
    info: `Deployment for ${id} has been activated\n`,
  })
  expect(await verb(`deploy_complete/${id}`)).toMatchObject({ info: `${id} has been deployed\n` })
  expect(states()?.slice(0, 2)).toEqual(['deployed', 'deployed'])
})

test('a bad upload takes Patching down', async () => {
  await start('8', 2)
  expect(await ask('/v1/upload', {})).toMatchObject({ status: 500 })
  const query = () => rawGet(`${region.patching}/v1/query`)
  await expect(query()).rejects.toThrow()
  await expect.poll(() => query().then(({ status }) => status, String)).toBe(200)
})

test('an encoded slash splits a host from `force`, and an unlocked host is not asked then', async () => {
  await start('8', 2)
  await ask('/v1/apply/STX_22.12_PATCH_0003')
  change({ patch: { id: 'STX_22.12_PATCH_0003', reboot_required: true } })
  advance()
  const hosts = async () => ((await read('/v1/query_hosts')) as { data: unknown }).data
  await ask('/v1/host_install_async/controller-0')
  expect(await hosts()).toMatchObject([{ state: 'install-rejected', patch_current: false }, {}])
  await ask('/v1/host_install_async/controller-1%2Fforce')
  expect(await hosts()).toMatchObject([{}, { state: 'installing' }])
  advance()
  expect(await hosts()).toMatchObject([{ state: 'idle' }, { state: 'installing' }])
  advance()
  expect(await hosts()).toMatchObject([{ patch_current: false }, { state: 'idle', patch_current: true }])
})
