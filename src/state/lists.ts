import type { Region } from '../model/region.ts'
import type { Log } from './log.ts'

/** The last good list of regions that a source gave. */
export interface KeptList {
  readonly regions: readonly Region[]
  /** ms since the epoch */
  readonly foundAt: number
}

/** The last good lists of all sources, by their names. */
export interface KeptLists {
  keep(source: string, list: KeptList): void
  of(source: string): KeptList | undefined
}

/** ms: a source that nobody has configured for so long is forgotten. */
const remembered = 30 * 24 * 3_600_000

export function keepLists(log: Log, now: number): KeptLists {
  for (const source of log.keys()) {
    if (now - (log.get(source)?.at ?? now) > remembered) log.drop(source)
  }
  return {
    keep(source, { regions, foundAt }) {
      log.put(source, { at: foundAt, note: '', body: Buffer.from(JSON.stringify(regions)) })
    },
    of(source) {
      const kept = log.get(source)
      const regions = kept && regionsIn(kept.body)
      // A time to come is of a clock that was set back since.
      return regions && { regions, foundAt: Math.min(kept.at, now) }
    },
  }
}

/** Undefined where a field is not what it is now: half a fleet would look like a whole one. */
function regionsIn(body: Buffer): readonly Region[] | undefined {
  try {
    return (JSON.parse(body.toString()) as unknown[]).map(toRegion)
  } catch {
    return undefined
  }
}

type Fields = { readonly [key: string]: unknown }

/** Throws where it is none. */
function toRegion(value: unknown): Region {
  const fields = fieldsOf(value)
  const endpoints = fieldsOf(fields.endpoints)
  const labels = fieldsOf(fields.labels)
  const urls = (['usm', 'patching', 'keystone', 'usmReleaseWrites'] as const).flatMap((service) =>
    endpoints[service] === undefined ? [] : [[service, new URL(textOf(endpoints[service]))] as const],
  )
  return {
    name: textOf(fields.name),
    subcloud: textOf(fields.subcloud),
    keystoneRegion: textOf(fields.keystoneRegion),
    endpoints: Object.fromEntries(urls),
    credentials: textOf(fields.credentials),
    labels: Object.fromEntries(Object.entries(labels).map(([key, label]) => [key, textOf(label)])),
    ...(typeof fields.unmanaged === 'boolean' && { unmanaged: fields.unmanaged }),
    ...(typeof fields.offline === 'boolean' && { offline: fields.offline }),
  }
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error('not an object')
  return value as Fields
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new Error('not a text')
  return value
}
