import { allParts, type Part, type RegionStatus } from './region-status.ts'
import type { RegionFacts } from './region-facts.ts'
import type { Failure, FailureKind } from '../model/outcome.ts'
import type { Region } from '../model/region.ts'

/** What many regions fail for together: one link, one certificate, one release. */
export interface FleetProblem {
  readonly kind: FailureKind
  /** The message without what differs from region to region. */
  readonly reason: string
  /** One of the messages, as it is. */
  readonly example: string
  /** By name. */
  readonly regions: readonly Region[]
  /** Of how many: all regions that share `labels`. */
  readonly of: number
  /** What all of these regions share, and all others with it too. */
  readonly labels: Readonly<Record<string, string>>
  readonly resources: readonly Part[]
  /**
   * When the last attempt failed, of the region where that is longest ago, and of the latest; ms since the epoch.
   * Undefined where none was made.
   */
  readonly failedAt: { readonly first: number; readonly last: number } | undefined
}

/** Fewer regions behind one label than that are a coincidence. */
const fewest = 3
const longestReason = 300

type Told = Pick<Failure, 'kind' | 'message'> & Partial<Failure>
/** Not even that: the region is new. */
const notAsked: Told = { kind: 'timeout', message: 'not asked yet' }

interface Cause {
  readonly kind: FailureKind
  readonly reason: string
  readonly failures: Map<Region, { readonly part: Part; readonly failure: Told }[]>
}

/** A region, and how all of its parts together ended. */
export interface Ended {
  readonly region: RegionFacts
  readonly status: RegionStatus
}

/** Failures of these regions by cause, those of most regions first. */
export function problemsOf(fleet: readonly Ended[]): readonly FleetProblem[] {
  const causes = new Map<string, Cause>()
  // Regions that can't be asked say nothing of what the others share.
  const asked = fleet.filter(({ status: { status } }) => status !== 'skipped' && status !== 'unsupported')
  for (const { region: facts, status } of asked) {
    if (status.cause === undefined) continue
    const { region, outcomes } = facts
    for (const part of allParts) {
      const outcome = outcomes[part]
      if (outcome !== undefined && !('failure' in outcome)) continue
      const failure = outcome?.failure ?? notAsked
      const reason = reasonOf(region, failure)
      const key = `${failure.kind}\n${reason}`
      const cause = causes.get(key) ?? { kind: failure.kind, reason, failures: new Map() }
      causes.set(key, cause)
      const ofRegion = cause.failures.get(region) ?? []
      ofRegion.push({ part, failure })
      cause.failures.set(region, ofRegion)
    }
  }
  const labelled = causes.size === 0 ? new Map() : countLabels(asked.map(({ region }) => region.region))
  return [...causes.values()]
    .flatMap((cause) => split(cause, asked.length, labelled))
    .sort((a, b) => b.regions.length - a.regions.length || (keyOf(a) < keyOf(b) ? -1 : 1))
}

function keyOf({ kind, reason, regions }: FleetProblem): string {
  return [kind, reason, regions[0]?.name ?? ''].join('\n')
}

/** A cause that takes whole sites, groups or the like is one problem for each; the rest of it is another. */
function split(cause: Cause, all: number, labelled: LabelCounts): FleetProblem[] {
  const left = new Set(cause.failures.keys())
  const problems: FleetProblem[] = []
  while (left.size < all) {
    const [largest] = [...countLabels(left)]
      .filter(([term, { count }]) => count >= fewest && count === labelled.get(term)?.count)
      .sort((a, b) => b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1))
    if (largest === undefined) break
    const [, { label, value, count }] = largest
    const regions = [...left].filter((region) => region.labels[label] === value)
    for (const region of regions) left.delete(region)
    problems.push(problem(cause, regions, count, shared(regions, labelled)))
    all -= count
  }
  if (left.size > 0) problems.push(problem(cause, [...left], all, {}))
  return problems
}

function problem(
  { kind, reason, failures }: Cause,
  regions: readonly Region[],
  of: number,
  labels: FleetProblem['labels'],
): FleetProblem {
  const own = regions.flatMap((region) => failures.get(region) ?? [])
  const ats = own.flatMap(({ failure: { at } }) => (at === undefined ? [] : [at]))
  const found = new Set(own.map(({ part }) => part))
  return {
    kind,
    reason,
    example: own[0]?.failure.message ?? '',
    regions,
    of,
    labels,
    resources: allParts.filter((part) => found.has(part)),
    failedAt:
      ats.length === 0
        ? undefined
        : { first: ats.reduce((a, b) => Math.min(a, b)), last: ats.reduce((a, b) => Math.max(a, b)) },
  }
}

interface Term {
  readonly label: string
  readonly value: string
}
type LabelCounts = ReadonlyMap<string, Term & { readonly count: number }>

const terms = new WeakMap<Region, readonly (Term & { readonly term: string })[]>()

function termsOf(region: Region): readonly (Term & { readonly term: string })[] {
  let known = terms.get(region)
  if (known === undefined) {
    known = Object.entries(region.labels).map(([label, value]) => ({
      label,
      value,
      term: `${label}=${value}`,
    }))
    terms.set(region, known)
  }
  return known
}

function countLabels(regions: Iterable<Region>): LabelCounts {
  const counts = new Map<string, Term & { count: number }>()
  for (const region of regions) {
    for (const { label, value, term } of termsOf(region)) {
      const known = counts.get(term)
      if (known) known.count++
      else counts.set(term, { label, value, count: 1 })
    }
  }
  return counts
}

/** All labels that are these regions' and nobody else's. */
function shared(regions: readonly Region[], labelled: LabelCounts): Readonly<Record<string, string>> {
  const own = [...countLabels(regions)].filter(
    ([term, { count }]) => count === regions.length && labelled.get(term)?.count === count,
  )
  return Object.fromEntries(own.map(([, { label, value }]) => [label, value]))
}

const reasons = new WeakMap<Told, string>()

function reasonOf(region: Region, failure: Told): string {
  let reason = reasons.get(failure)
  if (reason === undefined) reasons.set(failure, (reason = withoutParticulars(region, failure.message)))
  return reason
}

/** Without the region's name, the call, addresses and numbers: what is left is the same for one cause. */
function withoutParticulars({ subcloud, name }: Region, message: string): string {
  const own = message.startsWith(`${subcloud}: `) ? message.slice(subcloud.length + 2) : message
  return own
    .slice(0, longestReason)
    .replaceAll(/\b(GET|POST) \/\S*: /g, '')
    .replaceAll(/[^\s"'(),;:]+(?<!\.)/g, (word) => (word === name || word === subcloud ? '…' : word))
    .replaceAll(/https?:\/\/[^\s,;]+/g, '…')
    .replaceAll(/\[[0-9a-f:.]+\](:\d+)?/gi, '…')
    .replaceAll(/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?/g, '…')
    .replaceAll(/\b(?=[0-9a-f:]*[0-9])[0-9a-f]{0,4}(:[0-9a-f]{0,4}){3,}/gi, '…')
    .replaceAll(/\b(?=[a-z0-9-]*[0-9])[a-z0-9-]+(\.[a-z0-9-]+)+\b/gi, '…')
    .replaceAll(/(?<!HTTP )\b\d[\d.,]*/g, 'n')
}
