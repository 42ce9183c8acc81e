import type { Readings, Resource } from '../model/reading.ts'
import type { Service } from '../model/region.ts'
import { compareVersions } from '../model/version.ts'
import { dialects, type Dialect, type DialectName } from './dialect.ts'
import { UpstreamError } from './error.ts'
import {
  newestVersion,
  patchingOfHosts,
  patchingOfVersion,
  patchingTold,
  usmOfReleases,
  usmOfVersionDocument,
  usmTold,
} from './evidence.ts'
import type { HttpAnswer } from './http.ts'
import { field, isObject, parseJson } from './json.ts'
import { successfulJson } from './success.ts'

/** What was found out about one region's services, and the safe GETs that find it out. */
export interface Finding {
  /** The USM dialect, asked for with `GET /v1` when unknown. Throws `UpstreamError`. */
  usm(): Promise<Dialect>
  /** Asks again, because answers stopped fitting. Throws `UpstreamError`. */
  usmAgain(): Promise<Dialect>
  /** Both eras are asked in the same way; which one it is, the first answer tells. */
  patching(): Dialect
  /** Takes what an answer tells; the service's dialect afterwards. */
  learn<R extends Resource>(service: Service, resource: R, value: unknown, reading: Readings[R]): DialectName
  /** The answer is what it was: what was learnt from it holds as of now. */
  confirm(resource: Resource): void
  /** Known to be of stx 12 or later, which has no Patching. */
  knownWithoutPatching(): boolean
  /** Asks USM what its release has of Patching. Never throws: a USM that does not answer says nothing. */
  patchingByUsm(): Promise<PatchingByUsm>
  /** The version that Patching served when it last answered. */
  patchingVersion(): { readonly version: readonly number[]; readonly at: number } | undefined
  /** The release list has told which USM it is; the version document alone can't tell stx 10 from master. */
  usmIsCertain(): boolean
  known(service: Service): DialectName | undefined
  /** What told it, as a sentence. */
  evidence(service: Service): string | undefined
}

/** `none`: stx 12 or later; `agentless`: stx 10 or 11, whose Patching can say nothing of hosts; `unknown`: all else. */
export type PatchingByUsm = 'none' | 'agentless' | 'unknown'

/** What is known of a region however often its connections are made anew. */
export interface RegionMemory {
  /** Its Patching has answered under the release that the region runs. */
  patchingAnswered: boolean
}

/** A USM that did not answer in time is not asked again on Patching's behalf for so long (ms). */
const usmSilence = 60_000

type Send = (service: Service, path: string) => Promise<HttpAnswer>

export function createFinding(
  send: Send,
  mayHaveUsm: () => boolean,
  now: () => number,
  memory: RegionMemory,
): Finding {
  let usm: Dialect | undefined
  let usmIsCertain = false
  let usmEvidence: string | undefined
  let patchingEvidence: string | undefined
  let usmTimedOutAt = -Infinity
  let patching: Dialect = dialects['patching-ostree']
  let patchingDecided = false
  let withoutPatching: boolean | undefined
  let running: readonly number[] | undefined
  let served: { version: readonly number[]; at: number; from: Resource } | undefined

  async function usmAgain(): Promise<Dialect> {
    const found = await askVersion()
    usmIsCertain = found === 'usm-stx9'
    // All since stx 10 have one version document: their release lists told them apart, and will do so again.
    if (usm !== undefined && usm.name !== 'usm-stx9' && found === 'usm-stx10') return usm
    if (usm?.name !== found) withoutPatching = undefined
    usmEvidence = usmTold[found === 'usm-stx9' ? 'usm-stx9' : 'link']
    return (usm = dialects[found])
  }

  /** A service that can't even say what it is has failed as a whole. */
  async function askVersion(): Promise<'usm-stx9' | 'usm-stx10'> {
    const call = 'GET /v1'
    try {
      const found = usmOfVersionDocument(successfulJson(await send('usm', '/v1'), call))
      if (found === undefined) throw new UpstreamError('malformed', `${call}: not a USM version document`)
      return found
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      if (error.kind === 'timeout') usmTimedOutAt = now()
      const { kind, message, status, refused } = error
      throw new UpstreamError(kind, message, { status, refused, ofService: true })
    }
  }

  function learnUsm(value: unknown, releases: Readings['release']): void {
    const deployed = newestVersion(releases.items.filter(({ state }) => state === 'deployed'))
    if (deployed && running && compareVersions(deployed, running) !== 0) {
      withoutPatching = undefined
      if (compareVersions(majorOf(deployed), majorOf(running)) !== 0) memory.patchingAnswered = false
    }
    running = deployed ?? running
    const found = usm?.name === 'usm-stx9' ? undefined : usmOfReleases(value)
    if (found !== undefined) {
      usmIsCertain = true
      usmEvidence = usmTold[found]
    }
    if (found !== undefined && found !== usm?.name) {
      usm = dialects[found]
      withoutPatching = undefined
    }
  }

  /** Hosts tell what runs; patches may be of releases gone by or to come, and count where there are no hosts. */
  function learnVersion(from: Resource, version: readonly number[] | undefined): void {
    if (version === undefined) served = served?.from === from ? undefined : served
    else if (from === 'query_hosts' || served?.from !== 'query_hosts') served = { version, at: now(), from }
  }

  function learnPatching(value: unknown, from: Resource, version: readonly number[] | undefined): void {
    learnVersion(from, version)
    const byHosts = patchingOfHosts(value)
    const found = byHosts ?? (version && !patchingDecided ? patchingOfVersion(version) : undefined)
    if (found === undefined) return
    patchingDecided = true
    if (byHosts !== undefined) patchingEvidence = patchingTold[byHosts]
    else if (version) patchingEvidence = `GET /v1/${from} tells of version ${version.join('.')}`
    patching = dialects[found]
  }

  /** Since stx 12 an unknown path is a 404 in USM's own error shape (recording usm/stx12.0/software_upgrade-seed-path). */
  async function patchingByUsm(): Promise<PatchingByUsm> {
    if (!mayHaveUsm() || (usm === undefined && now() - usmTimedOutAt < usmSilence)) return 'unknown'
    try {
      const speaking = usm ?? (await usmAgain())
      withoutPatching = speaking.name === 'usm-master'
      if (withoutPatching) return 'none'
      if (speaking.name === 'usm-stx9') return 'unknown'
      const answer = await send('usm', '/v1/software_upgrade')
      withoutPatching = answer.status === 404 && hasErrorShape(answer)
      if (withoutPatching) return 'none'
      // What else stx 10 and 11 say to it; a front answers for a USM that is down.
      return answer.status === 404 || answer.status === 500 ? 'agentless' : 'unknown'
    } catch {
      return 'unknown'
    }
  }

  return {
    usm: () => (usm ? Promise.resolve(usm) : usmAgain()),
    usmAgain,
    patching: () => patching,
    learn(service, resource, value, reading) {
      if (resource === 'release') learnUsm(value, reading as Readings['release'])
      if (resource === 'query_hosts') {
        learnPatching(value, resource, newestVersion((reading as Readings['query_hosts']).items))
      }
      if (resource === 'query') {
        learnPatching(value, resource, newestVersion((reading as Readings['query']).items))
      }
      return service === 'usm' ? (usm ?? dialects['usm-stx10']).name : patching.name
    },
    confirm(resource) {
      if (served?.from === resource) served = { ...served, at: now() }
    },
    knownWithoutPatching: () => withoutPatching === true,
    patchingByUsm,
    patchingVersion: () => served,
    usmIsCertain: () => usmIsCertain,
    evidence: (service) => (service === 'usm' ? usmEvidence : patchingEvidence),
    known: (service) => (service === 'usm' ? usm?.name : patchingDecided ? patching.name : undefined),
  }
}

function hasErrorShape(answer: HttpAnswer): boolean {
  try {
    const value = parseJson(answer.body, '')
    return isObject(value) && typeof field(value, 'error') === 'string'
  } catch {
    return false
  }
}

const majorOf = (version: readonly number[]): readonly number[] => version.slice(0, 2)
