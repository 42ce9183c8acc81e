import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseAllDocuments } from 'yaml'
import { chart } from '../../.ci/release/chart.ts'

export { chart }

/** What Kubernetes is given. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
  readonly [key: string]: unknown
}

/** Files of values that ship with the chart, one per way of using it. */
export const matrix = globSync('ci/*-values.yaml', { cwd: chart })
  .toSorted()
  .map((file) => ({ name: basename(file, '-values.yaml'), file: join(chart, file) }))

/** Runs helm; `values` are those of standard input, as a file or a person gives them. */
export async function helm(
  args: readonly string[],
  values: object = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn('helm', args)
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdin.end(JSON.stringify(values))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, stdout, stderr }
}

/** `helm template`, of the values of a file with others above them. Throws what helm says. */
export async function template(
  file: string,
  values: object = {},
  from = chart,
  kubernetes = 'v1.29.0',
): Promise<readonly Manifest[]> {
  const { code, stdout, stderr } = await render(file, values, from, kubernetes)
  if (code !== 0) throw new Error(stderr)
  return parseAllDocuments(stdout, { uniqueKeys: true }).map((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.join('\n'))
    return document.toJS() as Manifest
  })
}

export function render(
  file: string,
  values: object,
  from = chart,
  kubernetes = 'v1.29.0',
): ReturnType<typeof helm> {
  const cluster = ['--namespace', 'noc', '--kube-version', kubernetes]
  return helm(['template', 'fleet', from, ...cluster, '--values', file, '--values', '-'], values)
}

/** The one of a kind whose name ends so. Throws where there is none. */
export function only(manifests: readonly Manifest[], kind: string, end = ''): Manifest {
  const found = manifests.filter((each) => each.kind === kind && each.metadata.name.endsWith(end))
  const [first] = found
  if (first === undefined || found.length > 1) throw new Error(`${found.length} of kind ${kind} …${end}`)
  return first
}
