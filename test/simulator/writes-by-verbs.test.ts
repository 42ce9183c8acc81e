import { afterEach, expect, test } from 'vitest'
import { rawGet } from './rawHttp.ts'
import type { ToldRegion } from './toldRegion.ts'
import { startTold } from './toldRegion.ts'

let region: ToldRegion
afterEach(() => region.simulator.close())

test('stx 9 deploys by its verbs, with any method', async () => {
  region = await startTold('9', 1, [{ release: { id: 'starlingx-23.09.1', state: 'available' } }])
  const { ask, advance, states } = region
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
  expect(states().slice(0, 2)).toEqual(['deployed', 'deployed'])
})

test('a bad upload takes Patching down', async () => {
  region = await startTold('8', 2)
  const { ask } = region
  expect(await ask('/v1/upload', {})).toMatchObject({ status: 500 })
  const query = () => rawGet(`${region.patching}/v1/query`)
  await expect(query()).rejects.toThrow()
  await expect.poll(() => query().then(({ status }) => status, String)).toBe(200)
})

test('an encoded slash splits a host from `force`, and an unlocked host is not asked then', async () => {
  region = await startTold('8', 2)
  const { ask, read, change, advance } = region
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
