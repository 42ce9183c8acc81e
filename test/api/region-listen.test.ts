import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createAuthority, type CertificateAuthority } from '../support/certificates.ts'
import type { RawAnswer } from '../support/fleet-socket.ts'
import { serveRegions, type Served } from '../support/served-regions.ts'

// One region at the root of a listener of its own, with TLS or without.

let authority: CertificateAuthority
let folder: string
let gateway: Served
let tokens: {
  readonly reader: string
  readonly denver: string
  readonly expired: string
  readonly boston: string
}
beforeAll(async () => {
  authority = await createAuthority('noc')
  folder = await mkdtemp(join(tmpdir(), 'stx-fleet-listen-'))
  const { cert, key } = await authority.issue({ ip: '127.0.0.1', name: 'gw.example' })
  const tls = { cert_file: join(folder, 'cert.pem'), key_file: join(folder, 'key.pem') }
  await writeFile(tls.cert_file, cert)
  await writeFile(tls.key_file, key)
  const own = { host: '127.0.0.1', port: 0 }
  gateway = await serveRegions({
    regions: {
      boston: { listen: own, sw_patch_listen: { port: 0 } },
      denver: {
        listen: { ...own, tls },
        sw_patch_listen: { port: 0, host: '127.0.0.1', anonymous_role: 'configurator' },
      },
    },
    config: { listen: { ...own, tls } },
  })
  tokens = {
    reader: await gateway.token({ roles: ['reader'] }),
    denver: await gateway.token({ regions: ['denver'] }),
    boston: await gateway.token({ regions: ['boston'] }),
    expired: await gateway.token({ ttl: -60 }),
  }
})
afterAll(async () => {
  await gateway.close()
  await authority.close()
  await rm(folder, { recursive: true, force: true })
})

const writesTo = (name: string): string[] =>
  gateway
    .region(name)
    .writes()
    .map(({ method, path }) => `${method} ${path}`)

describe('regions[].listen', () => {
  const at = (): string => gateway.urlOf('boston', 'listen')
  const ask = async (method: string, path: string, token?: string): Promise<number> =>
    (await gateway.ask(method, path, { at: at(), ...(token !== undefined && { token }) })).status

  test.each(['/v1/release', '/v1/deploy', '/usm/v1/release', '/patching/v1/query', '/v1/query', '/', '/v1'])(
    'GET %s is the region’s',
    async (path) => {
      const before = gateway.region('boston').requests.length
      const answer = await gateway.ask('GET', path, { at: at() })
      // The played region has no document at its root.
      expect(answer.status).toBe(path === '/' ? 404 : 200)
      expect(gateway.region('boston').requests.length).toBeGreaterThan(before)
      expect(gateway.region('denver').writes()).toEqual([])
    },
  )

  test('links lead through it', async () => {
    const answer = await gateway.ask('GET', '/v1', { at: at() })
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      release: [{ href: 'http://gateway/v1/release/', rel: 'self' }],
    })
  })

  test('a token is needed, with role and scope as everywhere', async () => {
    expect(await ask('GET', '/v1/release', '')).toBe(401)
    expect(await ask('GET', '/v1/release', 'nonsense')).toBe(401)
    expect(await ask('GET', '/v1/release', tokens.expired)).toBe(401)
    expect(await ask('GET', '/v1/release', tokens.denver)).toBe(404)
    expect(await ask('POST', '/v1/deploy/abort', tokens.denver)).toBe(404)
    expect(await ask('POST', '/v1/deploy/abort', tokens.reader)).toBe(403)
    expect(writesTo('boston')).toEqual([])
    expect(await ask('POST', '/v1/deploy/abort', tokens.boston)).toBe(200)
    expect(writesTo('boston')).toEqual(['POST /v1/deploy/abort'])
  })

  test('no other region is behind it', async () => {
    const before = writesTo('denver')
    for (const path of [
      '/regions/denver/v1/deploy/abort',
      '/denver/v1/deploy/abort',
      '/v1/deploy/abort?region_name=denver',
      '/v1/deploy/abort?region_name=boston&region_name=denver',
      '/patch/apply/P-1',
      '/fleet/v1/regions',
      '/metrics',
    ]) {
      expect([400, 404]).toContain(await ask('POST', path))
    }
    expect(await ask('GET', '/metrics')).toBe(404)
    expect(writesTo('denver')).toEqual(before)
  })
})

describe('regions[].sw_patch_listen', () => {
  /** `sw-patch` is told failures as Patching tells them: 200, with the status in the body. */
  const toldBy = ({ status, body }: RawAnswer): number => {
    const told = JSON.parse(body.toString()) as { readonly status?: number }
    return status === 200 ? (told.status ?? 200) : status
  }
  const anonymously = async (method: string, path: string, name = 'boston'): Promise<number> =>
    toldBy(await gateway.ask(method, path, { at: gateway.urlOf(name, 'swPatch'), token: '' }))
  afterEach(() => expect(writesTo('boston').filter((each) => each.includes('apply'))).toEqual([]))

  test('whoever has no token reads, by GET and by POST', async () => {
    for (const path of ['/patch/query', '/patch/query/', '/patch/query_hosts', '/patch/query?show=all']) {
      expect(await anonymously('GET', path)).toBe(200)
    }
    const asked = gateway.region('boston').requests.at(-1)
    expect(asked).toMatchObject({ path: '/v1/query?show=all' })
    expect(asked?.headers['x-auth-token']).toBeUndefined()
    expect(await anonymously('POST', '/patch/query')).toBe(200)
  })

  test('but does not write', async () => {
    for (const path of [
      '/patch/apply/P-1',
      '/patch/upload',
      '/patch/host_install_async/controller-0',
      '/patch/drop_host/controller-0',
    ]) {
      expect(await anonymously('POST', path)).toBe(403)
      expect(await anonymously('GET', path)).toBe(405)
    }
  })

  test('a credential that is presented counts, and a bad one is not passed over', async () => {
    const swPatch = gateway.urlOf('boston', 'swPatch')
    const status = async (
      headers: readonly string[],
      method = 'GET',
      path = '/patch/query',
    ): Promise<number> => toldBy(await gateway.ask(method, path, { at: swPatch, token: '', headers }))
    for (const header of [
      'X-Auth-Token: nonsense',
      'X-Auth-Token:',
      'Authorization: Basic YTpi',
      'Authorization: Bearer',
      'OIDC-Token: x',
      `X-Auth-Token: ${tokens.expired}`,
    ]) {
      expect([header, await status([header])]).toEqual([header, 401])
    }
    expect(await status([`X-Auth-Token: ${tokens.reader}`, `Authorization: Bearer ${tokens.reader}`])).toBe(
      401,
    )
    expect(await status([`X-Auth-Token: ${tokens.denver}`])).toBe(404)
    expect(await status([`X-Auth-Token: ${tokens.reader}`])).toBe(200)
    expect(await status([`X-Auth-Token: ${tokens.boston}`], 'POST', '/patch/delete/P-1')).toBe(200)
    expect(writesTo('boston')).toContain('POST /v1/delete/P-1')
  })

  test.each([
    '/',
    '/patch',
    '/patch/',
    '/patch/v1/query',
    '/v1/query',
    '/patch/patch/query',
    '/patch/release',
    '/patch/deploy',
    '/patch/usm/v1/release',
    '/patch/patching/v1/query',
    '/patch/../v1/release',
    '/patch/%2e%2e/v1/release',
    '/Patch/query',
    '//patch/query',
    '/regions/boston/v1/query',
    '/regions/denver/v1/query',
    '/metrics',
  ])('%s is nothing here', async (path) => {
    expect([400, 404]).toContain(await anonymously('GET', path))
    expect([400, 404]).toContain(await anonymously('POST', path))
  })

  test('an anonymous role may be another, for its own region only', async () => {
    expect(await anonymously('POST', '/patch/delete/P-1?region_name=boston', 'denver')).toBe(400)
    expect(await anonymously('POST', '/patch/delete/P-2', 'denver')).toBe(200)
    expect(writesTo('denver')).toEqual(['POST /v1/delete/P-2'])
    const line = await gateway.auditedAs(({ path }) => path === '/patch/delete/P-2')
    expect(line).toMatchObject({ subject: 'anonymous', issuer: 'listener of denver', role: 'configurator' })
  })
})

describe('TLS', () => {
  interface Options {
    readonly ca?: string
    readonly servername?: string
  }
  const ask = (url: string, { ca = authority.cert, servername }: Options = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { 'x-auth-token': tokens.reader }
      request(
        url,
        { ca, headers, agent: false, ...(servername !== undefined && { servername }) },
        (answer) => {
          answer.setEncoding('utf8')
          let text = String(answer.statusCode)
          answer.on('data', (piece: string) => (text += piece)).on('end', () => resolve(text))
        },
      )
        .on('error', reject)
        .end()
    })

  test('of the whole fleet’s listener, and of one region’s', async () => {
    expect(gateway.url).toMatch(/^https:/)
    expect(await ask(`${gateway.url}/v1/release?region_name=boston`)).toMatch(/^200\[/)
    expect(await ask(`${gateway.url}/regions/boston/v1/release`)).toMatch(/^200\[/)
    expect(await ask(`${gateway.urlOf('denver', 'listen')}/v1/release`)).toMatch(/^200\[/)
    const version = await ask(`${gateway.urlOf('denver', 'listen')}/v1`)
    expect(version).toContain(`"href":"${gateway.urlOf('denver', 'listen')}/v1/release/"`)
  })

  test('is the certificate that was configured', async () => {
    await expect(ask(gateway.url, { ca: '' })).rejects.toThrow(/self-signed|unable to/)
    const other = await createAuthority('someone else')
    await expect(ask(gateway.url, { ca: other.cert })).rejects.toThrow()
    await other.close()
  })

  test.each(['TLSv1', 'TLSv1.1'] as const)('%s is spoken with nobody', async (version) => {
    const { port } = new URL(gateway.url)
    const options = { host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }
    const outcome = await new Promise<string>((resolve) => {
      const socket = connectTls({
        ...options,
        minVersion: version,
        maxVersion: version,
        ciphers: 'ALL@SECLEVEL=0',
      })
      socket.on('secureConnect', () => resolve('connected')).on('error', () => resolve('refused'))
    })
    expect(outcome).toBe('refused')
  })

  test('plain HTTP is no request there', async () => {
    const answer = await gateway
      .ask('GET', '/v1/release', { at: gateway.url.replace('https', 'http') })
      .catch(() => undefined)
    expect(answer?.status ?? 0).not.toBe(200)
  })
})
