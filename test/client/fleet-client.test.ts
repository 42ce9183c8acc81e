import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientTypes } from '../../src/api/openapi/client-types.ts'
import { openApi } from '../../src/api/openapi/document.ts'
import { createFleetClient, FleetError, type FleetClient } from '../../src/client/fleet-client.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'

const root = join(import.meta.dirname, '../..')
const names = ['a', 'b', 'c', 'd', 'e']
let served: Served
let fleet: FleetClient
beforeAll(async () => {
  served = await serveRegions({ regions: Object.fromEntries(names.map((name) => [name, {}])) })
  for (const path of ['release', 'deploy', 'deploy_host', 'query', 'query_hosts']) {
    await served.ask('GET', `/v1/${path}?max_age=0`)
  }
  fleet = createFleetClient({ url: served.url, token: () => served.token() })
})
afterAll(() => served.close())

test('its types are those of the document', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-client-'))
  const file = join(folder, 'api.ts')
  await writeFile(file, clientTypes(openApi('')))
  execFileSync(join(root, 'node_modules/.bin/oxfmt'), ['-c', join(root, '.oxfmtrc.json'), file])
  expect(await readFile(file, 'utf8')).toBe(await readFile(join(root, 'src/client/api.ts'), 'utf8'))
  await rm(folder, { recursive: true })
})

test('one answer, with what it says of the regions', async () => {
  const { item, meta } = await fleet.get('summary', {})
  expect(meta.regions).toMatchObject({ total: 5, fresh: 5 })
  expect(item.patch_current.regions).toEqual({ true: 0, false: 5, unknown: 0 })
})

test('all of a list over its pages, filtered; lists of values by commas', async () => {
  const found: string[] = []
  const asked = { region_name: ['a', 'c', 'e'], sort: '-region_name', page_size: 1 } as const
  for await (const { region_name } of fleet.all('regions', asked)) found.push(region_name)
  expect(found).toEqual(['e', 'c', 'a'])
  const current: string[] = []
  for await (const host of fleet.all('hosts', { patch_current: true, page_size: 2 }))
    current.push(host.region_name)
  expect(new Set(current)).toEqual(new Set(names))
})

test('one thing by its id, however it is spelt', async () => {
  const { item } = await fleet.get('regions/{id}', { id: 'b' })
  expect(item.region_name).toBe('b')
  const { items } = await fleet.get('releases/{id}', { id: 'starlingx-24.09.0' })
  expect(items.map(({ region_name }) => region_name)).toEqual(names)
})

test('what has no answer is thrown, as the gateway tells it', async () => {
  const failed = await fleet.get('regions/{id}', { id: 'no/body' }).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(FleetError)
  const nobody = await fleet.get('regions/{id}', { id: 'nobody' }).catch((error: unknown) => error)
  expect(nobody).toMatchObject({
    status: 404,
    message: 'no region is called "nobody"',
    problem: { type: '/problems/unknown-region' },
  })
  const stranger = createFleetClient({ url: served.url, token: 'x.y.z' })
  await expect(stranger.get('summary', {})).rejects.toMatchObject({ status: 401 })
})

test('events, from where one was left', async () => {
  const first = await fleet.events().next()
  expect(first.value).toMatchObject({ type: 'bookmark' })
  const again = await fleet.events({ region_name: 'a' }, first.value?.id).next()
  expect(again.value).toMatchObject({ type: 'bookmark' })
})
