import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

export interface DeafListener {
  readonly url: URL
  close(): Promise<void>
}

/** A port that listens and never accepts, its backlog full: a connection to it is never made. */
export async function createDeafListener(): Promise<DeafListener> {
  const release = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     const server = require('node:net').createServer()
     server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port)
       setImmediate(() => Atomics.wait(workerData, 0, 0))
     })`,
    { eval: true, workerData: release },
  )
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  const waiting: Socket[] = []
  let connected = true
  while (connected && waiting.length < 16) connected = await connects(port, waiting)
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    async close() {
      for (const socket of waiting) socket.destroy()
      Atomics.store(release, 0, 1)
      Atomics.notify(release, 0)
      await worker.terminate()
    },
  }
}

/** Fills one place of the backlog; false when a connection is not made any more. */
function connects(port: number, waiting: Socket[]): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    waiting.push(socket)
    const timer = setTimeout(() => resolve(false), 300)
    socket.on('error', () => undefined)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
