import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../answers/answer.ts'
import type { SimRequest } from '../answers/request.ts'
import { isWrite } from '../answers/writes.ts'
import type { Fault } from '../faults.ts'
import { concerns, slownessOf } from '../faults.ts'
import type { Random } from '../random.ts'
import { connectionOpened, createCounters, requestRead } from './counters.ts'
import type { ServiceCounters } from './counters.ts'
import { openConnectBlackHole } from './connectBlackHole.ts'
import type { ConnectBlackHole } from './connectBlackHole.ts'
import { deliver } from './deliver.ts'
import { createRequestReader } from './requestReader.ts'
import { listen } from './listen.ts'
import { seeWrite } from './seenWrites.ts'
import { createSerial } from './serial.ts'
import { directMessage, forMethod, frontMessage, relayedMessage, wantsKeepAlive } from './wire.ts'

/** One listening address of one region: USM or Patching. */
export interface Service {
  counters(): ServiceCounters
  /** Totals and maxima from zero; what is open stays counted. */
  resetCounters(): void
  fault(): Fault | undefined
  /** Resolves when the listener is as the fault wants it. */
  setFault(fault: Fault | undefined): Promise<void>
  /** The daemon starts or stops; a front stays and answers 503. */
  setRunning(running: boolean): Promise<void>
  close(): Promise<void>
}

export interface ServiceOptions {
  readonly host: string
  readonly port: number
  readonly mode: 'direct' | 'front'
  /** The time an answer takes, in ms. */
  readonly latency: () => number
  readonly random: Random
  readonly answer: (request: SimRequest, fault: Fault | undefined) => Answer | Promise<Answer>
  /** Called when the daemon comes back after a crash. */
  readonly restarted: () => void
  /** How long a front looks for a stopped daemon before it answers 503, in ms. */
  readonly frontDownMs: number
  /** How long a front waits for an answer before it gives a 504, in ms. */
  readonly frontTimeoutMs: number
  /** The same for what goes to the slow backend. */
  readonly frontWriteTimeoutMs: number
  /** How long the daemon is away after a crash, in ms. */
  readonly crashMs: number
  /** Whether a front gives this request to the slow backend, which has a queue of its own. */
  readonly isSlow: (request: SimRequest) => boolean
  readonly now: () => number
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
  let server: Server | undefined
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
    const seen = isWrite(request) ? seeWrite(counters.writes, request) : undefined
    const working = (slow ? slowSerial : serial).run(() => work(request))
    const answered = working.then((answer) => {
      if (seen) seen.status = answer.status
      return answer
    })
    const answer = await Promise.race([answered, late])
    if (!answer) return deliver(socket, frontMessage(504), undefined)
    afterwards(answer)
    const message = relayedMessage(answer, options.now(), wantsKeepAlive(request))
    return deliver(socket, forMethod(request, answer, message), concerned)
  }

  const connected = (socket: Socket) => {
    sockets.add(socket)
    connectionOpened(counters)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      sockets.delete(socket)
      counters.open_connections -= 1
    })
    // Read and thrown away, so that a peer's close is seen.
    if (fault?.kind === 'black-hole' || hanging) socket.resume()
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
    if (listens() && !server) server = await listen(options, connected)
    else if (!listens() && server) {
      const closing = server
      server = undefined
      await new Promise<void>((resolve) => closing.close(() => resolve()))
    }
    if (fault?.kind === 'black-hole' && fault.connect && !closed) {
      hole = await openConnectBlackHole(options.host, options.port)
    }
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
    close: () => apply(() => (closed = true)),
  }
}
