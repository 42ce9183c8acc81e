import type { Ask } from '../../src/fleet/ask.ts'
import { serviceOf } from '../../src/model/calls.ts'
import type { FailureKind } from '../../src/model/outcome.ts'
import type { Readings, Resource, Want } from '../../src/model/reading.ts'
import type { Region } from '../../src/model/region.ts'
import { toReading } from '../../src/upstream/readings.ts'

/** What a region is made to answer: JSON text, a failure, or that it has no such call. */
export type Played =
  | { readonly json: string }
  | { readonly fails: FailureKind; readonly message: string; readonly http?: number }
  | { readonly lacks: string }

export type Play = (region: Region, want: Want) => Played | Promise<Played>

/** Failures that are about the connection or the credential, not about what was asked. */
const aboutConnection: ReadonlySet<FailureKind> = new Set(['timeout', 'unreachable', 'tls', 'unauthorized'])

export function answers(value: unknown): Played {
  return { json: JSON.stringify(value) }
}

export function fails(kind: FailureKind, message = `it is ${kind}`, http?: number): Played {
  return { fails: kind, message, ...(http !== undefined && { http }) }
}

export function lacks(reason = 'its release has no such call'): Played {
  return { lacks: reason }
}

/** An `Ask` that plays regions instead of asking them; like the real one it gives back what has not changed. */
export function createAsk(play: Play): Ask {
  return async (region, want, previous) => {
    const played = await play(region, want)
    if ('fails' in played) {
      const { fails: kind, message, http } = played
      const ofService = aboutConnection.has(kind)
      return { status: 'failed', kind, message, ofService, ...(http !== undefined && { http }) }
    }
    if ('lacks' in played) return { status: 'unsupported', reason: played.lacks }
    if (previous?.body.equals(Buffer.from(played.json))) return { status: 'answered', reading: previous }
    const reading = readingOf(want.resource, region.name, played.json, want.id)
    return { status: 'answered', reading }
  }
}

/** What the gateway makes of a region's JSON text. */
export function readingOf<R extends Resource>(
  resource: R,
  regionName: string,
  json: string,
  id = '',
): Readings[R] {
  const body = Buffer.from(json)
  return toReading[resource]({
    regionName,
    dialect: dialectOf(resource),
    body,
    json: body,
    value: JSON.parse(json) as unknown,
    call: `GET ${resource}`,
    id,
  })
}

export function dialectOf(resource: Resource): string {
  return serviceOf(resource) === 'usm' ? 'usm-stx10' : 'patching-ostree'
}
