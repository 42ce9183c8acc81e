import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { casesOf } from './cases.ts'
import type { Case } from './cases.ts'
import { expectAnswer, expectError, fleetCounts, jsonOf } from './compare.ts'
import { startFleet } from './fleet.ts'
import type { ReplayedFleet } from './fleet.ts'
import { groupOf } from './gateway.ts'
import type { DoorAnswer } from './exact-request.ts'
import { isObject } from './json.ts'
import { mutates } from './mutating.ts'
import { expectedAnswers } from './oracle/expect.ts'
import { judge } from './oracle/failure.ts'
import { loadReleases } from './recordings.ts'
import type { Api, RecordedRelease } from './recordings.ts'
import { belongsTo, sentPath } from './routes.ts'
import type { Question } from './routes.ts'
import { pathOf } from './scenario.ts'

/** Replays every recording of one API: one gateway per release, one region per recording, one test each. */
export function replayAll(api: Api): void {
  const releases = loadReleases().filter((release) => release.api === api)
  describe.each(releases)('$api $release, replayed', replayRelease)
}

function replayRelease(release: RecordedRelease): void {
  const cases = casesOf(release)
  let fleet: ReplayedFleet

  beforeAll(async () => {
    fleet = await startFleet(release, cases)
  })
  afterAll(() => fleet.close())

  it.each(cases)('$classified.class: $title', async (one) => {
    const { classified } = one
    if (classified.class === 'refused') await expectRefused(one)
    else if (!('question' in classified)) await expectOwnAnswer(one)
    else if (belongsTo(release.api, classified.question)) await expectRead(one, classified.question)
    else await expectUnsupported(one)
    expectGentle(one)
  })

  it('accounts for every region when all are asked', async () => {
    const answer = await fleet.gateway.get(release.api === 'usm' ? '/v1/release' : '/v1/query')
    const { total, ...parts } = fleetCounts(answer)
    expect(total).toBe(cases.length)
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(cases.length)
  })

  /** A GET that changes something at a real region is turned away, and the region never hears of it. */
  async function expectRefused({ classified, region, recording }: Case): Promise<void> {
    const headers = { accept: recording.asked['accept'] ?? '*/*' }
    expectError(await fleet.gateway.get(classified.door, headers), [404, 405])
    const named = withParameters(classified.door, { region_name: region })
    expectError(await fleet.gateway.get(named, headers), [404, 405])
  }

  /** The version document, and paths that are not in the table of calls. */
  async function expectOwnAnswer({ classified, recording }: Case): Promise<void> {
    const answer = await fleet.gateway.get(classified.door, { accept: recording.asked['accept'] ?? '*/*' })
    if ('about' in classified && classified.about === 'nowhere') return expectError(answer, [404])
    if (classified.door.includes('?')) return expect([200, 400]).toContain(answer.status)
    expect(answer.status).toBe(200)
    expect(isObject(jsonOf(answer))).toBe(true)
  }

  async function expectUnsupported(one: Case): Promise<void> {
    const answer = await askOne(one)
    expect(fleetCounts(answer)).toMatchObject({ total: 1, unsupported: 1 })
  }

  /** A read, in the one-region shape and merged. */
  async function expectRead(one: Case, question: Question): Promise<void> {
    const { wording } = fleet.scenarios
    const sent = sentPath(wording, question)
    if (sent === undefined) return expectUnsupported(one)
    const judged = judge(wording, question, fleet.regionOf(one).answerTo(sent))
    const query = new URLSearchParams(one.classified.door.slice(pathOf(one.classified.door).length))
    const asked = { question, query, region: one.region }

    const alone = await askOne(one)
    expectAnswer(alone, expectedAnswers(wording, { ...asked, shape: 'one region' }, judged), one.region)
    // A region that just failed is asked again only when it is named alone, so a group would show the back-off.
    if ('kind' in judged) return
    const merged = await fleet.gateway.get(
      withParameters(one.classified.door, { group: groupOf(one.region) }),
      { accept: one.recording.asked['accept'] ?? '*/*' },
    )
    expectAnswer(merged, expectedAnswers(wording, { ...asked, shape: 'merged' }, judged), one.region)
  }

  function askOne({ classified, region, recording }: Case): Promise<DoorAnswer> {
    const isRelayed = classified.class === 'relayed' || classified.class === 'fault'
    const selection = { region_name: region, ...(isRelayed ? { max_age: '0' } : {}) }
    const accept = recording.asked['accept'] ?? '*/*'
    return fleet.gateway.get(withParameters(classified.door, selection), { accept })
  }

  /** Whatever was asked, a region gets harmless GETs with the gateway's own headers, one at a time. */
  function expectGentle(one: Case): void {
    const region = fleet.regionOf(one)
    const { classified, recording } = one
    for (const request of region.requests) {
      expect(request.method).toBe('GET')
      expect(mutates(recording.api, request.path), request.path).toBe(false)
      expect(['accept', 'connection', 'host', 'traceparent', 'user-agent', 'x-request-id']).toEqual(
        expect.arrayContaining(Object.keys(request.headers)),
      )
      expect(request.headers['accept']).toBe('application/json')
    }
    expect(region.maxConcurrent()).toBeLessThanOrEqual(1)
    const isPrivate = classified.class === 'refused' || recording.target.includes('?')
    if (isPrivate) expect(region.requests.map(({ path }) => path)).not.toContain(recording.target)
  }
}

function withParameters(target: string, parameters: Readonly<Record<string, string>>): string {
  const added = new URLSearchParams(parameters).toString()
  return `${target}${target.includes('?') ? '&' : '?'}${added}`
}
