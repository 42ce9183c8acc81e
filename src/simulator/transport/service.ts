import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../answers/answer.ts'
import type { SimRequest } from '../answers/request.ts'
import { isWrite } from '../answers/writes.ts'
import type { Fault } from '../faults.ts'
import { concerns, slownessOf } from '../faults.ts'
import { connectionOpened, createCounters, requestRead } from './counters.ts'
import type { ServiceCounters } from './counters.ts'
import { openConnectBlackHole } from './connectBlackHole.ts'
import type { ConnectBlackHole } from './connectBlackHole.ts'
import { deliver } from './deliver.ts'
import { createRequestReader } from './requestReader.ts'
import { listen } from './listen.ts'
import { seeWrite } from './seenWrites.ts'
import { secured } from './secured.ts'
import { createSerial } from './serial.ts'
import type { Door, ServiceOptions } from './serviceOptions.ts'
import { directMessage, forMethod, frontMessage, relayedMessage, wantsKeepAlive, webMessage } from './wire.ts'

/** One listening address of one region: USM, Patching, Keystone or dcmanager. */
export interface Service {
  counters(): ServiceCounters
  /** Totals and maxima from zero; what is open stays counted. */
  resetCounters(): void
  fault(): Fault | undefined
  /** Resolves when the listener is as the fault wants it. */
  setFault(fault: Fault | undefined): Promise<void>
  /** The daemon starts or stops; a front stays and answers 503. */
  setRunning(running: boolean): Promise<void>
  /** Leaves its address with all connections, and listens at the one it has now. */
  rebind(): Promise<void>
  close(): Promise<void>
}

/** HAProxy closes a connection that was idle this long. */
const frontIdleMs = 9_000

export function createService(options: ServiceOptions): Service {
  const { mode } = options
  let counters = createCounters()
  const sockets = new Set<Socket>()
  let serial = createSerial()
  /** A front's second backend, for what takes long. */
  let slowSerial = createSerial()
  let fault: Fault | undefined
  let running = false
  /** After a crash: connects succeed, nothing answers. */
  let hanging = false
  let servers: Server[] = []
  let hole: ConnectBlackHole | undefined
  let closed = false

  const listens = () => {
    if (closed || fault?.kind === 'refuse') return false
    if (fault?.kind === 'black-hole' && fault.connect) return false
    return mode === 'front' || (running && fault?.kind !== 'down')
  }

  const work = async (request: SimRequest): Promise<Answer> => {
    const concerned = fault && concerns(fault, request) ? fault : undefined
    const extra = slownessOf(concerned, options.random)
    await sleep(options.latency() + extra, undefined, { ref: false })
    const answer = await options.answer(request, concerned)
    if (concerned?.kind === 'late') await sleep(concerned.ms, undefined, { ref: false })
    return answer
  }

  const afterwards = (answer: Answer) => {
    if (!answer.crashes || hanging) return
    const gone = fault?.kind === 'crash' ? (fault.for_ms ?? options.crashMs) : options.crashMs
    hanging = true
    // The main thread notices late: until then connects are accepted and hang (patching.md §7).
    const hang = Math.min(gone / 3, 9_000)
    setTimeout(() => void die(gone - hang), hang).unref()
  }
  const die = async (gone: number) => {
    await apply(() => (running = false))
    hanging = false
    setTimeout(() => void revive(), gone).unref()
  }
  const revive = async () => {
    options.restarted()
    await apply(() => {
      running = true
      if (fault?.kind === 'crash') fault = undefined
    })
  }

  const serveDirect = async (socket: Socket) => {
    const request = await createRequestReader(socket.resume()).next()
    if (!request) return socket.destroy()
    requestRead(counters, request)
    if (hanging) return once(socket, 'close')
    const concerned = fault && concerns(fault, request) ? fault : undefined
    const seen = isWrite(request) ? seeWrite(counters.writes, request) : undefined
    const answer = await work(request)
    if (seen) seen.status = answer.status
    const message = forMethod(request, answer, directMessage(answer, options.now()))
    await deliver(socket, message, concerned)
    counters.in_flight = Math.max(0, counters.in_flight - 1)
    afterwards(answer)
    return socket.destroyed ? socket : socket.end(() => socket.destroy())
  }

  const serveFront = async (socket: Socket) => {
    const reader = createRequestReader(socket.resume())
    socket.setTimeout(frontIdleMs, () => socket.destroy())
    for (;;) {
      const request = await reader.next()
      if (!request) break
      socket.setTimeout(0)
      requestRead(counters, request)
      const open = await relay(socket, request)
      counters.in_flight = Math.max(0, counters.in_flight - 1)
      if (!open) break
      socket.setTimeout(frontIdleMs)
    }
    if (!socket.destroyed) socket.end(() => socket.destroy())
  }

  const relay = async (socket: Socket, request: SimRequest): Promise<boolean> => {
    const concerned = fault && concerns(fault, request) ? fault : undefined
    if (!running || concerned?.kind === 'down') {
      await sleep(options.frontDownMs, undefined, { ref: false })
      return deliver(socket, frontMessage(503), undefined)
    }
    if (concerned?.kind === 'status' && concerned.flavour === 'front') {
      return deliver(socket, frontMessage(concerned.status === 504 ? 504 : 503), undefined)
    }
    const slow = options.isSlow(request)
    const ms = slow ? options.frontWriteTimeoutMs : options.frontTimeoutMs
    const late = sleep(ms, undefined, { ref: false })
    const seen = !options.web && isWrite(request) ? seeWrite(counters.writes, request) : undefined
    const queue = slow ? slowSerial : serial
    const working = options.web ? work(request) : queue.run(() => work(request))
    const answered = working.then((answer) => {
      if (seen) seen.status = answer.status
      return answer
    })
    const answer = await Promise.race([answered, late])
    if (!answer) return deliver(socket, frontMessage(504), undefined)
    afterwards(answer)
    const kept = wantsKeepAlive(request)
    const message = options.web ? webMessage(answer, kept) : relayedMessage(answer, options.now(), kept)
    return deliver(socket, forMethod(request, answer, message), concerned)
  }

  const connected = (raw: Socket, { tls }: Door) => {
    const silent = fault?.kind === 'black-hole' || hanging
    const socket = tls && !silent ? secured(raw, tls()) : raw
    sockets.add(socket)
    connectionOpened(counters)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      sockets.delete(socket)
      counters.open_connections -= 1
    })
    // Read and thrown away, so that a peer's close is seen.
    if (silent) socket.resume()
    else if (mode === 'front') void serveFront(socket)
    else void serial.run(async () => serveDirect(socket))
  }

  /** Changes something, then opens or closes the listener as the new state wants it. */
  const apply = async (change: () => void): Promise<void> => {
    const before = { kind: fault?.kind, running }
    change()
    const interrupted = before.kind === 'black-hole' || fault?.kind === 'black-hole' || !listens()
    if (interrupted || (before.running && !running)) dropAll()
    await hole?.close()
    hole = undefined
    if (!listens()) await stopListening()
    else if (servers.length === 0) {
      for (const door of options.doors()) {
        servers.push(await listen(door, (socket) => connected(socket, door)))
      }
    }
    if (fault?.kind === 'black-hole' && fault.connect && !closed) {
      const [{ host, port }] = options.doors()
      hole = await openConnectBlackHole(host, port)
    }
  }
  const stopListening = async () => {
    const closing = servers
    servers = []
    await Promise.all(closing.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
  }
  const dropAll = () => {
    for (const socket of sockets) socket.destroy()
    serial = createSerial()
    slowSerial = createSerial()
    counters.in_flight = 0
  }

  return {
    counters: () => counters,
    resetCounters: () => {
      const open = { open_connections: counters.open_connections, in_flight: counters.in_flight }
      counters = { ...createCounters(), ...open }
    },
    fault: () => fault,
    setFault: (next) => apply(() => (fault = next)),
    setRunning: (next) => apply(() => (running = next)),
    rebind: async () => {
      dropAll()
      await stopListening()
      await apply(() => undefined)
    },
    close: () => apply(() => (closed = true)),
  }
}
