import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SecureVersion } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { UpstreamError } from '../../src/upstream/error.ts'
import { createHttp, type HttpClient } from '../../src/upstream/http.ts'
import {
  createAuthority,
  type CertificateAuthority,
  type IssuedCertificate,
} from '../support/certificates.ts'

// Regions behind TLS, by an authority that the operator configures.

interface Site {
  readonly url: URL
  /** One per connection: whether its session was resumed, its protocol, and the name asked for. */
  readonly connections: {
    readonly resumed: boolean
    readonly protocol: string | null
    readonly name: unknown
  }[]
}

let authority: CertificateAuthority
const open: (() => Promise<void> | void)[] = []

beforeAll(async () => {
  authority = await createAuthority('dc-adminep-root-ca')
})
afterAll(() => authority.close())
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a certificate for the IP address is verified, sessions are resumed, and no name is sent (%s)',
  async (version) => {
    const site = await serve(await authority.issue({ ip: '127.0.0.1' }), version)
    const client = clientOf(site.url)
    for (let i = 0; i < 10; i++) expect(await get(client)).toBe(200)
    expect(site.connections).toEqual(
      Array.from({ length: 10 }, (_, i) => ({ resumed: i > 0, protocol: version, name: false })),
    )
  },
)

test('a host name is sent, and checked', async () => {
  const site = await serve(await authority.issue({ name: 'localhost' }))
  expect(await get(clientOf(new URL(`https://localhost:${site.url.port}`)))).toBe(200)
  expect(site.connections.map(({ name }) => name)).toEqual(['localhost'])
})

test('a region whose authority changed is not reached by the session of before', async () => {
  const certificate = await authority.issue({ ip: '127.0.0.1' })
  const site = await serve(certificate)
  const client = clientOf(site.url)
  expect(await get(client)).toBe(200)
  const [close] = open.splice(0, 1)
  await close?.()
  const stranger = await strange()
  await serve(await stranger.issue({ ip: '127.0.0.1' }), undefined, Number(site.url.port))
  expect(await get(client)).toMatch(/^tls: GET \/: TLS: .*\(\w+\)$/)
})

test('an unknown authority, an expired certificate, one of another address or name: tls', async () => {
  const stranger = await strange()
  const refused = [
    await stranger.issue({ ip: '127.0.0.1' }),
    await authority.issue({ ip: '127.0.0.1', expired: true }),
    await authority.issue({ ip: '127.0.0.2' }),
    await authority.issue({ name: 'localhost' }),
  ]
  const said: (string | number)[] = []
  for (const certificate of refused) {
    const site = await serve(certificate)
    const client = clientOf(site.url)
    said.push(await get(client))
    // Nor when asked again: nothing was remembered that would let it in.
    expect(await get(client)).toBe(said.at(-1))
  }
  expect(said).toEqual([
    expect.stringMatching(/^tls: .*\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)$/),
    expect.stringMatching(/^tls: .*\(CERT_HAS_EXPIRED\)$/),
    expect.stringMatching(/^tls: .*\(ERR_TLS_CERT_ALTNAME_INVALID\)$/),
    expect.stringMatching(/^tls: .*\(ERR_TLS_CERT_ALTNAME_INVALID\)$/),
  ])
})

async function strange(): Promise<CertificateAuthority> {
  const stranger = await createAuthority('a stranger')
  open.push(() => stranger.close())
  return stranger
}

async function serve(certificate: IssuedCertificate, version?: SecureVersion, port = 0): Promise<Site> {
  const connections: Site['connections'] = []
  const server: Server = createServer(
    { ...certificate, ...(version && { minVersion: version, maxVersion: version }) },
    (_, response) => response.writeHead(200, { connection: 'close' }).end('[]'),
  )
  server.on('secureConnection', (socket) =>
    connections.push({
      resumed: socket.isSessionReused(),
      protocol: socket.getProtocol(),
      name: socket.servername,
    }),
  )
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  open.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  return { url: new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`), connections }
}

function clientOf(url: URL): HttpClient {
  const limits = {
    connectTimeout: 5_000,
    firstByteTimeout: 10_000,
    idleTimeout: 10_000,
    totalTimeout: 20_000,
    maxInFlight: 2 ** 26,
    maxResponse: 1024,
  }
  const client = createHttp(limits, authority.cert)(url)
  open.push(() => client.close())
  return client
}

/** The status, or the kind and the words of the failure. */
async function get(client: HttpClient): Promise<number | string> {
  try {
    return (await client.send({ method: 'GET', path: '/', headers: {} })).status
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
    return `${error.kind}: ${error.message}`
  }
}
