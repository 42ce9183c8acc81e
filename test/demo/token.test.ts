import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, jwtVerify } from 'jose'
import type { JSONWebKeySet } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { durationFlag, listFlag, portFlag } from '../../src/demo/flags.ts'
import { audience, createKeyFiles, issuer, signToken } from '../../src/demo/key.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-key-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a token says who, what and for how long, and the public key proves it', async () => {
  const { jwksFile, keyFile } = await createKeyFiles(folder)
  const token = await signToken(keyFile, { roles: ['reader'], regions: ['sub*'], ttlSeconds: 60 })
  const jwks = JSON.parse(await readFile(jwksFile, 'utf8')) as JSONWebKeySet
  const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
    issuer,
    audience,
    algorithms: ['ES256'],
  })
  expect(payload).toMatchObject({ roles: ['reader'], regions: ['sub*'], sub: 'demo' })
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
})

test('the private key stays private', async () => {
  const { jwksFile, keyFile } = await createKeyFiles(folder)
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
  expect(await readFile(jwksFile, 'utf8')).not.toContain('"d"')
})

test('flags', () => {
  expect(['90s', '15m', '1h', '7d'].map(durationFlag)).toEqual([90, 900, 3600, 604_800])
  expect(() => durationFlag('1 hour')).toThrow('such as')
  expect(() => durationFlag('0s')).toThrow('such as')
  expect(listFlag('a, b,')).toEqual(['a', 'b'])
  expect(() => listFlag(' ')).toThrow('at least one')
  expect(() => portFlag('70000')).toThrow('a port')
})
