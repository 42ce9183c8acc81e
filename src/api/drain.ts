import { setImmediate, setTimeout as pause } from 'node:timers/promises'
import { waitFor } from '../model/wait-for.ts'
import type { Doors } from './doors.ts'
import type { ReadsUnderWay } from './reads-under-way.ts'
import type { WritesUnderWay } from './writes-under-way.ts'

/** What a gateway that stops has to end. */
export interface UnderWay {
  readonly doors: Pick<Doors, 'retire' | 'drain' | 'close'>
  readonly writes: Pick<WritesUnderWay, 'finished' | 'giveUp'>
  readonly reads: Pick<ReadsUnderWay, 'giveUp'>
  /** Streams say their last word. */
  readonly endStreams: () => void
}

/**
 * Lets what is under way end; false where some of it has not. For `delay` ms requests are still taken, since who sends
 * them to us hears late that we stop; what is under way after that has `timeout` ms.
 */
export async function drain(
  { doors, writes, endStreams }: UnderWay,
  delay: number,
  timeout: number,
): Promise<boolean> {
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

/** Gives up what is still under way: each caller is told, and each write has its line. */
export async function close({ doors, writes, reads, endStreams }: UnderWay): Promise<void> {
  // First, so that nothing begins meanwhile.
  const closed = doors.close()
  endStreams()
  await writes.giveUp()
  reads.giveUp()
  await closed
}
