import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** An HTTP answer as it was on the wire: what a real client library would hide. */
export interface RawAnswer {
  readonly version: string
  readonly status: number
  /** In the order and case of the wire. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly ms: number
}

export interface RawRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent with its length, unless it is said to be chunked. */
  readonly body?: string | Buffer
}

/** One request on a connection of its own; rejects when the connection breaks before the answer is whole. */
export async function rawGet(url: string, request: RawRequest = {}): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  try {
    return await askOn(socket, url, request)
  } finally {
    socket.destroy()
  }
}

/** One request on a connection that is open already. */
export function askOn(socket: Socket, url: string, request: RawRequest = {}): Promise<RawAnswer> {
  const { host, origin } = new URL(url)
  const target = url.slice(origin.length) || '/'
  const body = Buffer.from(request.body ?? '')
  const length = request.body === undefined ? {} : { 'Content-Length': String(body.length) }
  const chunked = request.headers?.['Transfer-Encoding'] === 'chunked'
  const headers = { Host: host, ...request.headers, ...(chunked ? {} : length) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const head = [`${request.method ?? 'GET'} ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n')
  return sendOn(socket, Buffer.concat([Buffer.from(head), chunked ? inOneChunk(body) : body]))
}

/** These bytes, on a connection that is open already; resolves when the answer is whole. */
export function sendOn(socket: Socket, bytes: Buffer): Promise<RawAnswer> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    let text = ''
    const done = (ended: boolean) => {
      const answer = parseAnswer(text, performance.now() - started)
      if (answer && (ended || isWhole(answer))) finish(() => resolve(answer))
      else if (ended) finish(() => reject(new Error(`cut off after ${text.length} bytes`)))
    }
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1')
      done(false)
    }
    const onEnd = () => done(true)
    const onError = (error: Error) => finish(() => reject(error))
    const finish = (settle: () => void) => {
      socket.off('data', onData).off('end', onEnd).off('error', onError)
      settle()
    }
    socket.on('data', onData).on('end', onEnd).on('error', onError)
    socket.write(bytes)
  })
}

function inOneChunk(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])
}

export function headerOf(answer: RawAnswer, name: string): string | undefined {
  return answer.headers.find(([key]) => key.toLowerCase() === name)?.[1]
}

function isWhole(answer: RawAnswer): boolean {
  const length = headerOf(answer, 'content-length')
  return length !== undefined && answer.body.length >= Number(length)
}

function parseAnswer(text: string, ms: number): RawAnswer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const [version = '', status = '0'] = first.split(' ')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
  })
  return { version, status: Number(status), headers, body: text.slice(end + 4), ms }
}
