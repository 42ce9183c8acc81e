const units = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

/** `500ms`, `30s`, `5m`, `1h`, `1d`, or a plain number of seconds, in ms; undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit = 's'] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h|d)?$/.exec(text) ?? []
  const factor = units.get(unit)
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor
}
