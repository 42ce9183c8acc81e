import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { createCertificate } from '../support/certificate.ts'
import { answer } from '../support/raw-region.ts'
import { failureOf } from './failure-of.ts'
import { createHttpSetup } from './http-setup.ts'

const { region, client, get } = createHttpSetup()
const certificate = createCertificate('IP:127.0.0.1')

test('a certificate of the configured CA is trusted, and the front’s connection kept', async () => {
  const front = await region(
    (socket, _, turn) => socket.write(answer(`[${turn}]`, { headers: ['connection: keep-alive'] })),
    { tls: certificate },
  )
  const asking = client(front.url, {}, certificate.cert)
  await get(asking)
  expect(await get(asking)).toEqual({ status: 200, contentType: '', body: '[1]' })
  expect(front.connections()).toBe(1)
})

test('when the certificate ends is known from the first connection on, also when it is kept or resumed', async () => {
  const front = await region((socket) => socket.end(answer('[]')), { tls: certificate })
  const asking = client(front.url, {}, certificate.cert)
  expect(asking.certificateEndsAt()).toBeUndefined()
  const end = Date.parse(new X509Certificate(certificate.cert).validTo)
  for (let i = 0; i < 3; i++) {
    await get(asking)
    expect(asking.certificateEndsAt()).toBe(end)
  }
})

test('without TLS no certificate ends', async () => {
  const plain = await region((socket) => socket.end(answer('[]')))
  const asking = client(plain.url)
  await get(asking)
  expect(asking.certificateEndsAt()).toBeUndefined()
})

test('a self-signed certificate is not trusted, and nothing is asked', async () => {
  const unknown = await region((socket) => socket.end(answer('[]')), { tls: certificate })
  expect(await failureOf(get(client(unknown.url)))).toEqual({
    kind: 'tls',
    message: expect.stringMatching(
      /^GET \/v1\/release: TLS: self-signed certificate.* \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    ),
  })
  expect(unknown.heads).toEqual([])
})

test('a certificate of another CA than the configured one is not trusted', async () => {
  const unknown = await region((socket) => socket.end(answer('[]')), { tls: certificate })
  const other = createCertificate('IP:127.0.0.1')
  expect(await failureOf(get(client(unknown.url, {}, other.cert)))).toMatchObject({ kind: 'tls' })
})

test('an expired certificate', async () => {
  const expired = createCertificate('IP:127.0.0.1', 'expired')
  const old = await region((socket) => socket.end(answer('[]')), { tls: expired })
  expect(await failureOf(get(client(old.url, {}, expired.cert)))).toEqual({
    kind: 'tls',
    message: 'GET /v1/release: TLS: certificate has expired (CERT_HAS_EXPIRED)',
  })
})

test('a certificate for another address', async () => {
  const elsewhere = createCertificate('IP:127.0.0.9')
  const wrong = await region((socket) => socket.end(answer('[]')), { tls: elsewhere })
  expect(await failureOf(get(client(wrong.url, {}, elsewhere.cert)))).toEqual({
    kind: 'tls',
    message: expect.stringMatching(/^GET \/v1\/release: TLS: .+ \(ERR_TLS_CERT_ALTNAME_INVALID\)$/s),
  })
})

test('a certificate for another name', async () => {
  const named = createCertificate('DNS:east.example')
  const wrong = await region((socket) => socket.end(answer('[]')), { tls: named })
  const byName = new URL(`https://localhost:${wrong.port}`)
  expect(await failureOf(get(client(byName, {}, named.cert)))).toMatchObject({ kind: 'tls' })
})

test('plain HTTP where TLS is expected', async () => {
  const plain = await region((socket) => socket.end(answer('[]')))
  const url = new URL(`https://127.0.0.1:${plain.port}`)
  const failing = failureOf(get(client(url, { connectTimeout: 300 })))
  expect(['tls', 'timeout']).toContain((await failing).kind)
})

test('TLS where plain HTTP is expected: an answer that is not HTTP, or none', async () => {
  const secure = await region((socket) => socket.end(answer('[]')), { tls: certificate })
  const url = new URL(`http://127.0.0.1:${secure.port}`)
  expect(['malformed', 'unreachable']).toContain((await failureOf(get(client(url)))).kind)
})
