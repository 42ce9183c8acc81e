import { keepAnswers } from '../../src/state/answers.ts'
import { openLog } from '../../src/state/log.ts'
import { tell, tickingRegions } from './ticking.ts'

// Run by kill.test.ts: writes until it is killed, and says after each write which tick is on the disk.

const [file = ''] = process.argv.slice(2)
const onNote = (note: string): void => void process.stderr.write(`${note}\n`)
// Without slack the file is written anew all the time: that is to be survived too.
const log = await openLog(file, { now: Date.now, onNote, slack: 0 })
const answers = keepAnswers(log)
const last = tickingRegions.flatMap((region) => answers.of(region).map(({ observedAt }) => observedAt))
for (let tick = Math.max(0, ...last) + 1; ; tick++) {
  tell(answers, tick)
  await log.flush()
  process.stdout.write(`${tick}\n`)
}
