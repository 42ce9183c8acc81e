import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { keepAnswers } from '../../src/state/answers.ts'
import { openLog } from '../../src/state/log.ts'
import { createFolder } from './folder.ts'
import { tickingRegions, wasSaid } from './ticking.ts'

const writeOn = join(import.meta.dirname, 'write-on.ts')

/** Lets a process write until it is killed, `moment` ms after its first write; the last tick that it had on the disk. */
async function killAfter(file: string, moment: number): Promise<number> {
  const child = spawn(process.execPath, [writeOn, file], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  let written = 0
  for await (const line of createInterface(child.stdout)) {
    if (written === 0) setTimeout(() => child.kill('SIGKILL'), moment)
    written = Number(line)
  }
  await ended
  expect(complaints).toBe('')
  return written
}

test(
  'killed at random moments, 50 times: it opens, holds all that was on the disk, and nothing that was not said just then',
  { timeout: 60_000 },
  async () => {
    // Two at a time, each in a folder of its own that grows from kill to kill.
    const rounds = async (): Promise<void> => {
      const { file, names } = await createFolder()
      let ticks = 0
      for (let round = 0; round < 25; round++) {
        const written = await killAfter(file('answers.log'), Math.random() * 120)
        expect(written).toBeGreaterThan(ticks)
        const log = await openLog(file('answers.log'), { now: Date.now, onNote: (note) => expect.fail(note) })
        const answers = keepAnswers(log)
        const times = new Set<number>()
        for (const region of tickingRegions) {
          const kept = answers.of(region)
          expect(kept.length).toBe(3)
          expect(kept.filter((answer) => !wasSaid(region, answer))).toEqual([])
          for (const { observedAt } of kept) times.add(observedAt)
          expect(Number(answers.hostsOf(region))).toBeGreaterThanOrEqual(written)
        }
        // At most the tick that was being written, in part or whole, is there beyond what was told.
        for (const at of times) expect([written, written + 1]).toContain(at)
        ticks = Math.max(...times)
        await log.close()
        expect((await names()).filter((name) => name.includes('corrupt'))).toEqual([])
      }
    }
    await Promise.all([rounds(), rounds()])
  },
)
