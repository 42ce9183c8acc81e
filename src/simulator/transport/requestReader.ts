import type { Socket } from 'node:net'
import type { SimRequest } from '../answers/request.ts'

/** Reads whole requests from a connection, one after another. */
export interface RequestReader {
  /** The next request with its body consumed; undefined when the peer closed or broke off. */
  next(): Promise<SimRequest | undefined>
}

const headEnd = Buffer.from('\r\n\r\n')

export function createRequestReader(socket: Socket): RequestReader {
  let buffered: Buffer = Buffer.alloc(0)
  let over = false
  let wake: (() => void) | undefined
  socket.on('data', (chunk: Buffer) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk])
    wake?.()
  })
  const finish = () => {
    over = true
    wake?.()
  }
  for (const event of ['end', 'error', 'close']) socket.on(event, finish)

  const take = (): SimRequest | undefined => {
    const end = buffered.indexOf(headEnd)
    if (end < 0) return undefined
    const request = parseHead(buffered.subarray(0, end).toString('latin1'))
    const length = end + headEnd.length + Number(request.headers['content-length'] ?? 0)
    if (buffered.length < length) return undefined
    buffered = buffered.subarray(length)
    return request
  }

  return {
    async next() {
      for (;;) {
        const request = take()
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
