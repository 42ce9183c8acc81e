import type { Outcome } from '../model/outcome.ts'
import type { Region } from '../model/region.ts'
import { type ReadQuery } from './parameters.ts'
import { printable, Problem } from './problem.ts'
import type { Request } from './render.ts'
import type { Tally } from './tally.ts'

/** Throws a 503 with the same metadata where the answer misses what was asked of it, or holds nothing at all. */
export function refuseIncomplete(
  query: ReadQuery,
  required: ReadonlyMap<Region, string>,
  regions: readonly Region[],
  outcomes: readonly Outcome<unknown>[],
  { counts, completeness }: Tally,
  headers: Readonly<Record<string, string>>,
  now: number,
): void {
  const refuse = (slug: 'incomplete' | 'no-data', detail: string): never => {
    throw new Problem(503, slug, detail, {
      headers: unavailable(headers),
      extra: { regions: missing(outcomes, now) },
    })
  }
  if (counts.fresh + counts.stale === 0 && counts.failed > 0) {
    const first = outcomes.find((outcome) => outcome.status === 'failed')
    const why =
      counts.failed === 1 && first ? first.failure.message : `none of ${counts.failed} regions answered`
    refuse('no-data', why)
  }
  if (completeness < query.minCompleteness) {
    refuse(
      'incomplete',
      `only ${percent(completeness)} of the regions are fresh; ${percent(query.minCompleteness)} asked for`,
    )
  }
  for (const [i, region] of regions.entries()) {
    const name = required.get(region)
    if (name === undefined || outcomes[i]?.status === 'fresh') continue
    refuse('incomplete', `region "${printable(name)}" is required, and not fresh`)
  }
}

/** What to answer where nobody has it and that is no error: nobody was selected, or Patching's own way of saying so. */
export function emptyBody({ call, id }: Request, { counts, total }: Tally): string | undefined {
  if (call.shape.kind !== 'contents') return total === 0 ? '[]' : undefined
  if (counts.stale + counts.failed + counts.skipped > 0) return undefined
  return JSON.stringify({
    metadata: {},
    contents: {},
    error: counts.fresh > 0 ? `${id} is unrecognized\n` : '',
  })
}

/** 404 where every region that supports the call answered now; 503 where one that did not may have it. */
export function nowhere(
  { call, id }: Request,
  outcomes: readonly Outcome<unknown>[],
  { counts }: Tally,
  headers: Readonly<Record<string, string>>,
  now: number,
): Problem {
  const extra = { regions: missing(outcomes, now) }
  const silent = counts.stale + counts.failed + counts.skipped
  if (silent > 0) {
    const detail = `no region that answered has "${printable(id)}", and ${silent} did not answer`
    return new Problem(503, 'no-data', detail, { headers: unavailable(headers), extra })
  }
  return counts.fresh === 0
    ? new Problem(404, 'not-supported', `no selected region has ${call.paths[0]}`, { headers, extra })
    : new Problem(404, 'unknown-release', `no selected region has "${printable(id)}"`, { headers, extra })
}

function unavailable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return { ...headers, 'cache-control': 'no-store', 'retry-after': '5' }
}

/** Every region that is not fresh, and why. */
function missing(outcomes: readonly Outcome<unknown>[], now: number): Record<string, unknown> {
  const entries = outcomes.flatMap((outcome): [string, unknown][] => {
    switch (outcome.status) {
      case 'fresh':
        return []
      case 'unsupported':
      case 'skipped':
        return [[outcome.region, { status: outcome.status, reason: outcome.reason }]]
      case 'stale':
      case 'failed': {
        const { kind, message, at } = outcome.failure
        const age = 'provenance' in outcome && {
          age_s: Math.floor((now - outcome.provenance.observedAt) / 1000),
        }
        return [
          [
            outcome.region,
            { status: outcome.status, kind, message, failed_at: new Date(at).toISOString(), ...age },
          ],
        ]
      }
    }
  })
  return Object.fromEntries(entries)
}

function percent(share: number): string {
  return `${Math.floor(share * 1000) / 10} %`
}
