import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { start, type Gateway } from '../../src/start.ts'
import { startKeystone, type KeystoneServer } from '../support/keystone-server.ts'
import { json } from '../support/scripted-central.ts'
import { createScriptedRegion, type RegionReply, type RegionRequest } from '../support/scripted-region.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer, type TokenIssuer } from '../support/tokens.ts'
import { answerAsUsm } from './world.ts'

// Debian's real Keystone with the catalog of a StarlingX system controller: its regions are found in it, and used.

const open: (() => Promise<unknown> | void)[] = []
afterAll(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

let keystone: KeystoneServer
let issuer: TokenIssuer
let gateway: Gateway
beforeAll(async () => {
  keystone = await startKeystone()
  open.push(() => keystone.close())
  issuer = await createTokenIssuer()
  open.push(() => issuer.close())
}, 300_000)

interface Site {
  readonly url: string
  readonly requests: readonly RegionRequest[]
}
async function site(script: (request: RegionRequest) => RegionReply | Promise<RegionReply>): Promise<Site> {
  const made = await createScriptedRegion(script)
  open.push(() => made.close())
  return made
}

/** Patching of stx 8 with one patch; it checks tokens as USM does. */
async function answerAsPatching(request: RegionRequest): Promise<RegionReply> {
  if (!(await keystone.admin.accepts(request.headers['x-auth-token'] ?? ''))) return json(401, {})
  if (request.path.startsWith('/v1/query_hosts')) return json(200, { data: [] })
  const patch = { sw_version: '22.12', patchstate: 'Applied', repostate: 'Applied', status: 'REL' }
  return json(200, { pd: { '22.12_PATCH_0001': patch } })
}

async function ask(target: string, method = 'GET'): Promise<{ regions: string | null; body: unknown }> {
  const token = await issuer.sign({ roles: ['admin'] })
  const answer = await fetch(gateway.url + target, { method, headers: { 'x-auth-token': token } })
  return { regions: answer.headers.get('fleet-regions'), body: await answer.json() }
}
interface Discovery {
  readonly sources: readonly { readonly regions: number; readonly heldBack?: number }[]
}
const discovery = async (): Promise<Discovery> =>
  (await (await fetch(`${gateway.adminUrl}/discovery`)).json()) as Discovery
const confirm = (contentType: string): Promise<Response> =>
  fetch(`${gateway.adminUrl}/discovery/confirm`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: '{}',
  })

test('regions of the catalog are found, asked, written to where they want it, and leave when confirmed', async () => {
  const usm = (request: RegionRequest) => answerAsUsm(request, keystone.admin)
  const [central, controller, east] = [await site(usm), await site(usm), await site(answerAsPatching)]
  const add = (service: 'usm' | 'patching', region: string, url: string) =>
    keystone.admin.addEndpoint({ service, region, interface: 'admin', url })
  await add('usm', 'RegionOne', `${central.url}/v1`)
  await add('usm', 'SystemController', `${controller.url}/v1`)
  await add('patching', 'east', east.url)

  const account = await keystone.admin.account()
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-catalog-'))
  open.push(() => rm(folder, { recursive: true, force: true }))
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, account.password)
  const config = {
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    auth: { issuers: [issuer.config] },
    credentials: { fleet: { username: account.username, password_file: passwordFile } },
    discovery: [
      { kind: 'keystone_catalog', keystone: keystone.url, credentials: 'fleet', interval: '500ms' },
    ],
    upstream: { first_byte_timeout: '20s' },
    audit: { file: join(folder, 'audit.log') },
  }
  gateway = await start(parseConfig(JSON.stringify(config), 'fleet.json'), { logLevel: 'silent' })
  open.push(() => gateway.close())

  await until(async () => (await fetch(`${gateway.adminUrl}/readyz`)).status === 200)
  const releases = await ask('/v1/release')
  expect(releases.body).toEqual([expect.objectContaining({ region_name: 'RegionOne', state: 'deployed' })])
  expect(releases.regions).toBe('total=2, fresh=1, stale=0, failed=0, unsupported=1, skipped=0')
  expect((await ask('/v1/query')).body).toMatchObject({
    pd: { '22.12_PATCH_0001': { regions: { east: { patchstate: 'Applied' } } } },
  })

  // SystemController is RegionOne's other name: it is read nowhere, and releases are written there.
  expect(controller.requests).toEqual([])
  await ask('/regions/RegionOne/v1/release/starlingx-25.09.0', 'DELETE')
  expect(controller.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'DELETE /v1/release/starlingx-25.09.0',
  ])
  expect(central.requests.filter(({ method }) => method !== 'GET')).toEqual([])

  // One of two regions is more than may leave at once.
  await keystone.admin.removeEndpoints('east')
  await until(async () => (await discovery()).sources[0]?.heldBack === 1)
  expect((await ask('/v1/release')).regions).toContain('total=2')
  expect((await confirm('text/plain')).status).toBe(415)
  expect((await discovery()).sources[0]?.heldBack).toBe(1)
  expect(await (await confirm('application/json')).json()).toEqual({ confirmed: 1 })
  expect((await ask('/v1/release')).regions).toContain('total=1')

  // One that comes is there without being asked for.
  await add('usm', 'west', central.url)
  await until(async () => (await ask('/v1/release')).regions?.includes('total=2, fresh=2') === true)
})
