import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchange } from '../support/fleet-socket.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'

// What needs no token since only this machine reaches it is reached by a browser on this machine too, for any page: by a
// form that another origin posts, and by a domain that leads to 127.0.0.1 once its page is loaded (DNS rebinding).

let gateway: Served
beforeAll(async () => {
  gateway = await serveRegions({
    regions: { denver: { sw_patch_listen: { port: 0, anonymous_role: 'configurator' } } },
  })
})
afterAll(() => gateway.close())

async function ask(url: string, request: string, ...headers: readonly string[]): Promise<string> {
  const lines = [`${request} HTTP/1.1`, 'Content-Length: 0', ...headers, 'Connection: close', '', '']
  return (await exchange(url, lines.join('\r\n'))).toString()
}

const form = 'Content-Type: application/x-www-form-urlencoded'
const own = ['Host: 127.0.0.1:9', 'Host: localhost', 'Host: [::1]:9', 'Host: gateway:9']
const ofPages = [
  ['Host: 127.0.0.1:9', 'Origin: https://evil.example'],
  ['Host: 127.0.0.1:9', 'Origin: null'],
  ['Host: evil.example:9'],
  ['Host: 127.0.0.1.evil.example'],
  ['Host: evil.example.'],
]

describe('a listener for sw-patch that lets anybody write', () => {
  const at = (): string => gateway.urlOf('denver', 'swPatch')
  const writes = (): readonly unknown[] => gateway.region('denver').writes()

  test.each(ofPages)('takes nothing that a page may have caused: %s %s', async (...headers) => {
    for (const request of ['POST /patch/delete/P-1', 'GET /patch/query']) {
      expect(await ask(at(), request, form, ...headers)).toContain('"status":403')
    }
    expect(writes()).toEqual([])
  })

  test.each(own)('takes what a program on this machine asks: %s', async (host) => {
    const before = writes().length
    expect(await ask(at(), 'POST /patch/delete/P-1', host)).toContain('"info":"Done.')
    expect(writes().length).toBe(before + 1)
  })

  test('takes from anywhere what brings a token', async () => {
    const token = `X-Auth-Token: ${await gateway.token()}`
    expect(await ask(at(), 'GET /patch/query', 'Host: noc.example', token)).toContain('"pd"')
  })
})

describe('the admin port on loopback', () => {
  test.each(ofPages)('shows a page nothing, and confirms nothing for it: %s %s', async (...headers) => {
    const json = 'Content-Type: application/json'
    for (const request of ['GET /metrics', 'GET /discovery', 'POST /discovery/confirm']) {
      expect(await ask(gateway.adminUrl, request, json, ...headers)).toMatch(/^HTTP\/1\.1 403 /)
    }
  })

  test.each(own)('is asked by its address, or a name of this machine: %s', async (host) => {
    expect(await ask(gateway.adminUrl, 'GET /livez', host)).toMatch(/^HTTP\/1\.1 200 /)
  })
})
