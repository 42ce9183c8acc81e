import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

/** What a region does with one request: whatever it likes to the socket. `turn` counts requests from 0. */
export type Play = (socket: Socket, head: string, turn: number) => void

export interface RawRegion {
  readonly url: URL
  readonly port: number
  /** The head of each request as it stood on the wire. */
  readonly heads: readonly string[]
  /** Connections accepted so far. */
  connections(): number
  openConnections(): number
  /** Resolves once no connection is open. */
  allClosed(): Promise<void>
  close(): Promise<void>
}

export interface RawRegionOptions {
  readonly host?: string
  readonly port?: number
  readonly tls?: TlsOptions
  /** The base path of the endpoint. */
  readonly path?: string
}

/** A server of bare sockets: it can speak HTTP/1.0, say nothing, say half of it, or say something else. */
export async function createRawRegion(play: Play, options: RawRegionOptions = {}): Promise<RawRegion> {
  const { host = '127.0.0.1', tls, path = '' } = options
  const heads: string[] = []
  const open = new Set<Socket>()
  const whenEmpty: (() => void)[] = []
  let accepted = 0

  const serve = (socket: Socket): void => {
    accepted++
    open.add(socket)
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
        const head = received.slice(0, end)
        received = received.slice(end + 4)
        const turn = heads.push(head) - 1
        play(socket, head, turn)
      }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      open.delete(socket)
      if (open.size === 0) for (const tell of whenEmpty.splice(0)) tell()
    })
  }
  const server: Server = tls ? createTlsServer(tls, serve) : createServer(serve)
  server.on('tlsClientError', () => undefined)
  server.listen(options.port ?? 0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: new URL(`${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`),
    port,
    heads,
    connections: () => accepted,
    openConnections: () => open.size,
    allClosed: () =>
      open.size === 0 ? Promise.resolve() : new Promise((resolve) => whenEmpty.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** The bytes of an answer with a Content-Length, HTTP/1.0 as StarlingX speaks it unless told otherwise. */
export function answer(
  body: string | Buffer,
  {
    status = '200 OK',
    version = '1.0',
    headers = [],
  }: { status?: string; version?: '1.0' | '1.1'; headers?: readonly string[] } = {},
): Buffer {
  const bytes = Buffer.from(body)
  const lines = [`HTTP/${version} ${status}`, `Content-Length: ${bytes.length}`, ...headers]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), bytes])
}
