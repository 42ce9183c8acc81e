import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectError, jsonOf } from '../replay/compare.ts'
import type { DoorAnswer } from '../replay/exact-request.ts'
import type { Api } from '../replay/recordings.ts'
import { expectCombined, expectFault, expectKept } from './answered.ts'
import { expectArrived, expectOwnHeaders } from './arrived.ts'
import { casesOf, namedRegion } from './cases.ts'
import type { Case } from './cases.ts'
import { startGateway } from './gateway.ts'
import type { WrittenGateway } from './gateway.ts'
import { answerToPart } from './oracle/parts.ts'
import type { DoorRequest } from './oracle/plan.ts'
import { loadWrites } from './recordings.ts'
import type { RecordedWrites } from './recordings.ts'
import { createWritingRegion } from './region.ts'
import type { WritingRegion } from './region.ts'

/** What no client can make a region see. */
const hostile = {
  cookie: 'session=1',
  'user-header': 'admin',
  'x-user-id': 'admin',
  'x-user': 'admin',
  'x-role': 'admin',
  'x-roles': 'admin',
  'x-project-name': 'admin',
  'x-identity-status': 'Confirmed',
  'x-service-token': 'a',
  'x-forwarded-for': '127.0.0.1',
  forwarded: 'for=127.0.0.1',
}
/** Headers that are the connection's, the recorded token's, or of a coding. */
const notReplayed = /^(host|connection|content-length|transfer-encoding|accept-encoding)$/

/** Replays every recorded write of one API: one gateway per release, one region per recording, one test each. */
export function replayWrites(api: Api): void {
  const releases = loadWrites().filter((release) => release.api === api)
  describe.each(releases)('writes of $api $release, replayed', replayRelease)
}

/** The same for writes of one release, wherever they come from. */
export function replayRelease(release: RecordedWrites): void {
  const { cases, scenarios } = casesOf(release)
  const regions = new Map<string, WritingRegion>()
  let gateway: WrittenGateway

  beforeAll(async () => {
    for (const one of cases) regions.set(one.region, await createWritingRegion(scenarios, one))
    gateway = await startGateway(
      cases.map(({ region, ownName, write }) => ({
        api: write.api,
        name: region,
        ownName,
        url: regionOf(region).url,
      })),
    )
  })
  afterAll(async () => {
    await gateway.close()
    await Promise.all([...regions.values()].map((region) => region.close()))
  })

  it.each(cases)('$plan.class: $title', async (one) => {
    const { plan, write, region } = one
    const { writes, reads } = regionOf(region)
    if (plan.class === 'refused') {
      const answer = await ask(one, plan.door)
      if (plan.untold === true) expectNothingSent(answer)
      else expectRefusal(answer)
      expect(writes()).toEqual([])
    } else if (plan.call === undefined) {
      expectHead(await ask(one, plan.door))
      expect(writes()).toEqual([])
    } else {
      const answer = await ask(one, plan.door)
      const sent = expectArrived(one, plan, scenarios, writes())
      const answers = sent.map((send) => answerToPart(write, plan.sends, send))
      const [recorded] = answers
      if (plan.class === 'fault') expectFault(answer, write, plan.call.kind !== 'read')
      else if (plan.sends.length > 1) {
        const parts = new Set(sent)
        expectCombined(
          answer,
          answers,
          plan.sends.filter((send) => !parts.has(send)).flatMap(({ of }) => of ?? []),
        )
      } else if (recorded?.answer) expectKept(answer, recorded.answer)
      // The region's own words, which only it knows, are in no table: they are asked for by the documented ones.
      if (plan.door.target !== write.target) expectRefusal(await ask(one, literal(one)))
      if (plan.class === 'fault' && isCrash(one)) expectPause(await ask(one, plan.door))
      expect(writes(), 'nothing more is sent').toHaveLength(sent.length)
    }
    for (const request of reads()) expectOwnHeaders(request)
  })

  const named = cases.filter(
    ({ write, plan }) => plan.class !== 'refused' && namedRegion(write) !== undefined,
  )
  const other = cases.find(({ plan, write }) => plan.class !== 'refused' && namedRegion(write) === undefined)
  if (named.length === 0 || other === undefined) return
  it('sends a region nothing that names another', async () => {
    const { writes } = regionOf(other.region)
    const before = writes().length
    for (const one of named) {
      const answer = await ask({ ...one, region: other.region }, one.plan.door)
      expectError(answer, [400])
    }
    expect(writes()).toHaveLength(before)
  })

  function regionOf(name: string): WritingRegion {
    const found = regions.get(name)
    if (found === undefined) throw new Error(`no region replays ${name}`)
    return found
  }

  function ask({ write, region }: Case, door: DoorRequest): Promise<DoorAnswer> {
    const recorded = Object.entries(write.asked).filter(([name]) => !notReplayed.test(name))
    const { 'content-type': _, ...headers } = Object.fromEntries(recorded)
    return gateway.ask(region, door.target, {
      method: door.method,
      headers: {
        ...hostile,
        ...headers,
        ...(door.contentType !== undefined && { 'content-type': door.contentType }),
      },
      body: door.body,
      chunked: /\bchunked\b/i.test(write.asked['transfer-encoding'] ?? ''),
    })
  }
}

function literal({ write }: Case): DoorRequest {
  const { method, target, body, asked } = write
  return { method, target, body, contentType: asked['content-type'] }
}

function expectRefusal(answer: DoorAnswer): void {
  expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
  expect(answer.status, answer.text).toBeLessThan(500)
  if (answer.text !== '') expectError(answer, [answer.status])
}

/** What it needs to know, the region did not tell. */
function expectNothingSent(answer: DoorAnswer): void {
  expectError(answer, [502])
  expect(jsonOf(answer)).toMatchObject({ sent: false, error: expect.stringContaining('nothing was sent') })
}

/** A HEAD is a GET whose body is kept back. */
function expectHead(answer: DoorAnswer): void {
  expect(answer).toMatchObject({ status: 200, text: '' })
  expect(answer.headers['content-type']).toMatch(/^application\/json\b/)
}

/** Patching's daemon exits after a 500. */
function isCrash({ write }: Case): boolean {
  return write.api === 'patching' && write.answer?.status === 500
}

function expectPause(answer: DoorAnswer): void {
  expect(answer.status, answer.text).toBe(503)
  expect(jsonOf(answer)).toMatchObject({ kind: 'backed_off', sent: false })
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
}
