import { existsSync, readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { createSimulator } from '../../src/simulator/simulator.ts'
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.ts'
import { planOf } from './oneRegion.ts'
import { askOn, rawGet } from './rawHttp.ts'
import { openSecure, secureGet } from './secureGet.ts'

let simulator: Simulator
afterEach(() => simulator.close())

async function start(options: SimulatorOptions = {}) {
  const names = ['RegionOne', 'boston-1']
  const plans = names.map((name) => planOf({ name, subcloud: name, release: '10', mode: 'direct' }))
  simulator = await createSimulator({ plans, tls: true, ...options })
  const [central, subcloud] = simulator.regions()
  if (!central || !subcloud) throw new Error('two regions')
  return { central, subcloud, usm: subcloud.endpoints.usm ?? '' }
}

const trusted = () => readFileSync(simulator.cloud.view().ca_file ?? '', 'utf8')
const status = async (url: string, ca: string) => (await secureGet(url, ca)).status
const post = (path: string, body: unknown) =>
  fetch(simulator.control + path, { method: 'POST', body: JSON.stringify(body) })

test('all that a region has listens on its admin port, with a certificate for its address', async () => {
  const { central, subcloud, usm } = await start({
    keystone: { user: 'fleet', password: 'secret' },
    dcmanager: true,
  })
  const ports = (endpoints: object) =>
    Object.entries(endpoints).map(([name, url]) => `${name} ${new URL(String(url)).port}`)
  expect(ports(central.endpoints)).toEqual([
    'usm 5498',
    'patching 5492',
    'proxy 25498',
    'keystone 5001',
    'dcmanager 8120',
  ])
  const internal = (central.endpoints.usm ?? '').replace(/^https(.*)5498$/, 'http$15497')
  expect((await rawGet(`${internal}/v1/release`)).status).toBe(401)
  expect(ports(subcloud.endpoints)).toEqual(['usm 5498', 'patching 5492', 'keystone 5001'])
  for (const url of Object.values(subcloud.endpoints)) {
    const socket = await openSecure(url, trusted())
    expect(socket.authorized).toBe(true)
    expect(socket.getPeerCertificate()).toMatchObject({
      subject: { CN: 'boston-1' },
      subjectaltname: `IP Address:${new URL(usm).hostname}, DNS:boston-1`,
      issuer: { CN: 'Simulated DC root' },
      asn1Curve: 'prime256v1',
    })
    socket.destroy()
  }
  expect(await status(`${usm}/v1/release`, trusted())).toBe(401)
  expect(await status(subcloud.endpoints.keystone ?? '', trusted())).toBe(200)
})

test('a renewed root that overlaps: open connections stay, new ones need the new file', async () => {
  const { usm } = await start()
  const old = trusted()
  const open = await openSecure(usm, old)
  await post('/ca', { bundle: 'both' })
  expect((await askOn(open, `${usm}/v1/release`)).status).toBe(200)
  open.destroy()
  await expect(status(usm, old)).rejects.toMatchObject({
    code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) as string,
  })
  expect(trusted()).toContain(old)
  expect(await status(`${usm}/v1/release`, trusted())).toBe(200)
  await post('/ca', { publish: 'new' })
  expect(trusted()).not.toContain(old)
  expect(await status(`${usm}/v1/release`, trusted())).toBe(200)
})

test('a renewal in steps: both are trusted before any server changes', async () => {
  const { usm } = await start()
  const old = trusted()
  await post('/ca', { prepare: true })
  const both = trusted()
  expect(both).toContain(old)
  expect([await status(`${usm}/v1`, old), await status(`${usm}/v1`, both)]).toEqual([200, 200])
  await post('/ca', { bundle: 'later' })
  expect(await status(`${usm}/v1`, both)).toBe(200)
  await expect(status(usm, old)).rejects.toThrow()
  await post('/ca', { publish: 'new' })
  expect(await status(`${usm}/v1`, trusted())).toBe(200)
})

test('a renewed root that does not overlap, and one whose file comes later', async () => {
  const { usm } = await start()
  const first = trusted()
  await post('/ca', { bundle: 'new' })
  const second = trusted()
  expect(second).not.toContain(first)
  expect(await status(`${usm}/v1/release`, second)).toBe(200)
  await post('/ca', { bundle: 'later' })
  expect(trusted()).toBe(second)
  await expect(status(usm, second)).rejects.toThrow()
  await post('/ca', { publish: 'both' })
  expect(trusted()).toContain(second)
  expect(await status(`${usm}/v1/release`, trusted())).toBe(200)
})

test('certificates that are wrong', async () => {
  const { usm } = await start()
  const code = async (kind: string) => {
    await post('/regions/boston-1/certificate', { kind })
    return status(usm, trusted()).catch((error: { code: string }) => error.code)
  }
  expect(await code('expired')).toBe('CERT_HAS_EXPIRED')
  expect(await code('wrong-name')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  expect(await code('untrusted')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  expect(await code('good')).toBe(200)
})

test('a moved region has a certificate for its new address', async () => {
  await start({ keystone: { user: 'fleet', password: 'secret' }, dcmanager: true })
  await post('/subclouds/boston-1', { move: true })
  const { usm = '' } = simulator.regions()[1]?.endpoints ?? {}
  const socket = await openSecure(usm, trusted())
  expect(socket.getPeerCertificate().subjectaltname).toContain(`IP Address:${new URL(usm).hostname}`)
  socket.destroy()
})

test('faults of the connection are the same over TLS', async () => {
  const { usm } = await start()
  for (const kind of ['cut', 'lost'] as const) {
    await simulator.setFault('boston-1', { kind }, 'usm')
    await expect(status(`${usm}/v1/release`, trusted())).rejects.toThrow()
  }
  await simulator.setFault('boston-1', { kind: 'refuse' }, 'usm')
  await expect(status(usm, trusted())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await simulator.clearFault('boston-1', 'usm')
  expect(await status(`${usm}/v1/release`, trusted())).toBe(200)
})

test(
  'a hundred regions, renewed together; the file goes with the simulator',
  { timeout: 30_000 },
  async () => {
    simulator = await createSimulator({ fleet: { regions: 100, latency: [0, 0] }, tls: true })
    await simulator.cloud.renewCa()
    const urls = simulator.regions().map(({ endpoints }) => `${endpoints.usm}/v1/release`)
    const ca = trusted()
    const statuses = await Promise.all(urls.map((url) => status(url, ca)))
    expect(new Set(statuses)).toEqual(new Set([200]))
    const { ca_file: file } = simulator.cloud.view()
    await simulator.close()
    expect(existsSync(file ?? '')).toBe(false)
  },
)
