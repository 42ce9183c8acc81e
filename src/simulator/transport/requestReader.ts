import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { SimRequest } from '../answers/request.ts'
import type { BodyReader } from './bodyReader.ts'
import { createBodyReader } from './bodyReader.ts'

/** Reads whole requests from a connection, one after another. */
export interface RequestReader {
  /** The next request with its body consumed; undefined when the peer closed or broke off. */
  next(): Promise<SimRequest | undefined>
}

const noBody = { bytes: 0, sha256: createHash('sha256').digest('hex'), text: '' }
const headEnd = Buffer.from('\r\n\r\n')

export function createRequestReader(socket: Socket): RequestReader {
  let head: Buffer = Buffer.alloc(0)
  let reading: { request: SimRequest; body: BodyReader } | undefined
  const whole: SimRequest[] = []
  let over = false
  let wake: (() => void) | undefined

  const push = (chunk: Buffer) => {
    let left: Buffer | undefined = over ? undefined : chunk
    while (left) left = reading ? pushBody(reading, left) : pushHead(left)
    wake?.()
  }
  const pushHead = (chunk: Buffer): Buffer | undefined => {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
    const end = head.indexOf(headEnd)
    if (end < 0) return undefined
    const request = parseHead(head.subarray(0, end).toString('latin1'))
    const rest = head.subarray(end + headEnd.length)
    head = Buffer.alloc(0)
    if (request.headers['transfer-encoding'] !== undefined) {
      // Upstream's server never reads a chunked body (recording chunked-body-dropped).
      whole.push(request)
      over = true
      return undefined
    }
    if (Number(request.headers['content-length'] ?? 0) > 0) {
      reading = { request, body: createBodyReader(request.headers) }
      return rest
    }
    whole.push({ ...request, body: noBody })
    return rest.length > 0 ? rest : undefined
  }
  const pushBody = (
    current: { request: SimRequest; body: BodyReader },
    chunk: Buffer,
  ): Buffer | undefined => {
    const left = current.body.push(chunk)
    if (!left) return undefined
    reading = undefined
    whole.push({ ...current.request, body: current.body.body() })
    return left.length > 0 ? left : undefined
  }

  socket.on('data', push)
  const finish = () => {
    over = true
    wake?.()
  }
  for (const event of ['end', 'error', 'close']) socket.on(event, finish)

  return {
    async next() {
      for (;;) {
        const request = whole.shift()
        if (request || over) return request
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

function parseHead(text: string): SimRequest {
  const [first = '', ...lines] = text.split('\r\n')
  const [method = '', target = '/', version = 'HTTP/1.0'] = first.split(' ')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { method, target, version, headers }
}
