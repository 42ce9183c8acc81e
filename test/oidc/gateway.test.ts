import { createServer } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import type { Config } from '../../src/config/schema.ts'
import { start, type Gateway } from '../../src/start.ts'
import { audience, forgedToken, listenOn, startOidcProvider, type OidcProvider } from './provider.ts'

// A gateway that trusts real OpenID providers (npm's oidc-provider), which it knows by their issuer only.

let provider: OidcProvider
let other: OidcProvider
const open: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  provider = await startOidcProvider()
  other = await startOidcProvider()
})
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})
afterAll(async () => {
  await provider.close()
  await other.close()
})

test('a token of the client credentials grant is accepted: issuer, keys and role are found', async () => {
  const gateway = await trusting(provider.config)
  const answer = await read(gateway, await provider.token())
  expect([answer.status, await answer.text()]).toEqual([200, '[]'])
})

test('a token without a role is known, and may read nothing', async () => {
  const gateway = await trusting(provider.config)
  expect((await read(gateway, await provider.token('guest'))).status).toBe(403)
})

test('several issuers, each with its own keys; one that is not configured is not asked', async () => {
  const gateway = await trusting(provider.config, other.config)
  expect((await read(gateway, await provider.token())).status).toBe(200)
  expect((await read(gateway, await other.token())).status).toBe(200)

  const narrow = await trusting(provider.config)
  const theirs = await other.token()
  const before = other.asked.length
  expect((await read(narrow, theirs)).status).toBe(401)
  expect(other.asked.length).toBe(before)
})

test('an issuer that a reload adds is trusted at once, one that it removes no more, whatever is remembered', async () => {
  const gateway = await trusting(provider.config)
  const [ours, theirs] = [await provider.token(), await other.token()]
  const both = async (): Promise<number[]> => [
    (await read(gateway, ours)).status,
    (await read(gateway, theirs)).status,
  ]
  expect(await both()).toEqual([200, 401])
  await gateway.reload(trust(provider.config, other.config))
  expect(await both()).toEqual([200, 200])
  await gateway.reload(trust(other.config))
  expect(await both()).toEqual([401, 200])
})

test('a token for another audience is refused', async () => {
  const gateway = await trusting({ ...provider.config, audience: 'urn:another' })
  expect((await read(gateway, await provider.token())).status).toBe(401)
})

test('the keys may be given by URL: then nothing is discovered', async () => {
  const token = await provider.token()
  const before = provider.asked.length
  const gateway = await trusting({ ...provider.config, jwks_uri: `${provider.issuer}/jwks` })
  expect((await read(gateway, token)).status).toBe(200)
  expect(provider.asked.slice(before)).toEqual(['/jwks'])
})

test('a provider that is down is no fault of the caller: 503 until it is back, never 401', async () => {
  const token = await provider.token()
  await provider.down()
  open.push(() => provider.up().catch(() => undefined))
  const gateway = await trusting(provider.config)
  const answer = await read(gateway, token)
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(await answer.json()).toMatchObject({ type: '/problems/identity-provider-down' })
})

test('a discovery document of another issuer is refused', async () => {
  const impostor = await serve(() => ({ issuer: provider.issuer, jwks_uri: `${provider.issuer}/jwks` }))
  const gateway = await trusting({ issuer: impostor.url, audience })
  const answer = await read(gateway, await forgedToken(impostor.url, { kid: 'key-1' }))
  expect(answer.status).toBe(503)
  expect(impostor.asked).toEqual(['/.well-known/openid-configuration'])
})

test('redirects are not followed, of discovery or of keys', async () => {
  const target = await serve(() => ({ keys: [] }))
  for (const moved of ['/.well-known/openid-configuration', '/jwks']) {
    const mover = await serve((path, url) =>
      path === moved ? `${target.url}${path}` : { issuer: url, jwks_uri: `${url}/jwks` },
    )
    const gateway = await trusting({ issuer: mover.url, audience })
    expect((await read(gateway, await forgedToken(mover.url, { kid: 'a' }))).status).toBe(503)
    expect(mover.asked.at(-1)).toBe(moved)
  }
  expect(target.asked).toEqual([])
})

test('nothing that a token names is fetched or believed', async () => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const trap = await serve(() => ({ keys: [{ ...jwk, kid: 'trap', alg: 'ES256' }] }))
  const gateway = await trusting(provider.config)
  for (const header of [
    { kid: 'trap', jku: `${trap.url}/jwks` },
    { kid: 'trap', x5u: `${trap.url}/chain.pem` },
    { kid: `${trap.url}/jwks` },
    { kid: 'trap', jwk },
    { jwk },
  ]) {
    const answer = await read(gateway, await forgedToken(provider.issuer, header))
    expect([header, answer.status]).toEqual([header, 401])
  }
  expect(trap.asked).toEqual([])
})

type Issuers = readonly Readonly<Record<string, string>>[]
function trust(...issuers: Issuers): Config {
  const loopback = { host: '127.0.0.1', port: 0 }
  const written = { listen: loopback, admin: loopback, auth: { issuers } }
  return parseConfig(JSON.stringify(written), 'oidc.json')
}

async function trusting(...issuers: Issuers): Promise<Gateway> {
  const gateway = await start(trust(...issuers), { logLevel: 'silent' })
  open.push(() => gateway.close())
  return gateway
}

function read(gateway: Gateway, token: string): Promise<Response> {
  return fetch(`${gateway.url}/v1/release`, { headers: { authorization: `Bearer ${token}` } })
}

/** Answers JSON, or redirects to what is a string. */
async function serve(
  answer: (path: string, url: string) => object | string,
): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = []
  let url = ''
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const given = answer(path, url)
    if (typeof given === 'string') response.writeHead(302, { location: given }).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(given))
  })
  url = `http://127.0.0.1:${await listenOn(server, 0)}`
  open.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url, asked }
}
