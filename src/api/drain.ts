import { setTimeout as pause } from 'node:timers/promises'
import type { Doors } from './doors.ts'
import { waitFor } from './wait-for.ts'
import type { WritesUnderWay } from './writes-under-way.ts'

export interface Draining {
  readonly doors: Pick<Doors, 'retire' | 'drain'>
  readonly writes: Pick<WritesUnderWay, 'finished' | 'giveUp'>
  /** Streams say their last word. */
  readonly endStreams: () => void
  /** ms in which requests are still taken: who sends them to us hears late that we stop. */
  readonly delay: number
  /** ms for what is under way after that. */
  readonly timeout: number
}

/** Lets what is under way end; false where some of it was given up. */
export async function drain({ doors, writes, endStreams, delay, timeout }: Draining): Promise<boolean> {
  doors.retire()
  await pause(delay)
  endStreams()
  let done = false
  const all = Promise.all([doors.drain(), writes.finished()]).then(() => void (done = true))
  await waitFor(all, timeout)
  if (!done) await writes.giveUp()
  return done
}
