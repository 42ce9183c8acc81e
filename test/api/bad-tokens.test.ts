import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import { start, type Gateway } from '../../src/start.ts'
import { audience, badTokens, issuer, keySet, signed } from '../support/bad-tokens.ts'
import { rawGet, type RawAnswer } from '../support/fleet-socket.ts'
import { createRawRegion, type RawRegion } from '../support/raw-region.ts'

// Every bad token that callers are known to bring, through the whole gateway over real sockets.

let folder: string
let gateway: Gateway
/** What tokens name, and what must never be contacted. */
const trap: RawRegion = await createRawRegion((socket) => socket.destroy())
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stx-fleet-bad-tokens-'))
  const jwks = join(folder, 'jwks.json')
  await writeFile(jwks, JSON.stringify(keySet))
  const loopback = { host: '127.0.0.1', port: 0 }
  const config = {
    listen: loopback,
    admin: loopback,
    auth: { issuers: [{ issuer, audience, jwks_file: jwks }] },
  }
  gateway = await start(parseConfig(JSON.stringify(config), 'tokens.json'), { logLevel: 'silent' })
})
afterAll(async () => {
  await gateway.close()
  await trap.close()
  await rm(folder, { recursive: true, force: true })
})

function presented(...headers: readonly string[]): Promise<RawAnswer> {
  return rawGet(gateway.url, '/v1/release', headers)
}

test('the good one that all of these are made from is accepted', async () => {
  expect((await presented(`Authorization: Bearer ${await signed()}`)).status).toBe(200)
})

describe('a 401 of which nothing is fetched and nothing believed', () => {
  test.each(badTokens(trap.url))('%s', async (_, make, error) => {
    const token = await make()
    for (const header of [
      `Authorization: Bearer ${token}`,
      `X-Auth-Token: ${token}`,
      `OIDC-Token: ${token}`,
    ]) {
      const answer = await presented(header)
      expect([
        answer.status,
        answer.headers.get('www-authenticate'),
        answer.headers.get('content-type'),
      ]).toEqual([401, 'Bearer realm="stx-fleet-gateway", error="invalid_token"', 'application/json'])
      const body = JSON.parse(answer.body.toString()) as Record<string, unknown>
      expect(body).toMatchObject({ type: '/problems/unauthenticated', status: 401 })
      expect(body['error']).toEqual(error ?? expect.stringMatching(/./))
      expect(answer.body.toString()).not.toContain(token)
    }
    expect(trap.connections()).toBe(0)
  })

  test.each<[string, (token: string, other: string) => string[]]>([
    ['two that differ', (token, other) => [`Authorization: Bearer ${token}`, `X-Auth-Token: ${other}`]],
    ['two alike', (token) => [`X-Auth-Token: ${token}`, `OIDC-Token: ${token}`]],
    [
      'one header twice',
      (token, other) => [`Authorization: Bearer ${token}`, `Authorization: Bearer ${other}`],
    ],
    ['a good one and a bad one', (token) => [`Authorization: Bearer ${token}`, 'OIDC-Token: x']],
    ['a good one and Basic', (token) => [`X-Auth-Token: ${token}`, 'Authorization: Basic YTpi']],
  ])('two credentials: %s', async (_, headers) => {
    const answer = await presented(...headers(await signed(), await signed({ sub: 'bob' })))
    expect([answer.status, JSON.parse(answer.body.toString())]).toMatchObject([
      401,
      { type: '/problems/unauthenticated', error: 'more than one credential: send exactly one' },
    ])
  })
})
