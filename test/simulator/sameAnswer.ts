import type { RawAnswer } from './rawHttp.ts'
import type { Exchange } from './recordedWrites.ts'

/** How a simulated answer differs from the recorded one; nothing when it says the same. */
export function differencesOf(exchange: Exchange, actual: RawAnswer): string[] {
  const { answer, name, request } = exchange
  if (!answer) return []
  const found: string[] = []
  if (actual.status !== answer.status) found.push(`status ${actual.status} instead of ${answer.status}`)
  const [type, recordedType] = [typeOf(actual.headers), typeOf(Object.entries(answer.headers))]
  if (type !== recordedType) found.push(`content type ${type} instead of ${recordedType}`)
  const names = (headers: readonly string[]) => headers.map((header) => header.toLowerCase()).join()
  const recordedNames = names(Object.keys(answer.headers))
  const actualNames = names(actual.headers.map(([header]) => header))
  if (actualNames !== recordedNames) found.push(`headers ${actualNames} instead of ${recordedNames}`)
  const text = Buffer.from(actual.body, 'latin1').toString()
  const [said, recorded] = [comparable(text), comparable(answer.body)]
  if (said !== recorded) found.push(`\n  said     ${said}\n  recorded ${recorded}`)
  return found.map(
    (difference) => `${exchange.release} ${name}: ${request.method} ${request.path}: ${difference}`,
  )
}

function typeOf(headers: readonly (readonly [string, string])[]): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
}

/** A body without what differs by chance; key order stays, so that it is compared too. */
function comparable(body: string): string {
  const text = body
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'COMMIT')
    .replaceAll(/signature \[\w+\]/g, 'signature [x]')
    .replaceAll(/free \d+\.\d+ MiB/g, 'free x MiB')
    .replaceAll(/Release \w does not exist/g, 'Release x does not exist')
    .replaceAll('compute-0', 'worker-0')
  try {
    return JSON.stringify(withoutChance(JSON.parse(text)))
  } catch {
    return text
  }
}

function withoutChance(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(withoutChance)
  const record = value as Record<string, unknown>
  if ('release_id' in record) return releaseFacts(record)
  if ('secs_since_ack' in record) return hostFacts(record)
  const { pd, data } = record
  // What a patch holds is each region's own.
  if ('contents' in record) return [Object.keys(record['metadata'] as object), record['error']]
  if (Array.isArray(data)) return data.map(withoutChance)
  if (pd !== null && typeof pd === 'object') return patchStates(pd as Record<string, Record<string, string>>)
  // Texts written letter by letter come in the order of a Python set.
  const { error } = record
  const letters = typeof error === 'string' && /^Releases not found: \S(, \S)+\n$/.test(error)
  return letters ? { ...record, error: [...new Set(error)].sort().join('') } : record
}

/** Which keys there are and what the life cycle changes; texts and packages are each region's own. */
function releaseFacts(record: Record<string, unknown>): unknown {
  const { release_id: id, state, sw_version: version } = record
  return [id, state, version, Object.keys(record)]
}

function hostFacts(record: Record<string, unknown>): unknown {
  const { hostname, patch_current: current, patch_failed: failed, state } = record
  return [hostname, current, failed, state, record['interim_state'], Object.keys(record)]
}

/** Of the patches that both know; order is chance. */
function patchStates(pd: Record<string, Record<string, string>>): unknown {
  return Object.entries(pd)
    .filter(([id]) => /_PATCH_000[1-4]$/.test(id) && id.startsWith('STX'))
    .map(([id, patch]) => [id, patch['repostate'], patch['patchstate']].join(' '))
    .sort()
}
