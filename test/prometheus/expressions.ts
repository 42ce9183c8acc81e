import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { dashboards } from '../../config/grafana/dashboards.ts'

export interface Rule {
  readonly record?: string
  readonly alert?: string
  readonly expr: string
  readonly for?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** Every recording rule and alert that is shipped. */
export const rules: readonly Rule[] = (
  parse(readFileSync(join(import.meta.dirname, '../../config/prometheus/rules.yaml'), 'utf8')) as {
    groups: { rules: Rule[] }[]
  }
).groups.flatMap((group) => group.rules)

export interface PanelQuery {
  readonly where: string
  readonly expr: string
}

interface Shown {
  readonly title?: string
  readonly targets?: readonly { readonly expr: string }[]
  readonly panels?: readonly Shown[]
}

/** Every query of every panel of every dashboard. */
export const panelQueries: readonly PanelQuery[] = Object.entries(dashboards).flatMap(([file, make]) =>
  queriesOf(file, (make() as unknown as Shown).panels ?? []),
)

function queriesOf(where: string, panels: readonly Shown[]): PanelQuery[] {
  return panels.flatMap(({ title, targets = [], panels: inner = [] }) => [
    ...targets.map(({ expr }) => ({ where: `${where}: ${title}`, expr })),
    ...queriesOf(where, inner),
  ])
}

/** A query as Grafana sends it: all groups and sites, these others. */
export function filledIn(expr: string, variables: Readonly<Record<string, string>>): string {
  const all = { group: '.*', site: '.*', __rate_interval: '5m', ...variables }
  return expr.replaceAll(/\$(\w+)/g, (whole, name: string) => {
    const value = (all as Readonly<Record<string, string>>)[name]
    if (value === undefined) throw new Error(`${expr}: nothing for ${whole}`)
    return value
  })
}

/** The names of our own series in an expression. */
export function seriesIn(expr: string): readonly string[] {
  return [...new Set(expr.match(/\b(?:stx_\w+|stx:[\w:]+|nodejs_\w+)/g) ?? [])]
}

interface WithVariables {
  readonly templating?: {
    readonly list?: readonly { readonly name: string; readonly type: string; readonly query?: unknown }[]
  }
}

/** Name, dashboard and query of every variable that Prometheus gives values for. */
export const variableQueries: readonly (readonly [string, string, string])[] = Object.entries(
  dashboards,
).flatMap(([file, make]) =>
  ((make() as WithVariables).templating?.list ?? []).flatMap(({ name, type, query }) =>
    type === 'query' && typeof query === 'string' ? [[name, file, query] as const] : [],
  ),
)

/** Every question of docs/metrics.md. */
export const documentedQueries: readonly string[] = [
  ...readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8').matchAll(
    /^```promql\n(.*)\n```$/gm,
  ),
].map(([, query]) => query ?? '')
