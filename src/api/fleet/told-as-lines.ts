import type { Directory } from '../../fleet/directory.ts'
import type { RegionView } from '../../fleet/view.ts'
import type { Caller } from '../caller.ts'
import { bad, defaultDeadline } from '../parameters.ts'
import { selectFor } from '../selected.ts'
import { askOne, type AskingContext } from './asking.ts'
import { sumUp } from './chosen.ts'
import { ageAt } from './fields.ts'
import type { Judged } from './meta.ts'
import type { FleetQuery } from './query.ts'
import type { Asked, ListResource, RegionMemory } from './resource.ts'
import { streamRegions } from './stream.ts'
import type { Shown, Views } from './views.ts'

export interface LinesContext extends AskingContext {
  readonly directory: () => Directory
  /** Aborted when the gateway stops. */
  readonly stopping: AbortSignal
}

export interface LinesQuestion {
  readonly resource: ListResource
  readonly query: FleetQuery
  readonly caller: Caller
}

/** What only an answer as a whole can have. */
const ofWhole = ['sort', 'page_size', 'page_token', 'min_completeness', 'require', 'partial', 'details']
const heartbeatEvery = 5_000

/**
 * A list as its regions answer: a header, a line for each selected region with its rows, and a summary. Throws a
 * `Problem` before anything is sent.
 */
export function tellAsLines(
  context: LinesContext,
  views: Pick<Views, 'own'>,
  memory: RegionMemory,
  { resource, query, caller }: LinesQuestion,
  search: URLSearchParams,
): ReadableStream<Uint8Array> {
  for (const name of ofWhole) {
    if (search.has(name)) throw bad(name, 'not possible where regions are told as they answer')
  }
  const view = context.view()
  const held = new Map(view.regions.map((each) => [each.region, each]))
  const { selected } = selectFor(context.directory(), query, caller.scope)
  const known = selected.regions.flatMap((region) => held.get(region) ?? [])
  const { maxAge, deadline = defaultDeadline } = query
  const age = { maxAge, deadline, sole: selected.sole !== undefined }
  const { parts } = resource
  let total = 0

  const shownOf = (regions: readonly RegionView[], judged: readonly Judged[]): Shown =>
    views.own(
      { regions, baseline: view.baseline },
      new Map(judged.map(({ region, status }) => [region, status])),
      parts,
    )

  function rowsOf(judged: Judged): { readonly at: number; readonly items: readonly unknown[] } {
    const shown = shownOf([judged.region], [judged])
    const asked: Asked = {
      shown,
      regions: [judged],
      id: '',
      scope: caller.scope,
      parameter: query.parameter,
      memory,
    }
    const listed = resource.list(asked, query.wanted)
    total += listed.total
    return { at: shown.at, items: listed.page(0, listed.total) }
  }

  return streamRegions({
    answers: known.map((each) => askOne(context, each, view.baseline, parts, age)),
    header: {
      resource: resource.path,
      regions: known.length,
      started_at: new Date(context.now()).toISOString(),
    },
    lineOf(judged) {
      const { region, status } = judged
      const { at, items } = rowsOf(judged)
      const { cause, reason, observedAt } = status
      return {
        region_name: region.region.name,
        subcloud_name: region.region.subcloud,
        status: status.status,
        ...(cause && { kind: cause.kind, message: cause.message }),
        ...(cause === undefined && reason !== undefined && { reason }),
        ...(observedAt !== undefined && { age_s: ageAt(at, observedAt) }),
        items,
      }
    },
    summaryOf(judged, untold) {
      const shown = shownOf(
        judged.map(({ region }) => region),
        judged,
      )
      const { meta } = sumUp(shown, judged)
      return { total, untold, meta: { ...meta, complete: meta.complete && untold === 0 } }
    },
    heartbeatEvery,
    stopping: context.stopping,
  })
}
