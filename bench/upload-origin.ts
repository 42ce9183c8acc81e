import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A region that only counts: it answers an upload of one file with the file's size and SHA-256. */
const server = createServer((incoming, outgoing) => {
  const boundary = /boundary=(.+)$/.exec(incoming.headers['content-type'] ?? '')?.[1] ?? ''
  const length = Number(incoming.headers['content-length'])
  const hash = createHash('sha256')
  let head = Buffer.alloc(0)
  let bytes = 0
  let left = NaN
  incoming.on('data', (chunk: Buffer) => {
    let content = chunk
    if (Number.isNaN(left)) {
      head = Buffer.concat([head, chunk])
      const begin = head.indexOf('\r\n\r\n') + 4
      if (begin < 4) return
      content = head.subarray(begin)
      // After the file: a line's end, the boundary between dashes, another line's end.
      left = length - begin - Buffer.byteLength(`\r\n--${boundary}--\r\n`)
    }
    const own = content.subarray(0, Math.max(0, left))
    left -= content.length
    bytes += own.length
    hash.update(own)
  })
  incoming.on('end', () => {
    const body = JSON.stringify({ bytes, sha256: hash.digest('hex') })
    outgoing.writeHead(200, { 'content-length': body.length, connection: 'close' }).end(body)
  })
})
server.requestTimeout = 0
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`{"ready":"http://127.0.0.1:${(server.address() as AddressInfo).port}"}\n`)
})
process.stdin.on('end', () => process.exit()).resume()
