import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'

/** Listens; each connection stays unread until it is its turn. */
export function listen(
  address: { host: string; port: number },
  connected: (socket: Socket) => void,
): Promise<Server> {
  // allowHalfOpen: a peer that closes its half still gets its answer.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, connected)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address.host, port: address.port, backlog: 128 }, () => resolve(server))
  })
}
