import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** The connections of one server, and which of them owe an answer. */
export interface Connections {
  /** To be told of each request before anything is done with it; false: nobody would be told of its answer. */
  readonly asked: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean
  /** What comes through this one makes no sense; true: requests before it are still to be answered, and then it ends. */
  readonly garbled: (socket: Duplex) => boolean
  /** From now on each answer is the last of its connection, and says so. */
  readonly retire: () => void
  /** Closes those that owe nothing now, and each of the others once it owes nothing. */
  readonly closeIdle: () => void
  readonly closeAll: () => void
}

/** What requests come through. */
interface Connection {
  /** In the order in which they are sent, which is that of their requests. */
  readonly answers: Set<ServerResponse>
  /** The last answer is on its way: a request behind it would be done, and its answer never sent. */
  ending: boolean
  readonly peer: string
}

export function followConnections(server: Server, isTls: boolean): Connections {
  const all = new Set<Socket>()
  const open = new Map<Duplex, Connection>()
  let retired = false
  let closing = false
  // Node's own takes an answer for sent when the last of it is written; its reader may be far behind.
  server.closeIdleConnections = () => undefined
  server.on('connection', (socket: Socket) => {
    all.add(socket)
    socket.once('close', () => all.delete(socket))
  })
  // Over TLS what requests come through is another one.
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    open.set(socket, { answers: new Set(), ending: false, peer: peerOf(socket) })
    socket.once('close', () => open.delete(socket))
  })
  return {
    asked({ socket }, outgoing) {
      const connection = open.get(socket)
      if (connection === undefined || connection.ending) return false
      const { answers } = connection
      answers.add(outgoing)
      if (retired) beLast(connection, outgoing)
      outgoing.once('close', () => {
        answers.delete(outgoing)
        if (answers.size > 0 || !(closing || connection.ending)) return
        // Its head may have been sent before it was known to be the last.
        connection.ending = true
        socket.destroySoon()
      })
      return true
    },
    garbled(socket) {
      const connection = open.get(socket)
      const answers = [...(connection?.answers ?? [])]
      if (connection === undefined || !answers.some(({ req }) => req.complete)) return false
      connection.ending = true
      return true
    },
    retire() {
      if (retired) return
      retired = true
      for (const connection of open.values()) {
        // Those before it would take the later ones' place as the last.
        const newest = [...connection.answers].at(-1)
        if (newest && !newest.headersSent) beLast(connection, newest)
      }
    },
    closeIdle() {
      closing = true
      const busy = new Set<string>()
      for (const { answers, peer } of open.values()) if (answers.size > 0) busy.add(peer)
      // Those whose handshake has not ended are among them.
      for (const socket of all) if (!busy.has(peerOf(socket))) socket.destroy()
    },
    closeAll() {
      for (const socket of all) socket.destroy()
    },
  }
}

function beLast(connection: Connection, answer: ServerResponse): void {
  answer.shouldKeepAlive = false
  connection.ending = true
}

/** The same for a connection and for the TLS over it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
