import { setImmediate, setTimeout as pause } from 'node:timers/promises'
import type { Doors } from './doors.ts'
import { waitFor } from './wait-for.ts'
import type { WritesUnderWay } from './writes-under-way.ts'

export interface Draining {
  readonly doors: Pick<Doors, 'retire' | 'drain'>
  readonly writes: Pick<WritesUnderWay, 'finished'>
  /** Streams say their last word. */
  readonly endStreams: () => void
  /** ms in which requests are still taken: who sends them to us hears late that we stop. */
  readonly delay: number
  /** ms for what is under way after that. */
  readonly timeout: number
}

/** Lets what is under way end; false where some of it has not. */
export async function drain({ doors, writes, endStreams, delay, timeout }: Draining): Promise<boolean> {
  doors.retire()
  await pause(delay)
  endStreams()
  // Connections that wait to be accepted are, and then what they sent is read: a request that was there is no idleness.
  for (let round = 0; round < 2; round++) await setImmediate()
  let done = false
  const all = doors
    .drain()
    // In this order: as long as a door is open a write may begin, and its caller may leave.
    .then(writes.finished)
    .then(() => void (done = true))
  await waitFor(all, timeout)
  return done
}
