import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import type { RawAnswer, RawRequest } from './rawHttp.ts'
import { askOn } from './rawHttp.ts'

/** A connection to a region over TLS, which trusts these roots and no others; rejects as the handshake does. */
export async function openSecure(url: string, ca: string): Promise<TLSSocket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), ca })
  await once(socket, 'secureConnect')
  return socket
}

/** One request on a connection of its own. */
export async function secureGet(url: string, ca: string, request?: RawRequest): Promise<RawAnswer> {
  const socket = await openSecure(url, ca)
  try {
    return await askOn(socket, url, request)
  } finally {
    socket.destroy()
  }
}
