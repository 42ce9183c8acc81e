import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket, type SecureContext } from 'node:tls'
import { LRUCache } from 'lru-cache'
import type { buildConnector } from 'undici'
import type { HandshakeTurns } from './handshake-turns.ts'
import { afterPatience } from './patience.ts'

/** Sessions held for resumption: between two polls every connection to a region is cold. */
const sessionsHeld = 10_000

/**
 * Opens sockets for undici, which does not resume TLS sessions by itself: a resumed handshake costs half. The
 * certificate is always verified; an IP address is checked against the certificate's IP names, and no SNI is sent for it.
 * `timeout` (ms) is for the connection, and again for its handshake: what they wait for us in between is not the region's doing.
 */
export function createConnector(
  secureContext: SecureContext,
  timeout: number,
  turns: HandshakeTurns,
): buildConnector.connector {
  const sessions = new LRUCache<string, Buffer>({ max: sessionsHeld })

  function secure(socket: Socket, host: string, port: number): TLSSocket {
    const key = `${host}:${port}`
    const session = sessions.get(key)
    const secured = connectTls({
      socket,
      secureContext,
      // Without SNI this is what the certificate is checked against.
      host,
      servername: isIP(host) ? '' : host,
      ALPNProtocols: ['http/1.1'],
      ...(session && { session }),
    })
    secured.on('session', (fresh) => sessions.set(key, fresh))
    // A session that did not lead to a connection is not tried again; how a connection ends says nothing about it.
    const forget = (): void => void sessions.delete(key)
    secured.once('error', forget)
    secured.once('secureConnect', () => secured.off('error', forget))
    return secured
  }

  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    const isTls = options.protocol === 'https:'
    const port = Number(options.port) || (isTls ? 443 : 80)
    const tcp = connectTcp({ host, port, noDelay: true })
    within(tcp, 'connect', timeout, (failure) => {
      if (failure) return callback(failure, null)
      if (!isTls) return callback(null, tcp)
      let lost: Error = Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })
      tcp.on('error', (error) => (lost = error))
      turns((done) => {
        if (tcp.destroyed) {
          done()
          return callback(lost, null)
        }
        const secured = secure(tcp, host, port)
        within(secured, 'secureConnect', timeout, (broken) => {
          done()
          if (broken) callback(broken, null)
          else callback(null, secured)
        })
      })
    })
  }
}

/** Once the socket has come so far in time, or failed: it is destroyed then. */
function within(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  ms: number,
  then: (failure: Error | undefined) => void,
): void {
  const enough = afterPatience(ms, () => {
    socket.destroy(Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' }))
  })
  const failed = (error: Error): void => {
    enough()
    then(error)
  }
  socket.once('error', failed)
  socket.once(event, () => {
    enough()
    socket.off('error', failed)
    then(undefined)
  })
}

/** When the certificate of a new connection ends, ms since the epoch; undefined without TLS. */
export function endOfCertificate(socket: Socket | undefined): number | undefined {
  const end = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.validTo : undefined
  return end === undefined ? undefined : Date.parse(end)
}
