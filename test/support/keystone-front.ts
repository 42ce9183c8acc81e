import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** What stands before a region's Keystone, as HAProxy does: it counts, ends TLS, and may be down. */
export interface KeystoneFront {
  /** Of the API, `/v3` included. */
  readonly url: URL
  readonly logins: readonly ForwardedLogin[]
  down(): Promise<void>
  up(): Promise<void>
  close(): Promise<void>
}

export interface ForwardedLogin {
  readonly status: number
  readonly token: string
  /** What Keystone answered. */
  readonly body: string
  readonly userAgent: string
}

export interface ServerCertificate {
  readonly key: string
  readonly cert: string
}

export async function createKeystoneFront(
  keystone: string,
  certificate?: ServerCertificate,
): Promise<KeystoneFront> {
  const logins: ForwardedLogin[] = []
  const forward: RequestListener = (request, response) => {
    void (async () => {
      const answer = await fetch(new URL(request.url ?? '', keystone), {
        method: request.method ?? 'GET',
        headers: headersOf(request),
        ...(request.method === 'POST' && { body: await textOf(request) }),
      })
      const token = answer.headers.get('x-subject-token') ?? ''
      const body = await answer.text()
      logins.push({ status: answer.status, token, body, userAgent: request.headers['user-agent'] ?? '' })
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        ...(token !== '' && { 'x-subject-token': token }),
      })
      response.end(body)
    })().catch(() => response.destroy())
  }
  const server = certificate ? createTlsServer(certificate, forward) : createServer(forward)
  const port = await listenOn(server, 0)
  const down = async (): Promise<void> => {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return {
    url: new URL(`${certificate ? 'https' : 'http'}://127.0.0.1:${port}/v3`),
    logins,
    down,
    up: async () => void (await listenOn(server, port)),
    close: down,
  }
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const kept = Object.entries(request.headers).filter(
    ([name]) => name === 'content-type' || name.startsWith('x-'),
  )
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

async function listenOn(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}
