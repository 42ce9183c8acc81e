/** Prometheus text, version 0.0.4. */

export interface Family {
  readonly name: string
  readonly help: string
  readonly samples: readonly string[]
}

/** `name{a="b"} 1`. Labels with an empty value are left out, as they mean the same to Prometheus. */
export function sample(
  name: string,
  labels: Readonly<Record<string, string | null | undefined>>,
  value: number,
): string {
  const pairs = Object.entries(labels)
    .filter(([, text]) => text !== undefined && text !== null && text !== '')
    .map(([label, text]) => `${label}="${escape(text ?? '')}"`)
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`
}

/** Families without a sample are left out. */
export function exposition(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${samples.join('')}`)
    .join('')
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
