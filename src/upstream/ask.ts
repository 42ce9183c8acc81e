import { isBackground, serviceOf } from '../model/calls.ts'
import type { Readings, Resource, Want } from '../model/reading.ts'
import type { WriteTimeouts } from '../model/region-call.ts'
import { mayHave, type Region, type Service } from '../model/region.ts'
import { compareVersions } from '../model/version.ts'
import type { Dialect, DialectName } from './dialect.ts'
import { UpstreamError } from './error.ts'
import { createFinding, type RegionMemory } from './finding.ts'
import { readBody } from './read-body.ts'
import { createReadTurn } from './read-turn.ts'
import { createRelaying, type Relaying } from './relaying.ts'
import { createSender, type SenderOptions } from './sender.ts'

/** What became of one ask. */
export type Asked<T> =
  | { readonly status: 'answered'; readonly reading: T }
  | { readonly status: 'unsupported'; readonly reason: string }

/** One region, as the gateway talks to it: at most one read at a time; writes are given to it one by one. */
export interface RegionClient {
  /**
   * Asks now. When the answer's bytes equal those of `previous`, `previous` itself is returned. Throws
   * `UpstreamError`, and nothing else, whatever the region sends.
   */
  ask<R extends Resource>(want: Want<R>, previous?: Readings[R]): Promise<Asked<Readings[R]>>
  readonly relay: Relaying
  /** The dialect of a service, once it was found out. */
  dialectOf(service: Service): DialectName | undefined
  /** The same, with what told it as a sentence. */
  foundOut(
    service: Service,
  ): { readonly name: DialectName; readonly evidence: string | undefined } | undefined
  /** When the account's password ends (ms since the epoch), as Keystone told at the last login. */
  passwordExpiresAt(): number | undefined
  /** The earliest end of the certificates that its services showed, ms since the epoch. */
  certificateEndsAt(): number | undefined
  close(): void
}

export interface AskOptions extends SenderOptions {
  /** ms since the epoch. */
  readonly now: () => number
  readonly writeTimeouts: WriteTimeouts
}

const firstUsm = [23, 9]
/** What Patching last said of its version is believed for so long (ms) while its USM refuses connections. */
const versionBelieved = 60_000

/** A guessed address at which nothing was is tried again after so long (ms). */
const guessTried = 5 * 60_000

export function createRegionClient(
  region: Region,
  options: AskOptions,
  memory: RegionMemory = { patchingAnswered: false },
): RegionClient {
  const sender = createSender(region, options, (service) => {
    if (service === 'patching') memory.patchingAnswered = true
  })
  const finding = createFinding(
    (service, path) => sender.send(service, path),
    () => mayHave(region, 'usm'),
    options.now,
    memory,
  )
  const readTurn = createReadTurn()
  const learnt = new Set<Resource>()
  let nothingThereAt = -Infinity

  /** Undefined where the dialect lacks the resource. */
  async function read<R extends Resource>(
    speaking: Dialect,
    want: Want<R>,
    previous?: Readings[R],
  ): Promise<Readings[R] | undefined> {
    const { resource, id = '' } = want
    const route = speaking.routes[resource]
    if (route === undefined) return undefined
    const path = route.path(id)
    const service = serviceOf(resource)
    const answer = await sender.send(service, path)
    const unchanged = answer.status === 200 && previous !== undefined && answer.body.equals(previous.body)
    // An answer that another client read, or a gateway before this one, has taught this one nothing yet.
    if (unchanged && previous.dialect === speaking.name && learnt.has(resource)) {
      finding.confirm(resource)
      return previous
    }
    const { value, reading } = readBody(resource, { regionName: region.name, speaking, answer, id })
    const dialect = finding.learn(service, resource, value, reading)
    learnt.add(resource)
    return unchanged && previous.dialect === dialect ? previous : { ...reading, dialect }
  }

  /** Answers that stop fitting may mean that the region was upgraded: find out, and ask again if it was. */
  async function readUsm<R extends Resource>(
    want: Want<R>,
    previous?: Readings[R],
  ): Promise<Asked<Readings[R]>> {
    const speaking = await finding.usm()
    try {
      return answered(await read(speaking, want, previous))
    } catch (error) {
      if (!(error instanceof UpstreamError) || !stoppedFitting(error)) throw error
      const found = await finding.usmAgain().catch(() => speaking)
      if (found.name === speaking.name) throw error
      return answered(await read(found, want))
    }
  }

  /** A region whose Patching serves a release before stx 9 has no USM: its USM address refuses connections. */
  async function isOlderThanUsm(): Promise<boolean> {
    // A USM that has answered before is down, not missing.
    if (!mayHave(region, 'patching') || finding.known('usm') !== undefined) return false
    const believed = (): boolean => options.now() - (finding.patchingVersion()?.at ?? 0) < versionBelieved
    for (const resource of ['query_hosts', 'query'] as const) {
      if (!believed()) await read(finding.patching(), { resource }).catch(() => undefined)
    }
    const served = finding.patchingVersion()
    return served !== undefined && believed() && compareVersions(served.version, firstUsm) < 0
  }

  async function askUsm<R extends Resource>(
    want: Want<R>,
    previous?: Readings[R],
  ): Promise<Asked<Readings[R]>> {
    try {
      return await readUsm(want, previous)
    } catch (error) {
      if (error instanceof UpstreamError && error.refused && (await isOlderThanUsm())) {
        return unsupported('its Patching serves a release before stx 9, which has no USM')
      }
      throw error
    }
  }

  async function askPatching<R extends Resource>(
    want: Want<R>,
    previous?: Readings[R],
  ): Promise<Asked<Readings[R]>> {
    const gone = 'its USM is of stx 12 or later, which has no Patching'
    const guess = 'nothing is at the address where its Patching would be, and its USM needs none'
    if (finding.knownWithoutPatching()) return unsupported(gone)
    if (options.now() - nothingThereAt < guessTried) return unsupported(guess)
    try {
      return answered(await read(finding.patching(), want, previous))
    } catch (error) {
      const byUsm = await finding.patchingByUsm()
      if (byUsm === 'none') return unsupported(gone)
      // A Patching that has answered is down, not missing; so is one whose address was given.
      const mayBeMissing = region.patchingGuessed === true && !memory.patchingAnswered
      const refused = error instanceof UpstreamError && error.refused
      if (byUsm !== 'agentless' || !mayBeMissing || !refused) throw error
      nothingThereAt = options.now()
      return unsupported(guess)
    }
  }

  async function askInTurn<R extends Resource>(
    want: Want<R>,
    previous?: Readings[R],
  ): Promise<Asked<Readings[R]>> {
    const service = serviceOf(want.resource)
    if ((await sender.endpointOf(service)) === undefined) return unsupported(`no ${service} endpoint`)
    return service === 'usm' ? askUsm(want, previous) : askPatching(want, previous)
  }

  const ask = <R extends Resource>(want: Want<R>, previous?: Readings[R]): Promise<Asked<Readings[R]>> =>
    readTurn.take(isBackground(want.resource), `GET ${want.resource}`, () => askInTurn(want, previous))

  return {
    ask,
    relay: createRelaying({
      sender,
      finding,
      ask,
      readTurn,
      writeTimeouts: options.writeTimeouts,
    }),
    dialectOf: (service) => finding.known(service),
    foundOut(service) {
      const name = finding.known(service)
      return name && { name, evidence: finding.evidence(service) }
    },
    passwordExpiresAt: () => sender.passwordExpiresAt(),
    certificateEndsAt: () => sender.certificateEndsAt(),
    close: () => sender.close(),
  }
}

function answered<T>(reading: T | undefined): Asked<T> {
  return reading === undefined ? unsupported('its release has no such call') : { status: 'answered', reading }
}

function unsupported(reason: string): { readonly status: 'unsupported'; readonly reason: string } {
  return { status: 'unsupported', reason }
}

function stoppedFitting(error: UpstreamError): boolean {
  return error.kind === 'malformed' || error.status === 404 || error.status === 405 || error.status === 500
}
