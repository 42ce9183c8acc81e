import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** An address where connecting never succeeds and never fails. */
export interface ConnectBlackHole {
  close(): Promise<void>
}

/** Listens with the shortest backlog and then never accepts: its thread sleeps. */
const sleeper = `
  const { parentPort, workerData } = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({ ...workerData.address, backlog: 1 }, () => {
    parentPort.postMessage('listening')
    setTimeout(() => Atomics.wait(new Int32Array(workerData.asleep), 0, 0))
  })`

/**
 * Fills the backlog of a listener that doesn't accept: the kernel then drops each further SYN, as a firewall
 * would. One thread per hole, so meant for a handful.
 */
export async function openConnectBlackHole(host: string, port: number): Promise<ConnectBlackHole> {
  const asleep = new SharedArrayBuffer(4)
  const worker = new Worker(sleeper, { eval: true, workerData: { address: { host, port }, asleep } })
  worker.unref()
  await once(worker, 'message')
  await sleep(20)
  const fillers: Socket[] = []
  for (let i = 0; i < 8; i++) {
    const socket = connect({ host, port })
    socket.on('error', () => undefined)
    socket.unref()
    fillers.push(socket)
  }
  await sleep(50)
  return {
    async close() {
      for (const socket of fillers) socket.destroy()
      Atomics.store(new Int32Array(asleep), 0, 1)
      Atomics.notify(new Int32Array(asleep), 0)
      await worker.terminate()
    },
  }
}
