import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReceiveUpload } from '../src/api/receive-upload.ts'
import { createSpool, diskAt } from '../src/api/spool.ts'
import { createHttp } from '../src/upstream/http.ts'
import { multipartBody } from '../src/upstream/multipart.ts'

/** Nothing but an upload's way through the gateway: received to disk, then sent to the region that is the first argument. */
const [origin = '', dir = ''] = process.argv.slice(2)
const minutes = 600_000
const http = createHttp(
  {
    connectTimeout: 3_000,
    firstByteTimeout: minutes,
    idleTimeout: minutes,
    totalTimeout: minutes,
    maxResponse: 2 ** 20,
    maxInFlight: 2 ** 20,
  },
  undefined,
)(new URL(origin))
const receive = createReceiveUpload({
  spool: createSpool(diskAt(dir), 0),
  maxSize: 20 * 2 ** 30,
  idleTimeout: minutes,
  linger: 1_000,
})

const server = createServer((incoming, outgoing) => {
  relay(incoming).then(
    (body) => outgoing.end(body),
    (error: unknown) => outgoing.writeHead(500).end(String(error)),
  )
})
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`{"ready":"http://127.0.0.1:${(server.address() as AddressInfo).port}"}\n`)
})
process.stdin.on('end', () => process.exit()).resume()

async function relay(incoming: IncomingMessage): Promise<string> {
  // The peak begins anew: what is told is that of this upload alone.
  writeFileSync('/proc/self/clear_refs', '5')
  const before = memory('VmRSS')
  const upload = await receive(incoming, (name) => {
    const value = incoming.headers[name]
    return typeof value === 'string' ? value : undefined
  })
  if (upload.kind !== 'files') throw new Error('no files')
  const { contentType, ...body } = multipartBody(upload.files)
  const headers = { 'content-type': contentType }
  const answer = await http.send({ method: 'POST', path: '/v1/release', headers, body })
  await upload.dispose()
  const origin = JSON.parse(answer.body.toString()) as object
  return JSON.stringify({ ...origin, before, peak: memory('VmHWM') })
}

/** Bytes, of this process. */
function memory(line: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(new RegExp(`${line}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
}
