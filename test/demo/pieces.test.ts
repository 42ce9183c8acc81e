import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChild } from '../../src/demo/child.ts'
import { cloudFlags, createAccount } from '../../src/demo/discovery.ts'
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
    baseline: { release_ids: ['starlingx-24.09.3'] },
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

test('a discovered configuration names no region but the system controller, its login and its authority', async () => {
  const account = await createAccount(folder)
  const cloud = {
    keystone: 'https://127.16.1.1:5001/v3',
    dcmanager: 'https://127.16.1.1:8120/v1.0',
    ca_file: join(folder, 'ca.pem'),
  }
  const ports = { port: 8080, adminPort: 9464, jwksFile: '/k/jwks.json' }
  const config = JSON.parse(gatewayConfig({ ...ports, regions: [], discover: { cloud, account } })) as object
  const { discovery, credentials, upstream, metrics } = config as Record<string, unknown>
  expect(config).not.toHaveProperty('regions')
  expect({ discovery, credentials, upstream, metrics }).toEqual({
    discovery: [
      {
        kind: 'dcmanager',
        url: 'https://127.16.1.1:8120/v1.0',
        keystone: 'https://127.16.1.1:5001/v3',
        credentials: 'default',
        interval: '10s',
      },
    ],
    credentials: {
      default: {
        username: 'fleet',
        password_file: join(folder, 'password'),
        project_name: 'services',
        user_domain_name: 'Default',
        project_domain_name: 'Default',
      },
    },
    upstream: {
      connect_timeout: '3s',
      first_byte_timeout: '4s',
      idle_timeout: '3s',
      read_timeout: '10s',
      ca_file: join(folder, 'ca.pem'),
    },
    metrics: { region_labels: ['group'] },
  })
  expect((await stat(account.passwordFile)).mode & 0o077).toBe(0)
})

test('the simulator says where its cloud is when it was started with what the demo gives it', async () => {
  const account = await createAccount(folder)
  const simulator = join(import.meta.dirname, '../../src/simulator/main.ts')
  const args = ['--regions', '2', ...cloudFlags(account, folder)]
  const child = startChild('simulator', simulator, args, join(folder, 'log'))
  const ready = JSON.parse(await child.firstLine) as Record<string, string>
  expect(ready).toMatchObject({
    keystone: expect.stringMatching(/^https:.*:5001\/v3$/) as string,
    dcmanager: expect.stringMatching(/^https:.*:8120\/v1\.0$/) as string,
    ca_file: join(folder, 'ca.pem'),
    user: 'fleet',
    project: 'services',
  })
  expect(await readFile(ready['ca_file'] ?? '', 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/)
  await child.stop()
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
