import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { casesOf } from './cases.ts'
import { jsonOf } from './compare.ts'
import { startFleet } from './fleet.ts'
import type { ReplayedFleet } from './fleet.ts'
import { loadReleases } from './recordings.ts'
import { ostreePatchingAnswers } from './whole-answers/patching-ostree.ts'
import { rpmPatchingAnswers } from './whole-answers/patching-rpm.ts'
import { usm10to12Answers } from './whole-answers/usm-10-to-12.ts'
import { usm9Answers } from './whole-answers/usm-9.ts'
import { usmMasterAnswers } from './whole-answers/usm-master.ts'
import type { WholeAnswer } from './whole-answers/whole-answer.ts'

const byDialect: readonly [dialect: string, answers: readonly WholeAnswer[]][] = [
  ['USM of stx 9', usm9Answers],
  ['USM of stx 10 to 12', usm10to12Answers],
  ['USM of master', usmMasterAnswers],
  ['Patching of the RPM era', rpmPatchingAnswers],
  ['Patching of the ostree era', ostreePatchingAnswers],
]
const releases = new Map(loadReleases().map((release) => [`${release.api}-${release.release}`, release]))

describe.each(byDialect)('whole answers, written by hand: %s', (_, answers) => {
  const fleets = new Map<string, ReplayedFleet>()

  beforeAll(async () => {
    const replayed = new Set(answers.flatMap((answer) => answer.regions))
    for (const [key, release] of releases) {
      const cases = casesOf(release).filter(({ region }) => replayed.has(region))
      if (cases.length > 0) fleets.set(key, await startFleet(release, cases))
    }
  })
  afterAll(() => Promise.all([...fleets.values()].map((fleet) => fleet.close())))

  it.each(answers)('$ask of $regions.0', async ({ ask, regions, body }) => {
    const key = [...fleets.keys()].find((one) => regions.every((region) => region.startsWith(`${one}-`)))
    const fleet = fleets.get(key ?? '')
    if (fleet === undefined) throw new Error(`no release replays ${regions.join(', ')}`)
    const selection = `${ask.includes('?') ? '&' : '?'}region_name=${regions.join(',')}`
    const answer = await fleet.gateway.get(ask + selection)
    expect({ status: answer.status, body: jsonOf(answer) }).toEqual({ status: 200, body })
  })
})
