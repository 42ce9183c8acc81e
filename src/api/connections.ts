import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The connections of one server, and which of them owe an answer. */
export interface Connections {
  /** To be told of each request before it is answered. */
  readonly asked: (incoming: IncomingMessage, outgoing: ServerResponse) => void
  /** From now on each answer is the last of its connection, and says so. */
  readonly retire: () => void
  /** Closes those that owe nothing now, and each of the others once it owes nothing. */
  readonly closeIdle: () => void
  readonly closeAll: () => void
}

export function followConnections(server: Server, isTls: boolean): Connections {
  const all = new Set<Socket>()
  const owed = new Map<Socket, Set<ServerResponse>>()
  let retired = false
  let closing = false
  server.on('connection', (socket: Socket) => {
    all.add(socket)
    socket.once('close', () => all.delete(socket))
  })
  // What requests come through: over TLS that is another one.
  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    owed.set(socket, new Set())
    socket.once('close', () => owed.delete(socket))
  })
  return {
    asked({ socket }, outgoing) {
      const answers = owed.get(socket)
      answers?.add(outgoing)
      if (retired) outgoing.shouldKeepAlive = false
      outgoing.once('close', () => {
        answers?.delete(outgoing)
        // Its head may have been sent before it was known to be the last.
        if (closing && answers?.size === 0) socket.destroySoon()
      })
    },
    retire() {
      retired = true
      for (const answers of owed.values()) for (const answer of answers) answer.shouldKeepAlive = false
    },
    closeIdle() {
      closing = true
      for (const [socket, answers] of owed) if (answers.size === 0) socket.destroy()
    },
    closeAll() {
      for (const socket of all) socket.destroy()
    },
  }
}
