import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { TLSSocket } from 'node:tls'

const inner = new WeakMap<Socket, Socket>()

/** The server's end of TLS on a connection: the listener stays a plain one, and each connection has its own certificate. */
export function secured(raw: Socket, secureContext: SecureContext): Socket {
  raw.on('error', () => raw.destroy())
  const socket = new TLSSocket(raw, { isServer: true, secureContext })
  inner.set(socket, raw)
  socket.once('close', () => raw.destroy())
  return socket
}

/** Breaks a connection off with a reset, which only TCP knows. */
export function resetConnection(socket: Socket): void {
  const raw = inner.get(socket)
  if (!raw) return void socket.resetAndDestroy()
  raw.resetAndDestroy()
  socket.destroy()
}
