import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../faults.ts'
import type { Message } from './wire.ts'

/** Writes a message as well as the fault lets it; false when the connection is of no more use. */
export async function deliver(socket: Socket, message: Message, fault: Fault | undefined): Promise<boolean> {
  if (fault?.kind === 'cut') {
    await write(socket, message.head + message.body.subarray(0, message.body.length / 2).toString('latin1'))
    // Time for the half to leave before the reset drops it.
    await sleep(20)
    socket.resetAndDestroy()
    return false
  }
  if (fault?.kind === 'lost') {
    const { head, body } = message
    if (fault.at === 'midway') {
      await write(socket, head + body.subarray(0, body.length / 2).toString('latin1'))
      await sleep(20)
    }
    socket.resetAndDestroy()
    return false
  }
  if (fault?.kind === 'drip') {
    for (const byte of Buffer.concat([Buffer.from(message.head), message.body])) {
      if (!(await write(socket, Buffer.of(byte)))) return false
      await sleep(fault.every ?? 1000, undefined, { ref: false })
    }
    return !message.closes
  }
  if (fault?.kind === 'huge') return deliverHuge(socket, message, fault.bytes ?? 2 ** 30)
  const whole = await write(socket, Buffer.concat([Buffer.from(message.head), message.body]))
  return whole && !message.closes
}

/** An array full of white space: valid JSON all the way. */
async function deliverHuge(socket: Socket, message: Message, bytes: number): Promise<boolean> {
  const head = message.head.replace(/content-length: \d+/i, (line) => line.replace(/\d+/, String(bytes)))
  if (!(await write(socket, head + '['))) return false
  const chunk = Buffer.alloc(1 << 18, ' ')
  for (let left = bytes - 2; left > 0; left -= chunk.length) {
    if (!(await write(socket, left < chunk.length ? chunk.subarray(0, left) : chunk))) return false
  }
  return (await write(socket, ']')) && !message.closes
}

/** Resolves when the kernel took it; false when the peer is gone. */
function write(socket: Socket, data: Buffer | string): Promise<boolean> {
  if (socket.destroyed || !socket.writable) return Promise.resolve(false)
  return new Promise((resolve) => {
    const gone = () => resolve(false)
    socket.once('close', gone)
    socket.write(data, 'latin1', (error) => {
      socket.off('close', gone)
      resolve(!error)
    })
  })
}
