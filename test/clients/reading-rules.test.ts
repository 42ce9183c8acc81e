import { expect, test } from 'vitest'
import { captures, triedAnswers, type Capture } from './captures.ts'
import type { Answer } from './client-call.ts'
import { readOf } from './software-commands.ts'

// The rules against what the real command line did with the same answers: its exit code, its words, its crashes.

test.each(['10', '12'] as const)('what the client of stx %s printed', (client) => {
  const runs = captures(client).filter(({ exchanges }) => exchanges.length > 0)
  expect(runs.length).toBeGreaterThan(30)
  for (const run of runs) {
    const reading = readOf(client, run.command)(lastAnswer(run))
    expect(reading.ok, run.command).toBe(run.code === 0)
    if (!reading.ok) expect(flat(run.printed), run.command).toContain(flat(reading.why))
  }
})

test('what it did with bodies of every kind', () => {
  const tried = triedAnswers()
  expect(tried.length).toBeGreaterThan(100)
  for (const { client, command, code, printed, crash, answer } of tried) {
    const what = `${client} ${command}: ${answer.status} ${answer.body}`
    const reading = readOf(client, command)(answer)
    // A null where only an error is looked for is the one answer that is neither understood nor a failure.
    if (answer.body === 'null' && code === 0) continue
    expect(reading.ok, what).toBe(code === 0)
    if (reading.ok) continue
    expect(reading.broken, what).toBe(crash !== '' || printed === '')
    if (!reading.broken && !reading.why.startsWith('HTTP status of')) {
      expect(flat(printed), what).toContain(flat(reading.why))
    }
  }
})

function lastAnswer({ exchanges }: Capture): Answer {
  const last = exchanges.at(-1)
  if (last === undefined) throw new Error('nothing was sent')
  return last.answer
}

const flat = (words: string): string => words.replace(/\s+/g, ' ').trim()
