import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
  type Panel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard'

/** A dashboard as rows of panels. */
export interface Board {
  readonly uid: string
  readonly title: string
  readonly description: string
  /** How far back it looks when it is opened. */
  readonly from: string
  readonly variables: readonly Builder<VariableModel>[]
  readonly rows: readonly (readonly [title: string, panels: readonly Builder<Panel>[]])[]
}

/** The dashboard as Grafana imports it. */
export function build({ uid, title, description, from, variables, rows }: Board): Dashboard {
  const board = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['starlingx', 'stx-fleet-gateway'])
    .time({ from, to: 'now' })
    .refresh('1m')
    .timezone('browser')
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
  for (const variable of variables) board.withVariable(variable)
  for (const [row, panels] of rows) {
    board.withRow(new RowBuilder(row))
    for (const panel of panels) board.withPanel(panel)
  }
  return board.build()
}

/** A choice among the values that a label of a series has. */
export function choice(
  name: string,
  label: string,
  values: string,
  wishes: { readonly all?: boolean } = {},
): Builder<VariableModel> {
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource({ type: 'prometheus', uid: '${datasource}' })
    .query(values)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
  // What has no such label is among all.
  return wishes.all ? variable.multi(true).includeAll(true).allValue('.*') : variable
}

/** The gateway that is looked at: two over the same regions would count each region twice. */
export const gateway = choice('instance', 'Gateway', 'label_values(stx_region_info, instance)')
export const group = choice('group', 'Group', 'label_values(stx_region_info, label_group)', { all: true })
export const site = choice('site', 'Site', 'label_values(stx_region_info, label_site)', { all: true })
/** The regions of the chosen groups and sites. */
export const chosen = 'stx_region_info{instance="$instance",label_group=~"$group",label_site=~"$site"}'
/** Keeps the series of the chosen regions. */
export const ofChosen = `and on (job, instance, region_name) ${chosen}`
/** Adds the names that operators use. */
export const named = `* on (job, instance, region_name) group_left (subcloud_name, label_site, label_group, sw_version) ${chosen}`
