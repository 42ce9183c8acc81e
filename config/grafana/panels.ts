import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common'
import {
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Panel,
  type ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** A query and the text beside its line: `{{state}}` stands for the label's value. */
export type Query = readonly [expr: string, legend: string]

export interface PanelWishes {
  readonly title: string
  /** What it means, and what it means that there is nothing. */
  readonly description: string
  readonly queries: readonly Query[]
  readonly unit?: string
  /** Of 24 columns. */
  readonly width?: number
  readonly height?: number
  /** From which value on which colour; the first holds from below. */
  readonly colours?: readonly (readonly [from: number | null, colour: string])[]
  readonly stacked?: boolean
  /** What is shown where there is no data: never a good value. */
  readonly nothing?: string
}

const datasource = { type: 'prometheus', uid: '${datasource}' }

/** Shares of what should be all: red until nearly all are. */
export const mostlyGood = [
  [null, 'red'],
  [0.9, 'orange'],
  [0.99, 'green'],
] as const

/** Ages in seconds. */
export const youngIsGood = [
  [null, 'green'],
  [300, 'orange'],
  [3_600, 'red'],
] as const

/** Lines over time. */
export function lines(wishes: PanelWishes): Builder<Panel> {
  const panel = new TimeseriesBuilder()
  if (wishes.stacked) {
    panel
      .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
      .fillOpacity(60)
      .drawStyle(GraphDrawStyle.Line)
  }
  return wished(panel, wishes, false)
}

/** One number, or a few. */
export function numbers(wishes: PanelWishes): Builder<Panel> {
  const panel = new StatBuilder()
    .reduceOptions(lastValue())
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
  return wished(panel, wishes, true)
}

/** A field of tiles, one per series, whose colour is its state: 1 current, 0 not, -1 unknown. */
export function tiles(wishes: PanelWishes): Builder<Panel> {
  const panel = new StatBuilder()
    .reduceOptions(lastValue())
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.Name)
    .mappings([
      {
        type: MappingType.ValueToText,
        options: {
          '-1': { text: 'unknown', color: 'text', index: 0 },
          '0': { text: 'not current', color: 'red', index: 1 },
          '1': { text: 'current', color: 'green', index: 2 },
        },
      },
    ])
  return wished(panel, wishes, true)
}

/** A bar per series. */
export function bars(wishes: PanelWishes): Builder<Panel> {
  const panel = new BarGaugeBuilder().reduceOptions(lastValue()).orientation(VizOrientation.Horizontal).min(0)
  return wished(panel, wishes, true)
}

/** A row per series. */
export function table(wishes: PanelWishes): Builder<Panel> {
  return wished(new TableBuilder(), wishes, true, PromQueryFormat.Table)
}

type AnyBuilder = TimeseriesBuilder | StatBuilder | BarGaugeBuilder | TableBuilder

function wished(
  panel: AnyBuilder,
  wishes: PanelWishes,
  instant: boolean,
  format = PromQueryFormat.TimeSeries,
): Builder<Panel> {
  const { title, description, unit, width = 12, height = 8, nothing = 'unknown', colours } = wishes
  panel
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(width)
    .height(height)
    .noValue(nothing)
  if (unit !== undefined) panel.unit(unit)
  if (colours) panel.thresholds(thresholds(colours))
  for (const [i, [expr, legend]] of wishes.queries.entries()) {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + i))
      .datasource(datasource)
      .expr(expr)
      .legendFormat(legend)
      .format(format)
    panel.withTarget(instant ? query.instant() : query.range())
  }
  return panel
}

function thresholds(colours: NonNullable<PanelWishes['colours']>): Builder<ThresholdsConfig> {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(colours.map(([value, color]) => ({ value, color })))
}

/** What is gone is not shown as it last was. */
function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['last']).values(false)
}
