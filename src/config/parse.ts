import { dirname, resolve } from 'node:path'
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml'
import { z } from 'zod'
import { configSchema, type Config } from './schema.ts'

/** Every mistake at once, each as `file:line:col path: message`. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]
  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'))
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

interface Mistake {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/**
 * Reads a configuration (YAML, so JSON too). `${NAME}` in a value is the environment variable NAME; file names
 * are relative to the configuration's folder. Throws `ConfigError`.
 */
export function parseConfig(text: string, file: string, env: NodeJS.ProcessEnv = process.env): Config {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const where = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => `${where(error.pos[0])} : ${error.message.split('\n')[0]}`),
    )
  }
  const missing = expandEnvironment(document, env)
  const value: unknown = document.toJS() ?? {}
  const parsed = configSchema.safeParse(value)
  const issues = parsed.success ? [] : parsed.error.issues
  const mistakes = [...issues.flatMap(toMistakes), ...contradictions(value)]
  const found = [
    ...missing.map(({ offset, name }) => ({ offset, text: `\${${name}}: no such environment variable` })),
    ...mistakes.map(({ path, message }) => ({
      offset: offsetOf(document, path),
      text: `${pathText(path)}: ${message}`,
    })),
  ].sort((a, b) => a.offset - b.offset)
  if (found.length > 0 || !parsed.success) {
    throw new ConfigError(found.map(({ offset, text: message }) => `${where(offset)} ${message}`))
  }
  return withAbsoluteFiles(parsed.data, dirname(resolve(file)))
}

/** Keys that are accepted but have no effect yet, as a sentence each: nobody should rely on one unawares. */
export function withoutEffect(config: Config): readonly string[] {
  const set = [
    ...(['baseline', 'audit', 'upload', 'state_dir'] as const).filter((key) => config[key] !== undefined),
    ...(config.regions.some((it) => it.usm_release_writes) ? ['regions[].usm_release_writes'] : []),
  ]
  return set.map((key) => `${key} has no effect yet`)
}

/** Just enough of a configuration, whatever else is wrong with it, to see what contradicts what. */
const outline = z.object({
  regions: z
    .array(
      z
        .object({
          region_name: z.string().optional().catch(undefined),
          credentials: z.string().catch('none'),
        })
        .catch({ region_name: undefined, credentials: 'none' }),
    )
    .optional()
    .catch([]),
  credentials: z.record(z.string(), z.unknown()).optional().catch({}),
  baseline: z.object({ region_name: z.string().optional() }).optional().catch({}),
})

/** What the schema can't see in one value. */
function contradictions(value: unknown): Mistake[] {
  const parsed = outline.safeParse(value)
  if (!parsed.success) return []
  const { regions, credentials, baseline } = parsed.data
  const mistakes: Mistake[] = []
  const names = new Map<string, number>()
  for (const [i, region] of (regions ?? []).entries()) {
    if (region.credentials !== 'none' && !Object.hasOwn(credentials ?? {}, region.credentials)) {
      const message = `credentials has no "${region.credentials}"`
      mistakes.push({ path: ['regions', i, 'credentials'], message })
    }
    if (region.region_name === undefined) continue
    const first = names.get(region.region_name)
    if (first === undefined) names.set(region.region_name, i)
    else {
      const message = `regions.${first} has this name already: region_name is the identity of a region`
      mistakes.push({ path: ['regions', i, 'region_name'], message })
    }
  }
  if (baseline?.region_name !== undefined && !names.has(baseline.region_name)) {
    mistakes.push({ path: ['baseline', 'region_name'], message: 'no region has this name' })
  }
  return mistakes
}

function withAbsoluteFiles(config: Config, folder: string): Config {
  const { ca_file: caFile } = config.upstream
  return {
    ...config,
    auth: {
      issuers: config.auth.issuers.map((issuer) => ({
        ...issuer,
        ...(issuer.jwks_file !== undefined && { jwks_file: resolve(folder, issuer.jwks_file) }),
      })),
    },
    credentials: Object.fromEntries(
      Object.entries(config.credentials).map(([key, credential]) => [
        key,
        { ...credential, password_file: resolve(folder, credential.password_file) },
      ]),
    ),
    upstream: { ...config.upstream, ...(caFile !== undefined && { ca_file: resolve(folder, caFile) }) },
  }
}

/** Replaces `${NAME}` in every string value; the names that the environment lacks. */
function expandEnvironment(document: Document, env: NodeJS.ProcessEnv): { offset: number; name: string }[] {
  const missing: { offset: number; name: string }[] = []
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => {
        const value = env[name]
        if (value === undefined) missing.push({ offset: node.range?.[0] ?? 0, name })
        return value ?? whole
      })
    },
  })
  return missing
}

/** Where a path stands in the text; of a missing key, where its parent does. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const last = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last)
      if (pair && isScalar(pair.key)) return pair.key.range?.[0] ?? 0
    }
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (hasRange(node)) return node.range[0]
  }
  return 0
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(root)' : path.map(String).join('.')
}

function toMistakes(issue: z.core.$ZodIssue): Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown key' }))
  }
  const missing =
    issue.code === 'invalid_type' && issue.input === undefined && issue.message.endsWith('undefined')
  return [{ path: issue.path, message: missing ? 'is missing' : issue.message }]
}
