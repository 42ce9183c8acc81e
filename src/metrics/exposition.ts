/** The two forms that Prometheus takes: classic text 0.0.4, and OpenMetrics 1.0. Their samples are the same bytes. */
export type Format = 'text' | 'openmetrics'

export const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** What a family of samples is called and means. */
export interface Family {
  readonly name: string
  readonly type: 'gauge' | 'info' | 'counter' | 'histogram' | 'summary' | 'unknown'
  readonly help: string
}

/** The end of an exposition: OpenMetrics tells by it whether a scrape was cut off. */
export function endOf(format: Format): string {
  return format === 'openmetrics' ? '# EOF\n' : ''
}

const units = ['seconds', 'bytes', 'ratio']

/** The lines before a family's samples. Samples of an info end in `_info`, of a counter in `_total`: OpenMetrics' families don't. */
export function headOf({ name, type, help }: Family, format: Format): string {
  if (format === 'text') {
    const known = type === 'info' ? 'gauge' : type === 'unknown' ? 'untyped' : type
    return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${known}\n`
  }
  const family = type === 'info' ? name.replace(/_info$/, '') : name.replace(suffixOf(type), '')
  const unit = units.find((each) => family.endsWith(`_${each}`))
  const told = escapeHelp(help).replaceAll('"', '\\"')
  return `# HELP ${family} ${told}\n# TYPE ${family} ${type}\n${unit === undefined ? '' : `# UNIT ${family} ${unit}\n`}`
}

function suffixOf(type: Family['type']): RegExp | string {
  return type === 'counter' ? /_total$/ : ''
}

/** `name{a="b"} 1`. */
export function sample(name: string, labels: Labels, value: number): string {
  return sampleOf(name, pairsOf(labels), value)
}

/** The same, of labels that are text already: they are made once where many samples share them. */
export function sampleOf(name: string, pairs: string, value: number): string {
  return `${name}${pairs === '' ? '' : `{${pairs}}`} ${numberOf(value)}\n`
}

/** `a="b",c="d"`. Labels with an empty value are left out, as they mean the same to Prometheus. */
export function pairsOf(labels: Labels): string {
  let pairs = ''
  for (const label in labels) {
    const text = labels[label]
    if (text === undefined || text === null || text === '') continue
    pairs += `${pairs === '' ? '' : ','}${label}="${typeof text === 'string' ? escape(text) : text}"`
  }
  return pairs
}

export type Labels = Readonly<Record<string, string | number | null | undefined>>

function numberOf(value: number): string {
  if (value === 1) return '1'
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

const plain = /^[\w .:/,-]*$/

/** Halves of surrogate pairs would become one and the same sign, and two series one. */
function escape(text: string): string {
  if (plain.test(text)) return text
  const whole = text.isWellFormed() ? text : text.replaceAll(/\p{Surrogate}/gu, (half) => escapeHalf(half))
  return whole.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function escapeHalf(half: string): string {
  return `\\u${half.charCodeAt(0).toString(16)}`
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
