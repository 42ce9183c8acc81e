import { afterAll, beforeAll, expect, test } from 'vitest'
import { allDoors, everyDoor, outOfScope } from '../support/every-door.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'
import { startOidcProvider, type OidcProvider } from './provider.ts'

// Tokens that a real OpenID provider issues, of each role and of different scope, through every door of the whole gateway.

const boston = { name: '5d5b', subcloud: 'boston-1' }
const denver = { name: '7e7c', subcloud: 'denver' }
let provider: OidcProvider
let gateway: Served
beforeAll(async () => {
  provider = await startOidcProvider({
    reader: { roles: ['reader'], regions: ['*'] },
    operator: { roles: ['operator'], regions: ['*'] },
    configurator: { roles: ['configurator'], regions: '*' },
    admin: { roles: ['Admin'], regions: ['boston-1', 'denver'] },
    member: { roles: ['member'], regions: ['*'] },
    easterner: { roles: ['configurator'], regions: ['group:east'] },
    lost: { roles: ['admin'] },
  })
  const listen = { host: '127.0.0.1', port: 0 }
  gateway = await serveRegions({
    regions: {
      '5d5b': { subcloud_name: 'boston-1', labels: { group: 'east' }, listen },
      '7e7c': { subcloud_name: 'denver', labels: { group: 'west' }, listen },
    },
    config: { auth: { issuers: [{ ...provider.config, claims: { regions: 'regions' } }] } },
  })
})
afterAll(async () => {
  await gateway.close()
  await provider.close()
})

test.each<[string, number, number]>([
  ['reader', 200, 403],
  ['operator', 200, 403],
  ['configurator', 200, 200],
  ['admin', 200, 200],
  ['member', 403, 403],
])('%s', async (client, reads, writes) => {
  expect(await everyDoor(gateway, await provider.token(client), boston)).toEqual(allDoors(reads, writes))
})

test('a scope, and a token without the claim: what is out of it does not exist', async () => {
  const easterner = await provider.token('easterner')
  expect(await everyDoor(gateway, easterner, boston)).toEqual(allDoors(200, 200))
  expect(await everyDoor(gateway, easterner, denver)).toEqual(outOfScope)
  expect(await everyDoor(gateway, await provider.token('lost'), boston)).toEqual(outOfScope)
})

test('whoami tells what the token says and what that comes to', async () => {
  const answer = await gateway.ask('GET', '/fleet/v1/whoami', { token: await provider.token('easterner') })
  expect(JSON.parse(answer.body.toString())).toMatchObject({
    subject: 'easterner',
    issuer: provider.issuer,
    roles: { granted: ['configurator'], effective: 'configurator' },
    may: { read: true, write: true },
    regions: { all: false, visible: 1, scope: ['group:east'] },
    expires_at: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
  })
})
