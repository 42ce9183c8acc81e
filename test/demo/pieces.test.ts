import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChild } from '../../src/demo/child.ts'
import { gatewayConfig } from '../../src/demo/gatewayConfig.ts'
import { assertFree } from '../../src/demo/ports.ts'
import { waitUntilReady } from '../../src/demo/readiness.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-pieces-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function program(text: string) {
  const file = join(folder, 'program.ts')
  await writeFile(file, text)
  return startChild('program', file, [], join(folder, 'log'))
}

test('the configuration names each region and its services', () => {
  const regions = [
    {
      region_name: 'a',
      subcloud_name: 'boston-1',
      labels: { group: 'east' },
      endpoints: { usm: 'http://127.16.1.1:5497' },
    },
  ]
  const text = gatewayConfig({ port: 8080, adminPort: 9464, jwksFile: '/k/jwks.json', regions })
  expect(JSON.parse(text)).toMatchObject({
    listen: { host: '127.0.0.1', port: 8080 },
    admin: { host: '127.0.0.1', port: 9464 },
    auth: { issuers: [{ jwks_file: '/k/jwks.json', claims: { roles: 'roles', regions: 'regions' } }] },
    regions: [
      {
        region_name: 'a',
        subcloud_name: 'boston-1',
        usm: 'http://127.16.1.1:5497',
        credentials: 'none',
        labels: { group: 'east' },
      },
    ],
  })
})

test('a child that dies says how, and its last words are kept', async () => {
  const child = await program("console.log('hello'); console.error('no such file'); process.exit(3)")
  expect(await child.firstLine).toBe('hello')
  expect(await child.ended).toBe('the program ended with exit code 3')
  expect(child.lastLines()).toBe('no such file')
})

test('a child is stopped politely', async () => {
  const child = await program(
    "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000); console.log('up')",
  )
  await child.firstLine
  await child.stop()
  expect(await child.ended).toBe('the program ended with exit code 0')
  expect(await readFile(join(folder, 'log'), 'utf8')).toBe('up\n')
})

test('a port in use is named with the flag that changes it', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await expect(assertFree(port, '--port')).rejects.toThrow(
    `port ${port} is in use: choose another one with --port`,
  )
  server.close()
  await once(server, 'close')
  await assertFree(port, '--port')
})

test('readiness: 200, something else, nothing', async () => {
  let status = 503
  const server = createServer((_request, response) => response.writeHead(status).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { signal } = new AbortController()
  expect(await waitUntilReady(url, 300, signal)).toBe('not yet')
  status = 200
  expect(await waitUntilReady(url, 300, signal)).toBe('ready')
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
  expect(await waitUntilReady(url, 300, signal)).toBe('no answer')
})
