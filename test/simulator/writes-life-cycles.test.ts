import { afterEach, expect, test } from 'vitest'
import type { ToldRegion } from './toldRegion.ts'
import { startTold } from './toldRegion.ts'

let region: ToldRegion
afterEach(() => region.simulator.close())

test('a removal is started when its answer comes, and ends with the release available', async () => {
  region = await startTold('12', 1)
  const { ask, read, change, advance, states } = region
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
  region = await startTold('11', 3)
  const { ask, read, advance, states } = region
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
  region = await startTold('12', 3, [{ deployment: { state: 'start-done' } }])
  const { ask, read } = region
  expect(await ask('/v1/deploy_host/worker-0')).toMatchObject({
    status: 406,
    body: { error: 'worker-0 does not satisfy the right order of deployment should be controller-1' },
  })
  expect(await read('/v1/deploy_host/next?hostname=worker-0')).toBe(false)
  expect(await read('/v1/deploy_host/next?hostname=controller-0')).toBe(true)
})

test('a major release keeps its options and leaves the old releases unavailable', async () => {
  const added = { id: 'starlingx-26.03.0', sw_version: '26.03.0', state: 'available' }
  region = await startTold('11', 1, [{ add_release: added }])
  const { ask, read, advance, states } = region
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
  region = await startTold('10', 1, [{ mishaps: ['unhealthy'] }])
  const { ask } = region
  const checked = await ask('/v1/deploy/starlingx-24.09.2/precheck', { options: ['bad'] })
  expect(checked).toMatchObject({ status: 406, body: { info: expect.stringMatching(/^System Health:/) } })
  expect((await ask('/v1/deploy/starlingx-24.09.2/precheck', { force: false })).status).toBe(200)
  expect((await ask('/v1/deploy/starlingx-24.09.2/start', { force: null })).status).toBe(200)
})

test('a failed activate can be repeated', async () => {
  region = await startTold('12', 1, [{ deployment: { state: 'host-done' } }, { mishaps: ['activate-fails'] }])
  const { ask, read, change, advance } = region
  await ask('/v1/deploy/activate')
  advance()
  expect(await read('/v1/deploy')).toMatchObject([{ state: 'activate-failed' }])
  change({ mishaps: [] })
  expect((await ask('/v1/deploy/activate')).body.info).toBe('Deploy activate has started')
})

test('install_local starts and stops', async () => {
  region = await startTold('12', 1)
  const { ask } = region
  const info = async (stop: boolean) =>
    (await ask('/v1/deploy_host/install_local', { delete: stop })).body.info
  expect(await info(true)).toBe('Software deployment in local installation mode is already disabled.\n')
  expect(await info(false)).toBe('Software deployment in local installation mode is started.\n')
  expect(await info(true)).toBe('Software deployment in local installation mode is stopped.\n')
  expect((await ask('/v1/deploy_host/install_local', {})).status).toBe(500)
})

test('master selects products by their metapackages, one product at a time', async () => {
  region = await startTold('master', 1)
  const { ask, read } = region
  const releases = ['starlingx-26.10.2']
  const selected = await ask('/v1/deploy/select', { releases })
  expect(selected.body.info).toContain('Selected base_26.10.2 metapackage for deployment\n')
  expect(await read('/v1/release/starlingx-26.10.2')).toMatchObject({
    state: 'available',
    metapackages: { 'base_26.10.2': { state: 'deploy-selected' } },
  })
  expect(await read('/v1/release/metapackage?show=deploy-selected')).toMatchObject([
    { release_id: 'base_26.10.2' },
    {},
    {},
  ])
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
  region = await startTold('master', 1)
  const { ask } = region
  const answer = await ask('/v1/deploy/nope/start', {})
  expect(answer).toMatchObject({ status: 406, body: { error: 'Releases not found: n, o, p, e\n' } })
})

test('a system deploy of master is begun for a major release, and deleted', async () => {
  region = await startTold('master', 1)
  const { ask, read, change } = region
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
