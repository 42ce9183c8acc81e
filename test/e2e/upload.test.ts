import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { createTokenIssuer } from '../support/tokens.ts'

const MiB = 2 ** 20

test('256 MB through the gateway: the region gets the same bytes, and the gateway keeps few of them', async () => {
  const simulator = await createSimulator({
    seed: 1,
    profile: 'plain',
    fleet: { regions: 1, mix: { 11: 1 }, latency: [0, 0] },
  })
  onTestFinished(() => simulator.close())
  const issuer = await createTokenIssuer()
  onTestFinished(() => issuer.close())
  const [region] = simulator.regions()
  const gateway = await startGatewayProcess({}, () => ({
    auth: { issuers: [issuer.config] },
    regions: [{ region_name: region?.region_name, usm: region?.endpoints.usm }],
  }))
  onTestFinished(() => gateway.end())
  const token = await issuer.sign({ roles: ['configurator'] })
  const url = `${gateway.url}/regions/${region?.region_name}/v1/upload`

  // The first one warms up: code, pools and buffers that are kept are no growth.
  await upload(url, token, 'starlingx-25.09.8.patch', 16 * MiB)
  const before = memoryOf(gateway.pid)
  const sent = await upload(url, token, 'starlingx-25.09.9.patch', 256 * MiB)

  expect(sent).toMatchObject({ status: 200, answer: { error: '' } })
  expect(memoryOf(gateway.pid) - before).toBeLessThanOrEqual(64 * MiB)
  const received = simulator.requests()[0]?.usm?.writes.at(-1)
  expect(received).toMatchObject({ method: 'POST', path: '/v1/release' })
  expect(received?.parts).toMatchObject([
    { filename: 'starlingx-25.09.9.patch', bytes: 256 * MiB, sha256: sent.sha256 },
  ])
}, 120_000)

/** The most that a process had in memory since this was asked last, in bytes. */
function memoryOf(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  // The high-water mark begins anew.
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  return Number(kilobytes) * 1024
}

interface Sent {
  readonly status: number
  readonly answer: unknown
  readonly sha256: string
}

/** Sends a form with one file of this size, no faster than it is taken. */
async function upload(url: string, token: string, name: string, size: number): Promise<Sent> {
  const head = `--b\r\nContent-Disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n`
  const end = '\r\n--b--\r\n'
  const outgoing = request(url, {
    method: 'POST',
    headers: {
      'x-auth-token': token,
      'content-type': 'multipart/form-data; boundary=b',
      'content-length': head.length + size + end.length,
    },
  })
  const answered = new Promise<Sent['answer'][]>((resolve, reject) => {
    outgoing.once('error', reject)
    outgoing.once('response', (incoming) => {
      text(incoming).then((body) => resolve([incoming.statusCode, JSON.parse(body)]), reject)
    })
  })
  const hash = createHash('sha256')
  outgoing.write(head)
  const piece = randomBytes(MiB)
  // A patch is gzipped: the region looks at its first bytes.
  piece.set([0x1f, 0x8b])
  for (let written = 0; written < size; written += piece.length) {
    hash.update(piece)
    if (!outgoing.write(piece)) await new Promise((resolve) => outgoing.once('drain', resolve))
  }
  outgoing.end(end)
  const [status, answer] = await answered
  return { status: Number(status), answer, sha256: hash.digest('hex') }
}
