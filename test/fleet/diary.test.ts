import { expect, test } from 'vitest'
import { createDiary } from '../../src/fleet/diary.ts'
import type { FailureKind } from '../../src/model/outcome.ts'
import type { Resource } from '../../src/model/reading.ts'
import { readingOf } from '../support/fleet-answers.ts'
import { createRegion } from '../support/fleet-regions.ts'

const region = createRegion('boston')
const answered = { status: 'answered', reading: readingOf('release', 'boston', '[]') } as const

function failed(message: string, kind: FailureKind = 'timeout') {
  return { status: 'failed', kind, message, ofService: false } as const
}

function createNotes(diary = createDiary()) {
  let at = 0
  const note = (resource: Resource, asked: typeof answered | ReturnType<typeof failed>): void =>
    diary.note(region, { resource }, asked, 12, (at += 1_000))
  return { diary, note }
}

test('failures stay when the region answers again, the newest first', () => {
  const { diary, note } = createNotes()
  note('release', failed('no answer within 10 s'))
  note('release', failed('HTTP 500', 'broken'))
  note('release', answered)
  expect(diary.of('boston').failures).toEqual([
    { resource: 'release', kind: 'broken', message: 'HTTP 500', firstAt: 2_000, lastAt: 2_000, times: 1 },
    {
      resource: 'release',
      kind: 'timeout',
      message: 'no answer within 10 s',
      firstAt: 1_000,
      lastAt: 1_000,
      times: 1,
    },
  ])
  expect(diary.of('boston').asks.get('release')).toEqual({ outcome: 'answered', took: 12, at: 3_000 })
})

test('the same failure again and again is one, however many resources fail in turn', () => {
  const { diary, note } = createNotes()
  for (let i = 0; i < 100; i++) {
    note('release', failed('no connection'))
    note('query', failed('no connection'))
  }
  expect(diary.of('boston').failures).toMatchObject([
    { resource: 'query', times: 100, firstAt: 2_000, lastAt: 200_000 },
    { resource: 'release', times: 100, firstAt: 1_000, lastAt: 199_000 },
  ])
})

test('twenty different ones are kept, and nothing of a region that left', () => {
  const { diary, note } = createNotes()
  for (let i = 0; i < 25; i++) note('release', failed(`failure ${i}`))
  const messages = diary.of('boston').failures.map(({ message }) => message)
  expect([messages.length, messages[0], messages.at(-1)]).toEqual([20, 'failure 24', 'failure 5'])
  diary.forget('boston')
  expect(diary.of('boston').failures).toEqual([])
})
