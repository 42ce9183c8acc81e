import type { Resource } from '../model/reading.ts'
import type { Log } from './log.ts'

/** A region's answer to one question, as it was received. */
export interface KeptAnswer {
  readonly resource: Resource
  readonly dialect: string
  readonly body: Buffer
  /** When it was last received so, ms since the epoch. */
  readonly observedAt: number
}

/** Regions' last good answers, and what is remembered of their hosts. */
export interface KeptAnswers {
  keep(regionName: string, answer: KeptAnswer): void
  drop(regionName: string, resource: Resource): void
  of(regionName: string): readonly KeptAnswer[]
  /** What is remembered of hosts, as text; empty: nothing is. */
  keepHosts(regionName: string, memory: string, at: number): void
  hostsOf(regionName: string): string
  /** Who exists now: a region that has been absent for a day is dropped. */
  follow(present: ReadonlySet<string>, now: number): void
}

/** ms */
const day = 24 * 3_600_000
const resources: readonly Resource[] = ['release', 'deploy', 'deploy_host', 'query', 'query_hosts']
const nothing = Buffer.alloc(0)

export function keepAnswers(log: Log): KeptAnswers {
  /** Names hold no spaces, but what comes first decides in any case. */
  const keyOf = (what: string, regionName: string): string => `${what} ${regionName}`
  return {
    keep(regionName, { resource, dialect, body, observedAt }) {
      log.put(keyOf(resource, regionName), { at: observedAt, note: dialect, body })
    },
    drop: (regionName, resource) => log.drop(keyOf(resource, regionName)),
    of: (regionName) =>
      resources.flatMap((resource) => {
        const kept = log.get(keyOf(resource, regionName))
        return kept ? [{ resource, dialect: kept.note, body: kept.body, observedAt: kept.at }] : []
      }),
    keepHosts(regionName, memory, at) {
      const key = keyOf('hosts', regionName)
      const before = log.get(key)?.body.toString() ?? ''
      if (memory === '') log.drop(key)
      else if (memory !== before) log.put(key, { at, note: '', body: Buffer.from(memory) })
    },
    hostsOf: (regionName) => log.get(keyOf('hosts', regionName))?.body.toString() ?? '',
    follow(present, now) {
      for (const [regionName, keys] of keysByRegion(log)) {
        const mark = keyOf('absent', regionName)
        const since = log.get(mark)?.at
        if (present.has(regionName)) log.drop(mark)
        // A mark from the future is of a clock that was set back since.
        else if (since === undefined || since > now) log.put(mark, { at: now, note: '', body: nothing })
        else if (now - since >= day) for (const key of keys) log.drop(key)
      }
    },
  }
}

function keysByRegion(log: Log): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(log.keys(), (key) => key.slice(key.indexOf(' ') + 1))
}
