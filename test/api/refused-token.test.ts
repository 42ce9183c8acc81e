import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { start, type Gateway } from '../../src/start.ts'
import { createScriptedRegion, type RegionAnswer, type ScriptedRegion } from '../support/scripted-region.ts'
import { createTokenIssuer, type TokenIssuer } from '../support/tokens.ts'
import { releasesOfStx10, versionOfStx10 } from '../upstream/bodies.ts'

// A region that refuses every token of its own Keystone: a service whose middleware asks another Keystone, say.

let folder: string
let issuer: TokenIssuer
let gateway: Gateway
/** Each region has a Keystone of its own, which lets the gateway in. */
let keystones: Readonly<Record<'well' | 'refusing', ScriptedRegion>>
let sites: Readonly<Record<'well' | 'refusing', ScriptedRegion>>
let refuses: boolean

const json = (status: number, body: string): RegionAnswer => ({ status, body })

function createKeystone(): Promise<ScriptedRegion> {
  let logins = 0
  return createScriptedRegion(() => ({
    status: 201,
    headers: [['X-Subject-Token', `token-${++logins}`]],
    body: JSON.stringify({
      token: { issued_at: '2026-01-15T06:00:00.000000Z', expires_at: '2026-01-15T07:00:00.000000Z' },
    }),
  }))
}

function createSite(refusing: () => boolean): Promise<ScriptedRegion> {
  return createScriptedRegion(({ path }) => {
    if (refusing()) return json(401, '{"error": {"code": 401, "title": "Unauthorized"}}')
    if (path === '/v1') return json(200, versionOfStx10)
    return path === '/v1/release' ? json(200, releasesOfStx10) : json(200, '[]')
  })
}

beforeEach(async () => {
  refuses = true
  keystones = { well: await createKeystone(), refusing: await createKeystone() }
  sites = { well: await createSite(() => false), refusing: await createSite(() => refuses) }
  issuer = await createTokenIssuer()
  folder = await mkdtemp(join(tmpdir(), 'stx-fleet-refused-'))
  await writeFile(join(folder, 'password'), 'a password')
  const loopback = { host: '127.0.0.1', port: 0 }
  const config = {
    listen: loopback,
    admin: loopback,
    auth: { issuers: [issuer.config] },
    credentials: { fleet: { username: 'fleet', password_file: './password' } },
    regions: (['refusing', 'well'] as const).map((name) => ({
      region_name: name,
      usm: sites[name].url,
      keystone: keystones[name].url,
      credentials: 'fleet',
    })),
    refresh: { interval: '1h' },
  }
  gateway = await start(parseConfig(JSON.stringify(config), join(folder, 'fleet.json')), {
    logLevel: 'silent',
  })
})
afterEach(async () => {
  await gateway.close()
  for (const server of [...Object.values(keystones), ...Object.values(sites)]) await server.close()
  await issuer.close()
  await rm(folder, { recursive: true, force: true })
})

async function read(query: string): Promise<{ status: number; regions: string | null; text: string }> {
  const authorization = `Bearer ${await issuer.sign({ roles: ['operator'] })}`
  const answer = await fetch(`${gateway.url}/v1/release?${query}`, { headers: { authorization } })
  return { status: answer.status, regions: answer.headers.get('fleet-regions'), text: await answer.text() }
}

/** The tokens that the refusing region was shown. */
const shown = (): (string | undefined)[] =>
  sites.refusing.requests.map(({ headers }) => headers['x-auth-token'])

test('is logged in to once more, then unauthorized; the other region is there', async () => {
  const { status, regions, text } = await read('max_age=0')
  expect([status, regions]).toEqual([200, 'total=2, fresh=1, stale=0, failed=1, unsupported=0, skipped=0'])
  expect(JSON.parse(text)).toMatchObject([{ region_name: 'well' }])
  expect(shown()).toEqual(['token-1', 'token-2'])
  const why = await read('require=refusing')
  expect(JSON.parse(why.text)).toMatchObject({
    regions: {
      refusing: {
        status: 'failed',
        kind: 'unauthorized',
        message: 'refusing: GET /v1: HTTP 401: Unauthorized',
      },
    },
  })
  expect(why.text).not.toContain('token-')
})

test('is not logged in to again, whoever reads the fleet', async () => {
  await Promise.all(Array.from({ length: 20 }, () => read('max_age=0')))
  for (let i = 0; i < 10; i++) await read('max_age=0')
  expect(keystones.refusing.requests).toHaveLength(2)
  expect(keystones.well.requests).toHaveLength(1)
})

test('is asked again by whoever names it alone, and yet not logged in to each time', async () => {
  for (let i = 0; i < 10; i++) expect((await read('region_name=refusing&max_age=0')).status).toBe(503)
  expect(keystones.refusing.requests).toHaveLength(2)
})

test('is there again as soon as it takes the token that it refused', async () => {
  expect((await read('region_name=refusing')).status).toBe(503)
  refuses = false
  expect((await read('region_name=refusing')).regions).toContain('fresh=1,')
  expect(keystones.refusing.requests).toHaveLength(2)
})
