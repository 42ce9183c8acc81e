import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { probe } from '../../src/probe.ts'
import {
  createScriptedCentral,
  endpoint,
  json,
  password,
  secret,
  subcloudEntry,
} from '../support/scripted-central.ts'
import { createScriptedRegion } from '../support/scripted-region.ts'

test('each source and a sample of the regions is asked, and told with what to look at', async () => {
  const central = await createScriptedCentral()
  onTestFinished(() => central.close())
  const site = await createScriptedRegion(({ path }) => {
    const [, ip, ...rest] = path.split('/')
    if (ip === '10.1.0.4') return json(403, { code: 403, title: 'Forbidden', description: null })
    return rest.join('/') === 'v1'
      ? json(200, { id: 'v1', release: [], links: [] })
      : json(200, [{ release_id: 'a', sw_version: '26.3.0', state: 'deployed' }])
  })
  onTestFinished(() => site.close())
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-probe-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'password'), password)

  const newest = { 'software-version': '26.03' }
  central.says.subclouds = {
    subclouds: [subcloudEntry(1, newest), subcloudEntry(2, newest), subcloudEntry(3, { name: '' })],
  }
  central.says.catalog = [endpoint('usm RegionOne internal', `${site.url}/central/v1`)]
  const source = {
    kind: 'dcmanager',
    url: central.dcmanager.href,
    keystone: central.keystone.href,
    credentials: 'fleet',
    region_credentials: 'none',
    endpoints: { usm: `${site.url}/{ip}` },
  }
  const config = {
    auth: { issuers: [{ issuer: 'https://idp.example', audience: 'gateway' }] },
    credentials: { fleet: { username: 'fleet', password_file: join(folder, 'password') } },
    discovery: [
      source,
      { kind: 'keystone_catalog', keystone: 'http://127.0.0.1:1/v3', credentials: 'fleet' },
    ],
  }
  const rows = await probe(parseConfig(JSON.stringify(config), 'fleet.json'), 'gateway/1')
  const [name, catalog] = [`dcmanager ${central.dcmanager.origin}`, 'catalog of http://127.0.0.1:1']
  const told = rows.map(({ what, result, detail }) => [what, result, detail])
  expect(told).toEqual([
    [name, 'ok', '3 regions'],
    [name, 'none', 'subcloud number 3: no usable name'],
    [catalog, 'failed', 'POST /v3/auth/tokens: connection refused'],
    ['RegionOne usm', 'ok', 'usm-stx10, 1 in its list'],
    ['subcloud-1 usm', 'ok', 'usm-stx10, 1 in its list'],
    [
      'subcloud-2 usm',
      'failed',
      expect.stringContaining('the account lacks a role there (USM of stx 10 wants admin even to read)'),
    ],
  ])
  for (const { result, remedy } of rows) expect(remedy !== '').toBe(result === 'failed')
  expect(JSON.stringify(rows)).not.toContain(secret)
})

test('the Keystone of callers is asked whether it would tell about a token', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-probe-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'password'), password)
  let status = 404
  const keystone = await createScriptedRegion(({ method }) =>
    method === 'POST'
      ? {
          status: 201,
          headers: [['X-Subject-Token', 'own']],
          body: '{"token": {"issued_at": "2026-01-15T06:00:00Z", "expires_at": "2026-01-15T07:00:00Z"}}',
        }
      : json(status, { error: { code: status } }),
  )
  onTestFinished(() => keystone.close())
  const written = {
    auth: { keystone: { url: `${keystone.url}/v3`, credentials: 'fleet' } },
    credentials: { fleet: { username: 'fleet', password_file: join(folder, 'password') } },
  }
  const config = parseConfig(JSON.stringify(written), 'fleet.json')
  const what = `callers of ${keystone.url}`
  expect(await probe(config, 'gateway/1')).toEqual([
    { what, result: 'ok', detail: 'it tells about tokens', remedy: '' },
  ])
  status = 403
  expect(await probe(config, 'gateway/1')).toEqual([
    {
      what,
      result: 'failed',
      detail: expect.stringContaining('it needs the role admin or service') as string,
      remedy: expect.stringContaining('does the account exist there') as string,
    },
  ])
})
