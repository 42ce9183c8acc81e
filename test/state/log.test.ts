import { execFile } from 'node:child_process'
import { readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openLog, type Log } from '../../src/state/log.ts'
import { anyDamage, damageFile } from './damage.ts'
import { createFolder } from './folder.ts'

const at = Date.UTC(2026, 0, 15, 6)
const bytes = (text: string) => Buffer.from(text)

interface Opened {
  readonly log: Log
  readonly notes: readonly string[]
}
async function opened(file: string, now = () => at): Promise<Opened> {
  const notes: string[] = []
  const log = await openLog(file, { now, onNote: (note) => void notes.push(note) })
  onTestFinished(() => log.close())
  return { log, notes }
}
/** All that a log keeps, in short. */
function entriesOf(log: Log): Record<string, string> {
  return Object.fromEntries(
    [...log.keys()].map((key) => {
      const kept = log.get(key)
      return [key, `${kept?.note} ${kept?.body.toString()} at ${kept?.at}`]
    }),
  )
}

describe('what was put is there when the file is opened again', () => {
  test('the last of each key, with its time; nothing of what was dropped', async () => {
    const { file } = await createFolder()
    const before = await opened(file('a.log'))
    before.log.put('east', { at: 1, note: 'first', body: bytes('[]') })
    await before.log.flush()
    before.log.put('east', { at: 2, note: 'second', body: bytes('[1]\n{"key":"west"}\n') })
    before.log.put('west', { at: 2, note: '', body: bytes('') })
    await before.log.flush()
    before.log.put('east', { at: 3, note: 'second', body: bytes('[1]\n{"key":"west"}\n') })
    before.log.drop('west')
    await before.log.close()

    const after = await opened(file('a.log'))
    expect(entriesOf(after.log)).toEqual({ east: 'second [1]\n{"key":"west"}\n at 3' })
    expect(after.notes).toEqual([])
  })

  test('of a body that is the same again only the time is written', async () => {
    const { file } = await createFolder()
    const { log } = await opened(file('a.log'))
    const body = Buffer.alloc(100_000, 'x')
    log.put('east', { at: 1, note: '', body })
    await log.flush()
    const before = log.written().bytes
    log.put('east', { at: 2, note: '', body: Buffer.from(body) })
    await log.flush()
    expect(log.written().bytes - before).toBeLessThan(100)
    await log.close()
    expect((await opened(file('a.log'))).log.get('east')).toEqual({
      at: 2,
      note: '',
      body,
      sum: expect.any(Number),
    })
  })

  test('whatever is put, flushed and dropped, and however often it is opened anew', async () => {
    const step = fc.oneof(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c'),
        body: fc.uint8Array({ maxLength: 300 }),
        note: fc.string(),
      }),
      fc.record({ drop: fc.constantFrom('a', 'b', 'c') }),
      fc.constantFrom('flush', 'open' as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const { file } = await createFolder()
        const told = new Map<string, string>()
        let { log } = await opened(file('a.log'))
        for (const [i, step] of steps.entries()) {
          if (step === 'flush') await log.flush()
          else if (step === 'open') {
            await log.close()
            ;({ log } = await opened(file('a.log')))
          } else if ('drop' in step) {
            log.drop(step.drop)
            told.delete(step.drop)
          } else {
            const body = Buffer.from(step.body)
            log.put(step.key, { at: i, note: step.note, body })
            told.set(step.key, `${step.note} ${body.toString()} at ${i}`)
          }
        }
        await log.close()
        const after = await opened(file('a.log'))
        expect(entriesOf(after.log)).toEqual(Object.fromEntries(told))
        await after.log.close()
      }),
      { numRuns: 50 },
    )
  })
})

test('the file is nobody else’s, and stays in proportion to what it keeps', async () => {
  const { file, names } = await createFolder()
  const { log } = await opened(file('a.log'))
  for (let i = 0; i < 40; i++) {
    log.put('east', { at: i, note: '', body: Buffer.alloc(500_000, i) })
    await log.flush()
    expect(log.written().size).toBeLessThan(6 * 2 ** 20)
  }
  expect(log.written().bytes).toBeGreaterThan(20_000_000)
  await log.close()
  expect((await stat(file('a.log'))).mode & 0o777).toBe(0o600)
  expect(await names()).toEqual(['a.log'])
  expect((await opened(file('a.log'))).log.get('east')).toMatchObject({
    at: 39,
    body: Buffer.alloc(500_000, 39),
  })
})

/** What is written in it, record by record: of each key a body, then another one; `a` is the same again after each. */
async function twoOfEach(file: string): Promise<ReadonlySet<string>> {
  const { log } = await opened(file)
  const written = new Set<string>()
  const put = (key: string, round: number, time: number): void => {
    const body = `${key}${round}`.repeat(40)
    log.put(key, { at: at + time, note: `of ${key}`, body: bytes(body) })
    written.add(`of ${key} ${body} at ${at + time}`)
  }
  for (const round of [1, 2]) {
    for (const key of ['a', 'b', 'c', 'd']) put(key, round, round)
    await log.flush()
    put('a', round, round + 0.5)
    await log.flush()
  }
  await log.close()
  return written
}

describe('a file that is not as it was written', () => {
  test('opens, holds nothing that was not written, and can be written again', async () => {
    await fc.assert(
      fc.asyncProperty(anyDamage, async (damage) => {
        const { file } = await createFolder()
        const written = await twoOfEach(file('a.log'))
        await damageFile(file('a.log'), damage)
        const after = await opened(file('a.log'))
        for (const entry of Object.values(entriesOf(after.log))) expect(written).toContain(entry)
        after.log.put('new', { at: 9, note: '', body: bytes('new') })
        const all = entriesOf(after.log)
        await after.log.close()
        const again = await opened(file('a.log'))
        expect(entriesOf(again.log)).toEqual(all)
        expect(again.notes).toEqual([])
        await again.log.close()
      }),
      { numRuns: 200 },
    )
  })

  test('is set aside, which is told, and what can be read of it is kept', async () => {
    const { file, names } = await createFolder()
    await twoOfEach(file('a.log'))
    const text = await readFile(file('a.log'), 'latin1')
    // The newest bodies of `a` and `c` are other ones: those before them are still true, as of their own time.
    await writeFile(file('a.log'), text.replace('c2c2c2', 'c2c3c2').replace('a2a2a2', 'a2a3a2'), 'latin1')
    const { log, notes } = await opened(file('a.log'))
    expect(log.get('a')).toMatchObject({ at: at + 1.5, body: bytes('a1'.repeat(40)) })
    expect(log.get('c')).toMatchObject({ at: at + 1, body: bytes('c1'.repeat(40)) })
    expect(log.get('d')).toMatchObject({ at: at + 2 })
    expect(await names()).toEqual(['a.log', 'a.log.corrupt-20260115T060000Z'])
    expect(notes).toEqual([
      `${file('a.log')} has damaged parts; set aside as a.log.corrupt-20260115T060000Z, 4 entries of it were readable`,
    ])
    expect(await readFile(file('a.log.corrupt-20260115T060000Z'), 'latin1')).toContain('c2c3c2')
  })

  test('another time or another length than was written ends what can be read', async () => {
    for (const [written, instead] of [
      [`"key":"d","at":${at + 2}`, `"key":"d","at":${at + 3}`],
      ['"note":"of d","size":80', '"note":"of d","size":79'],
    ] as const) {
      const { file } = await createFolder()
      await twoOfEach(file('a.log'))
      const text = await readFile(file('a.log'), 'latin1')
      const place = text.lastIndexOf(written)
      const other = text.slice(0, place) + instead + text.slice(place + written.length)
      await writeFile(file('a.log'), other, 'latin1')
      const { log, notes } = await opened(file('a.log'))
      expect([log.get('c')?.at, log.get('d')?.at, notes.length]).toEqual([at + 2, at + 1, 1])
    }
  })

  test('nothing is set aside for an end that a kill has left half-written', async () => {
    const { file, names } = await createFolder()
    await twoOfEach(file('a.log'))
    await truncate(file('a.log'), (await stat(file('a.log'))).size - 3)
    const { log, notes } = await opened(file('a.log'))
    expect([log.get('a')?.at, notes, await names()]).toEqual([at + 2, [], ['a.log']])
  })

  test('only the latest that was set aside stays', async () => {
    const { file, names } = await createFolder()
    for (const hour of [7, 8, 9]) {
      await writeFile(file('a.log'), 'nonsense')
      await (await opened(file('a.log'), () => Date.UTC(2026, 0, 15, hour))).log.close()
    }
    expect(await names()).toEqual(['a.log', 'a.log.corrupt-20260115T090000Z'])
  })

  test('one that a later version wrote is set aside whole', async () => {
    const { file, names } = await createFolder()
    await twoOfEach(file('a.log'))
    await writeFile(
      file('a.log'),
      (await readFile(file('a.log'), 'latin1')).replace('stx-fleet-state 1', 'stx-fleet-state 2'),
      'latin1',
    )
    const { log, notes } = await opened(file('a.log'))
    expect([...log.keys()]).toEqual([])
    expect(notes).toEqual([expect.stringContaining('is no state of this version; set aside as ')])
    expect((await names()).length).toBe(2)
  })

  test('what a kill has left of a rewriting is no part of it', async () => {
    const { file, names } = await createFolder()
    await twoOfEach(file('a.log'))
    await writeFile(file('a.log.new'), 'half of')
    const { log } = await opened(file('a.log'))
    expect(log.get('d')?.at).toBe(at + 2)
    for (let i = 0; i < 12; i++) {
      log.put('big', { at: i, note: '', body: Buffer.alloc(500_000, i) })
      await log.flush()
    }
    await log.close()
    expect(await names()).toEqual(['a.log'])
    expect((await opened(file('a.log'))).log.get('d')?.at).toBe(at + 2)
  })
})

test('a full disk costs nothing that was written, and is told once; afterwards all is written', async () => {
  const { file } = await createFolder()
  const script = join(import.meta.dirname, 'small-disk.ts')
  // Blocks of 512 bytes.
  const limited = `ulimit -f 512; exec "${process.execPath}" "${script}" "${file('a.log')}"`
  const { stdout } = await promisify(execFile)('sh', ['-c', limited])
  expect(JSON.parse(stdout)).toEqual([
    expect.stringContaining('a.log cannot be written: EFBIG'),
    `${file('a.log')} can be written again`,
  ])
  const { log, notes } = await opened(file('a.log'))
  expect(entriesOf(log)).toEqual({ first: ' first at 1', second: ' second at 3' })
  expect(notes).toEqual([])
})
