import { join } from 'node:path'
import { keepAnswers, type KeptAnswers } from './answers.ts'
import { holdFolder } from './folder.ts'
import { keepLists, type KeptLists } from './lists.ts'
import { openLog, type Log, type LogOptions } from './log.ts'
import { keepLogins, type KeptLogins } from './logins.ts'

/** What a restart keeps: one folder, one log for each kind. */
export interface State {
  readonly answers: KeptAnswers
  readonly lists: KeptLists
  readonly logins: KeptLogins
  /** Writes what is not written yet, and lets go of the folder. */
  close(): Promise<void>
}

/** ms: what a kill may cost at most. */
const interval = 1_000

/** Rejects where the folder can't be written, or another gateway uses it. */
export async function openState(folder: string, options: LogOptions): Promise<State> {
  const held = await holdFolder(folder)
  const logs: Log[] = []
  const openHere = async (name: string): Promise<Log> => {
    const log = await openLog(join(folder, name), options)
    logs.push(log)
    return log
  }
  const close = async (): Promise<void> => {
    await Promise.all(logs.map((log) => log.close()))
    held.release()
  }
  try {
    const answers = keepAnswers(await openHere('answers.log'))
    const lists = keepLists(await openHere('lists.log'), options.now())
    const logins = keepLogins(await openHere('logins.log'), options.now())
    const timer = setInterval(() => void Promise.all(logs.map((log) => log.flush())), interval)
    timer.unref()
    return {
      answers,
      lists,
      logins,
      async close() {
        clearInterval(timer)
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
