import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startKeystone, type KeystoneServer } from '../support/keystone-server.ts'
import { createWorld, type World } from './world.ts'

// Debian's real Keystone refuses: a token that it took back, a password that is wrong, a locked account.

let keystone: KeystoneServer
let world: World

beforeAll(async () => {
  keystone = await startKeystone()
}, 300_000)
beforeEach(async () => {
  keystone.setClock(0)
  world = await createWorld(keystone)
})
afterEach(() => world.close())
afterAll(() => keystone.close())

test('a revoked token: one login, and the read is sent once more', async () => {
  await world.ask()
  const [revoked = ''] = world.shown()
  await keystone.admin.revoke(revoked)
  expect(await world.ask()).toBe('answered')
  expect(world.logins()).toEqual([201, 201])
  const fresh = world.front.logins[1]?.token
  expect(world.shown()).toEqual([revoked, revoked, fresh])
})

test('all fernet keys replaced: one login, and the read is sent once more', async () => {
  await world.ask()
  keystone.replaceFernetKeys()
  expect(await world.ask()).toBe('answered')
  expect(world.logins()).toEqual([201, 201])
  expect(world.shown()).toHaveLength(3)
})

test('a revoked token and a wrong password: the read is not sent again', async () => {
  await world.ask()
  const [token = ''] = world.shown()
  await keystone.admin.revoke(token)
  world.password = 'wrong'
  expect(await world.ask()).toMatchObject({ kind: 'unauthorized' })
  expect(world.shown()).toHaveLength(2)
  expect(world.logins()).toEqual([201, 401])
})

test('a wrong password is tried twice however many ask, and the account is not locked', async () => {
  world.password = 'wrong'
  const asked = await Promise.all(Array.from({ length: 20 }, () => world.ask()))
  for (let i = 0; i < 10; i++) asked.push(await world.ask())
  expect(world.logins()).toEqual([401, 401])
  expect(asked[0]).toEqual({
    kind: 'unauthorized',
    message: `Keystone refused the login of "${world.username}"`,
  })
  expect(asked.at(-1)).toEqual({
    kind: 'unauthorized',
    message: `"${world.username}": Keystone refused this password twice; no further login until it changes`,
  })
  // Another wrong one has two attempts of its own; the fifth failure would lock the account.
  world.password = 'also wrong'
  for (let i = 0; i < 5; i++) await world.ask()
  expect(world.logins()).toEqual([401, 401, 401, 401])
  world.password = world.rightPassword
  expect(await world.ask()).toBe('answered')
  expect(world.logins()).toEqual([401, 401, 401, 401, 201])
})

test('a locked account is tried twice, and not again of our own accord when the lock has ended', async () => {
  const right = world.rightPassword
  world.password = 'wrong'
  for (let i = 0; i < 3; i++) await world.ask()
  for (let i = 0; i < 3; i++) expect(await world.guessElsewhere()).toBe(401)
  expect(await world.logInElsewhere()).toBe(401)
  world.password = right
  for (let i = 0; i < 5; i++) expect(await world.ask()).toMatchObject({ kind: 'unauthorized' })
  expect(world.logins()).toEqual([401, 401, 401, 401])
  keystone.setClock(1801)
  expect(await world.logInElsewhere()).toBe(201)
  expect(await world.ask()).toMatchObject({ kind: 'unauthorized' })
  expect(world.logins()).toHaveLength(4)
})

test('an expired password: tried twice, and the user id in what Keystone says is not repeated', async () => {
  keystone.setClock(91 * 24 * 3600)
  const asked = [await world.ask(), await world.ask(), await world.ask()]
  expect(world.logins()).toEqual([401, 401])
  expect(world.front.logins[0]?.body).toMatch(/password is expired.*user: [0-9a-f]{32}/)
  expect(JSON.stringify(asked)).not.toMatch(/expired|[0-9a-f]{32}/)
})

test('what failures say holds no password, no token and none of the words of Keystone', async () => {
  const answers = [await world.ask()]
  const [token = ''] = world.shown()
  await keystone.admin.revoke(token)
  world.password = 'a wrong password that is a secret'
  for (let i = 0; i < 4; i++) answers.push(await world.ask())
  const said = JSON.stringify(answers)
  for (const secret of [token, world.password, world.rightPassword]) expect(said).not.toContain(secret)
  for (const { body } of world.front.logins.slice(1)) {
    expect(said).not.toContain((JSON.parse(body) as { error: { message: string } }).error.message)
  }
})
