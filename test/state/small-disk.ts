import { openLog } from '../../src/state/log.ts'

// Run by log.test.ts where no file may grow beyond a limit: a disk that is full, and is not any more.

process.on('SIGXFSZ', () => undefined)
const [file = ''] = process.argv.slice(2)
const notes: string[] = []
let now = 0
const log = await openLog(file, { now: () => now, onNote: (note) => void notes.push(note) })
const minute = async (): Promise<void> => {
  now += 60_000
  await log.flush()
}
log.put('first', { at: 1, note: '', body: Buffer.from('first') })
await minute()
log.put('large', { at: 2, note: '', body: Buffer.alloc(2 ** 20, 'x') })
await minute()
log.put('second', { at: 3, note: '', body: Buffer.from('second') })
await minute()
log.drop('large')
await minute()
await log.close()
process.stdout.write(JSON.stringify(notes))
