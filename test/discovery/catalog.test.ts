import { afterEach, beforeEach, expect, test } from 'vitest'
import { createInventory } from '../../src/discovery/inventory.ts'
import { sourcesOf } from '../../src/discovery/from-config.ts'
import type { Source } from '../../src/discovery/source.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { accountsOf, type Accounts } from '../../src/upstream/access-from.ts'
import { createHttp } from '../../src/upstream/http.ts'
import type { KeystoneSession } from '../../src/upstream/keystone-session.ts'
import { createRefusals } from '../../src/upstream/login-guard.ts'
import { withoutLogin } from '../../src/upstream/token.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createScriptedCentral,
  endpoint,
  password,
  subcloudEntry,
  type ScriptedCentral,
} from '../support/scripted-central.ts'
import { failureOf } from '../upstream/failure-of.ts'
import { limits } from '../upstream/http-setup.ts'

// The sources as a configuration makes them.

let central: ScriptedCentral
let folder: string
beforeEach(async () => {
  central = await createScriptedCentral()
  central.says.catalog = [
    endpoint('usm RegionOne internal', 'http://10.0.0.2:5497/v1'),
    endpoint('usm RegionOne admin', 'https://10.0.0.2:5498/v1'),
    endpoint('usm stand-alone admin', 'https://10.0.9.2:5498/v1'),
  ]
  central.says.subclouds = { subclouds: [subcloudEntry(1), subcloudEntry(2, { group_id: 2 })] }
  central.says.groups = {
    subcloud_groups: [
      { id: 1, name: 'east' },
      { id: 2, name: 'lab' },
    ],
  }
  folder = await mkdtemp(join(tmpdir(), 'stx-fleet-catalog-'))
  await writeFile(join(folder, 'password'), `${password}\n`)
})
afterEach(async () => {
  for (const source of opened.splice(0)) source.close()
  await central.close()
  await rm(folder, { recursive: true })
})

const opened: Source[] = []
function sources(discovery: readonly object[], more: object = {}, accounts?: Accounts): readonly Source[] {
  const account = { username: 'fleet', password_file: join(folder, 'password') }
  const written = {
    auth: { issuers: [{ issuer: 'https://idp.example', audience: 'gateway' }] },
    credentials: { fleet: account, 'fleet-2': account, lab: account },
    discovery,
    ...more,
  }
  const config = parseConfig(JSON.stringify(written), 'fleet.json')
  const http = createHttp(limits, undefined)
  const real = accountsOf(config.credentials, http, 'gateway/1', createRefusals())
  const all = sourcesOf(config, { http, accounts: accounts ?? real, userAgent: 'gateway/1', number: 0 })
  opened.push(...all)
  return all
}
const dcmanager = () => ({
  kind: 'dcmanager',
  url: central.dcmanager.href,
  keystone: central.keystone.href,
  credentials: 'fleet',
})
const catalog = () => ({ kind: 'keystone_catalog', keystone: central.keystone.href, credentials: 'fleet' })

test('a catalog is a source of its own: admin endpoints first, and a login for each find', async () => {
  const [source] = sources([catalog()])
  const { regions } = (await source?.find()) ?? { regions: [] }
  expect(regions.map(({ name, endpoints, credentials }) => [name, endpoints.usm?.href, credentials])).toEqual(
    [
      ['RegionOne', 'https://10.0.0.2:5498/', 'fleet'],
      ['stand-alone', 'https://10.0.9.2:5498/', 'fleet'],
    ],
  )
  central.says.catalog = central.says.catalog.slice(0, 1)
  expect((await source?.find())?.regions.map(({ endpoints }) => endpoints.usm?.href)).toEqual([
    'http://10.0.0.2:5497/',
  ])
  expect(central.requests).toHaveLength(2)
})

test('its interface and the account of its regions may be chosen', async () => {
  const [source] = sources([{ ...catalog(), interface: 'internal', region_credentials: 'none' }])
  const found = await source?.find()
  expect(found?.regions.map(({ endpoints, credentials }) => [endpoints.usm?.port, credentials])).toEqual([
    ['5497', 'none'],
    [undefined, 'none'],
  ])
})

test('a Keystone that is gone, refuses, or lies: the find fails', async () => {
  const [source] = sources([catalog()])
  if (source === undefined) throw new Error('no source')
  central.says.instead.set('/v3', 'reset')
  expect((await failureOf(source.find())).kind).toBe('unreachable')
  central.says.instead.set('/v3', { status: 201, body: '<html>' })
  expect((await failureOf(source.find())).kind).toBe('malformed')
  central.says.instead.clear()
  central.says.password = 'another'
  for (let i = 0; i < 4; i++) expect((await failureOf(source.find())).kind).toBe('unauthorized')
  expect(central.requests.filter(({ path }) => path === '/v3/auth/tokens')).toHaveLength(4)
})

test('dcmanager goes before a catalog, however they are ordered; an account by label goes before the source’s', async () => {
  const all = sources([catalog(), { ...dcmanager(), region_credentials: 'fleet-2' }], {
    credentials_for: [{ labels: { group: 'lab' }, credentials: 'lab' }],
  })
  expect(all.map(({ name }) => name.split(' ')[0])).toEqual(['dcmanager', 'catalog'])
  const changed = Promise.withResolvers<void>()
  const inventory = createInventory([], all, {
    now: Date.now,
    random: Math.random,
    onChange: (regions) => regions.length === 4 && changed.resolve(),
    onNote: () => undefined,
  })
  await changed.promise
  const found = inventory.regions().map(({ subcloud, credentials }) => [subcloud, credentials])
  expect(Object.fromEntries(found)).toEqual({
    RegionOne: 'fleet-2',
    'subcloud-1': 'fleet-2',
    'subcloud-2': 'lab',
    'stand-alone': 'fleet',
  })
  await expect.poll(() => inventory.conflicts().length).toBe(1)
  inventory.stop()
})

test('beside dcmanager is where its Keystone is, unless it is named', () => {
  const urls = ['https://[fd01::2]:8120/v1.0', 'http://10.0.0.2:8119/v1.0']
  const asked: string[] = []
  const session: KeystoneSession = {
    current: () => Promise.reject(new Error('nobody asks')),
    last: () => undefined,
    refused: () => false,
    close: () => undefined,
  }
  const discovery = urls.map((url) => ({ kind: 'dcmanager', url, credentials: 'fleet' }))
  sources(
    [...discovery, dcmanager()],
    {},
    {
      accessTo: () => withoutLogin,
      sessionAt(keystone) {
        asked.push(keystone.href)
        return session
      },
    },
  )
  expect(asked).toEqual(['https://[fd01::2]:5001/v3', 'http://10.0.0.2:5000/v3', central.keystone.href])
})
