import { baselineOf, type Baseline, type BaselineConfig } from '../../fleet/baseline.ts'
import { driftOf, driftStatuses, type Drift, type DriftStatus } from '../../fleet/drift.ts'
import type { RegionView } from '../../fleet/view.ts'
import { unknownRegion } from '../selected.ts'
import { bad } from '../parameters.ts'
import { ageAt, type Field } from './fields.ts'
import type { Judged } from './meta.ts'
import { regionColumns, versionOf } from './region-columns.ts'
import { toResource, type Asked } from './resource.ts'

interface DriftRow extends Judged {
  readonly drift: Drift
}

const fields: readonly Field<DriftRow>[] = [
  ...regionColumns<DriftRow>(({ region }) => region.region),
  {
    name: 'status',
    type: 'string',
    values: driftStatuses,
    about: 'How the region compares with the baseline. Unknown is not in sync.',
    get: ({ drift }) => drift.status,
  },
  {
    name: 'sw_version',
    type: 'version',
    nullable: true,
    about: 'What was compared: the highest deployed release, or the version that Patching serves.',
    get: ({ drift }) => versionOf(drift.version),
  },
  {
    name: 'missing',
    type: 'list',
    about: 'Releases or patches of the baseline that the region lacks.',
    get: ({ drift }) => drift.missing,
  },
  {
    name: 'extra',
    type: 'list',
    about: 'Releases or patches of the region that the baseline lacks; against a list, only newer ones.',
    get: ({ drift }) => drift.extra,
  },
  {
    name: 'reason',
    type: 'string',
    nullable: true,
    about: 'Why it is unknown.',
    get: ({ drift }) => drift.reason ?? null,
  },
  {
    name: 'age_s',
    type: 'number',
    nullable: true,
    about: 'Seconds since the oldest part of it was told.',
    get: ({ status }, at) => (status.observedAt === undefined ? null : ageAt(at, status.observedAt)),
  },
]

/** Every region against a baseline: what it lacks and has beyond it. */
export const drift = toResource<DriftRow>({
  path: 'drift',
  about: 'Every region against a baseline: what it lacks, and what it has beyond it.',
  parts: ['release', 'query', 'query_hosts'],
  ofInventory: true,
  parameters: [
    {
      name: 'baseline',
      about: '`region:NAME`, or `ids:A,B` for up to 100 releases and patches; default: the configured one.',
    },
  ],
  fields,
  rows(asked) {
    const baseline = baselineFor(asked)
    return asked.regions.map(({ region, status }) => ({ region, status, drift: drifted(region, baseline) }))
  },
  beside: {
    fields: [
      {
        name: 'baseline',
        type: 'object',
        nullable: true,
        about: 'What was compared with; null without a baseline, and while it is not known.',
      },
      { name: 'counts', type: 'counts', about: 'Regions by status, of all that are selected.' },
    ],
    of(asked, rows) {
      const baseline = baselineFor(asked)
      const counts = Object.fromEntries(driftStatuses.map((status) => [status, 0])) as Record<
        DriftStatus,
        number
      >
      for (const { drift: own } of rows) counts[own.status]++
      return { baseline: baseline ? told(baseline) : null, counts }
    },
  },
})

/** Of the request, else of the configuration; undefined where there is none, or it is not known now. */
function baselineFor({ shown, scope, parameter }: Asked): Baseline | undefined {
  const text = parameter('baseline')
  if (text === undefined) return shown.view.baseline
  return baselineOf(parse(text), (name) => {
    const [only, ...others] = shown.directory().named(name, scope)
    if (only === undefined) throw unknownRegion(name)
    if (others.length > 0) throw bad('baseline', 'several regions have this subcloud name: use a region name')
    return shown.viewOf(only)
  })
}

/** What a region lacks of it is told in each row: a page of 1,000 is so many times as long. */
const longest = 4 * 1024
const mostIds = 100

function parse(text: string): BaselineConfig {
  const [, kind, value = ''] = /^(region|ids):(.+)$/s.exec(text) ?? []
  if (kind === undefined) throw bad('baseline', 'write region:NAME or ids:A,B')
  if (text.length > longest) throw bad('baseline', `at most ${longest} characters`)
  if (kind === 'region') return { region_name: value }
  const ids = value.split(',')
  if (ids.includes('') || ids.length > mostIds) throw bad('baseline', `from 1 to ${mostIds} ids`)
  return { release_ids: ids }
}

function told({ release, swVersion, releases, patches }: Baseline): unknown {
  return {
    release: release ?? null,
    sw_version: swVersion ?? null,
    ids: [...(releases ?? []), ...(patches ?? [])],
  }
}

const drifts = new WeakMap<RegionView, { readonly baseline: Baseline | undefined; readonly drift: Drift }>()

/** Compared once for each state of a region, as long as the baseline stays. */
function drifted(region: RegionView, baseline: Baseline | undefined): Drift {
  const known = drifts.get(region)
  if (known && known.baseline === baseline) return known.drift
  const found = driftOf(region, baseline)
  drifts.set(region, { baseline, drift: found })
  return found
}
