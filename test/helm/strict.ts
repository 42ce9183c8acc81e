import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../../.ci/release/lock.ts'
import type { Manifest } from './render.ts'

/** Where the types of an API group are. */
const packages: Readonly<Record<string, string>> = {
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
}

/**
 * What Kubernetes' own types have against these manifests, as `index: sentence`: unknown keys, missing ones, and
 * values of a wrong type. Each is written as a literal of its type, and TypeScript looks for what a literal has too much.
 */
export async function mistakesOf(manifests: readonly object[]): Promise<readonly string[]> {
  await mkdir(join(root, 'build'), { recursive: true })
  // Inside the project, so that the types are found.
  const folder = await mkdtemp(join(root, 'build/manifests-'))
  try {
    const lines = manifests.map((manifest, i) => literal(manifest as Manifest, i))
    await writeFile(join(folder, 'manifests.ts'), `${lines.join('\n')}\n`)
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    const said = await run(join(root, 'node_modules/.bin/tsc'), '--project', folder, '--pretty', 'false')
    return [...said.matchAll(/^manifests\.ts\((\d+),\d+\): error TS\d+: (.*)$/gm)].map(
      ([, line, sentence]) => `${Number(line) - 1}: ${sentence}`,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const settings = {
  compilerOptions: {
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  },
  files: ['manifests.ts'],
}

/** One line each, so that a line's number is the manifest's. */
function literal(manifest: Manifest, i: number): string {
  const { apiVersion, kind } = manifest
  const [group = ''] = apiVersion.split('/')
  const from = `${packages[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`
  return `export const m${i}: import('${from}').I${kind} = ${JSON.stringify(manifest)}`
}

function run(program: string, ...args: readonly string[]): Promise<string> {
  const cwd = args[1]
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      // It ends with 1 or 2 where it has found something.
      if (error && typeof error.code !== 'number') reject(error)
      else resolve(stdout + stderr)
    })
  })
}
