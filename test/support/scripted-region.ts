import { STATUS_CODES } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** What a region was asked, as it stood on the wire; header names in lower case. */
export interface RegionRequest {
  readonly method: string
  readonly path: string
  readonly httpVersion: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The body as it came, for what is no text. */
  readonly bytes: Buffer
}

export interface RegionAnswer {
  readonly status: number
  readonly reason?: string
  readonly httpVersion?: '1.0' | '1.1'
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string | Buffer
  /** The end of the connection is the end of the body: no Content-Length is added. */
  readonly closeDelimited?: boolean
  /** Only so many bytes of the body are sent before the connection ends. */
  readonly cutAfter?: number
}

/** `reset`: a TCP reset; `close`: an orderly end without a byte; `hang`: no answer until the client leaves. */
export type RegionReply = RegionAnswer | 'reset' | 'close' | 'hang'
export type RegionScript = (request: RegionRequest) => RegionReply | Promise<RegionReply>

export interface ScriptedRegion {
  readonly url: string
  readonly port: number
  readonly requests: readonly RegionRequest[]
  /** The most connections that ever waited for an answer at the same time. */
  maxConcurrent(): number
  close(): Promise<void>
}

/** A region that a test plays: a raw socket, so that it can speak HTTP/1.0 and misbehave. */
export async function createScriptedRegion(script: RegionScript): Promise<ScriptedRegion> {
  const requests: RegionRequest[] = []
  const sockets = new Set<Socket>()
  const waiting = new Set<Socket>()
  let mostWaiting = 0

  const server = createServer((socket) => {
    sockets.add(socket)
    waiting.add(socket)
    mostWaiting = Math.max(mostWaiting, waiting.size)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      waiting.delete(socket)
    })
    onceAsked(socket, (request) => {
      requests.push(request)
      Promise.resolve(request)
        .then(script)
        .then((reply) => {
          if (reply !== 'hang') waiting.delete(socket)
          send(socket, reply)
        })
        .catch((reason: unknown) => socket.destroy(reason instanceof Error ? reason : undefined))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    maxConcurrent: () => mostWaiting,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function onceAsked(socket: Socket, use: (request: RegionRequest) => void): void {
  let received = Buffer.alloc(0)
  let asked = false
  socket.on('data', (chunk) => {
    if (asked) return
    received = Buffer.concat([received, Buffer.from(chunk)])
    const request = parseRequest(received)
    if (request === undefined) return
    asked = true
    use(request)
  })
}

function parseRequest(received: Buffer): RegionRequest | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [requestLine = '', ...headerLines] = received.toString('latin1', 0, end).split('\r\n')
  const [method = '', path = '', protocol = ''] = requestLine.split(' ')
  const headers = Object.fromEntries(
    headerLines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const body = received.subarray(end + 4)
  if (body.length < Number(headers['content-length'] ?? 0)) return undefined
  const httpVersion = protocol.replace('HTTP/', '')
  return { method, path, httpVersion, headers, body: body.toString('utf8'), bytes: body }
}

function send(socket: Socket, reply: RegionReply): void {
  if (reply === 'hang') return
  if (reply === 'reset') socket.resetAndDestroy()
  else if (reply === 'close') socket.end()
  else socket.end(toBytes(reply))
}

function toBytes(answer: RegionAnswer): Buffer {
  const whole = Buffer.from(answer.body ?? '')
  const given = answer.headers ?? []
  const hasLength = given.some(([name]) => name.toLowerCase() === 'content-length')
  const headers =
    hasLength || answer.closeDelimited === true
      ? given
      : [...given, ['Content-Length', String(whole.length)] as const]
  const reason = answer.reason ?? STATUS_CODES[answer.status] ?? ''
  const head = [
    `HTTP/${answer.httpVersion ?? '1.0'} ${answer.status} ${reason}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  const body = answer.cutAfter === undefined ? whole : whole.subarray(0, answer.cutAfter)
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}
