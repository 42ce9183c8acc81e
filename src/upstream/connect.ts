import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket, type SecureContext } from 'node:tls'
import { LRUCache } from 'lru-cache'
import type { buildConnector } from 'undici'

/** Sessions held for resumption: between two polls every connection to a region is cold. */
const sessionsHeld = 10_000

/**
 * Opens sockets for undici, which does not resume TLS sessions by itself: a resumed handshake costs half. The
 * certificate is always verified; an IP address is checked against the certificate's IP names, and no SNI is sent for it.
 */
export function createConnector(secureContext: SecureContext, timeout: number): buildConnector.connector {
  const sessions = new LRUCache<string, Buffer>({ max: sessionsHeld })

  function open(options: buildConnector.Options, host: string): Socket | TLSSocket {
    const port = Number(options.port) || (options.protocol === 'https:' ? 443 : 80)
    if (options.protocol !== 'https:') return connectTcp({ host, port, noDelay: true })
    const key = `${host}:${port}`
    const session = sessions.get(key)
    const socket = connectTls({
      host,
      port,
      secureContext,
      servername: isIP(host) ? '' : host,
      ALPNProtocols: ['http/1.1'],
      ...(session && { session }),
    })
    socket.setNoDelay(true)
    socket.on('session', (fresh) => sessions.set(key, fresh))
    // A session that did not lead to a connection is not tried again; how a connection ends says nothing about it.
    const forget = (): void => void sessions.delete(key)
    socket.once('error', forget)
    socket.once('secureConnect', () => socket.off('error', forget))
    return socket
  }

  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    const socket = open(options, host)
    const connected = options.protocol === 'https:' ? 'secureConnect' : 'connect'
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' }))
    }, timeout)
    const failed = (error: Error): void => {
      clearTimeout(timer)
      callback(error, null)
    }
    socket.once('error', failed)
    socket.once(connected, () => {
      clearTimeout(timer)
      socket.off('error', failed)
      callback(null, socket)
    })
  }
}

/** When the certificate of a new connection ends, ms since the epoch; undefined without TLS. */
export function endOfCertificate(socket: Socket | undefined): number | undefined {
  const end = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.validTo : undefined
  return end === undefined ? undefined : Date.parse(end)
}
