import type { Intent } from '../model/intent.ts'
import type { Readings, Resource, Want } from '../model/reading.ts'
import type { WriteTimeouts } from '../model/region-call.ts'
import type { Asked } from './ask.ts'
import type { Dialect } from './dialect.ts'
import { unsent, UpstreamError } from './error.ts'
import type { Finding } from './finding.ts'
import type { ReadTurn } from './read-turn.ts'
import { relay, type Relayed } from './relay.ts'
import type { Look } from './route.ts'
import type { Sender } from './sender.ts'

/**
 * One call as a caller means it, now, in the region's dialect. The same read is sent once for everyone who waits; writes
 * are given one by one. Throws `UpstreamError`, and nothing else.
 */
export type Relaying = (intent: Intent) => Promise<Relayed>

export interface RelayingDeps {
  readonly sender: Sender
  readonly finding: Finding
  readonly ask: <R extends Resource>(want: Want<R>) => Promise<Asked<Readings[R]>>
  readonly readTurn: ReadTurn
  readonly writeTimeouts: WriteTimeouts
}

export function createRelaying({ sender, finding, ask, readTurn, writeTimeouts }: RelayingDeps): Relaying {
  const flights = new Map<string, Promise<Relayed>>()

  const look: Look = async (resource) => {
    const asked = await ask({ resource })
    if (asked.status === 'answered') return asked.reading
    throw new UpstreamError('rejected', `GET ${resource}: ${asked.reason}`)
  }

  /** The dialect to speak, or why there is none. A write must not be sent on a guess. */
  async function dialectFor({ call }: Intent): Promise<Dialect | { readonly unsupported: string }> {
    if (call.service === 'usm') {
      if (!finding.usmIsCertain()) {
        const asked = await ask({ resource: 'release' }).catch(unlessItSpoke)
        if (asked?.status === 'unsupported') return { unsupported: asked.reason }
      }
      return finding.usm()
    }
    if (finding.known('patching') === undefined || finding.knownWithoutPatching()) {
      const asked = await ask({ resource: 'query' }).catch(unlessItSpoke)
      if (asked?.status === 'unsupported') return { unsupported: asked.reason }
    }
    return finding.patching()
  }

  async function relayRead(intent: Intent): Promise<Relayed> {
    const dialect = await dialectFor(intent)
    if ('unsupported' in dialect) return { status: 'refused', reason: dialect.unsupported }
    const what = `${intent.method} ${intent.path}`
    return readTurn.take(false, what, () => relay(intent, dialect, { sender, look, writeTimeouts }))
  }

  async function relayWrite(intent: Intent): Promise<Relayed> {
    const dialect = await dialectFor(intent).catch(unsent)
    if ('unsupported' in dialect) return { status: 'refused', reason: dialect.unsupported }
    return relay(intent, dialect, { sender, look, writeTimeouts })
  }

  return (intent) => {
    if (intent.call.kind === 'write') return relayWrite(intent)
    const key = `${intent.call.name} ${intent.method} ${intent.path}${intent.query}`
    const flight = flights.get(key) ?? relayRead(intent).finally(() => flights.delete(key))
    flights.set(key, flight)
    return flight
  }
}

/** An answer that was refused or misshapen leaves the dialect to the version document; silence is a failure. */
function unlessItSpoke(error: unknown): undefined {
  if (error instanceof UpstreamError && ['rejected', 'malformed'].includes(error.kind)) return undefined
  throw error
}
