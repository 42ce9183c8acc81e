/** What a source text imports, by a simple look at it: from where, whether for types only or not. */
export function importsOf(text: string): readonly string[] {
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
  )
  return [...found].map(([, fixed, dynamic]) => fixed ?? dynamic ?? '')
}

export interface Source {
  /** `src/fleet/lay.ts` */
  readonly path: string
  readonly text: string
}

/** What each stage may import beside itself, in flow order. */
const stages: Readonly<Record<string, readonly string[]>> = {
  model: [],
  config: ['model'],
  state: ['model'],
  upstream: ['model'],
  discovery: ['model', 'config', 'upstream'],
  fleet: ['model'],
  metrics: ['model', 'fleet'],
  api: ['model', 'fleet', 'metrics'],
  tracing: ['model', 'config'],
  'keeping.ts': ['model', 'state', 'upstream', 'discovery', 'fleet'],
  'version.ts': [],
  'who-asks.ts': ['config', 'upstream', 'api'],
  'open-fleet.ts': ['model', 'config', 'upstream', 'discovery', 'fleet', 'metrics', 'keeping.ts'],
  'start.ts': [
    'model',
    'config',
    'fleet',
    'metrics',
    'api',
    'tracing',
    'open-fleet.ts',
    'version.ts',
    'who-asks.ts',
  ],
  'probe.ts': ['model', 'config', 'upstream', 'discovery'],
  'main.ts': ['config', 'start.ts', 'probe.ts', 'version.ts'],
  // What callers install: nothing of the gateway is in it.
  client: [],
  simulator: [],
  demo: [],
}

/** The only places that may import a library. */
const doors: Readonly<Record<string, readonly RegExp[]>> = {
  undici: [/^src\/upstream\//],
  jose: [/^src\/api\/(authenticate|keys)\.ts$/, /^src\/demo\//],
  'lru-cache': [
    /^src\/fleet\/held\.ts$/,
    /^src\/api\/(authenticate|keystone-callers|admission)\.ts$/,
    /^src\/upstream\/connect\.ts$/,
  ],
  'prom-client': [/^src\/metrics\//],
  '@fastify/busboy': [/^src\/api\/read-parts\.ts$/],
  hono: [/^src\/api\//],
  '@hono/node-server': [/^src\/api\//],
  yaml: [/^src\/config\//],
  // The simulator is a program of its own, and checks what its control port is sent.
  zod: [/^src\/config\//, /^src\/simulator\//],
  // The simulator issues the certificates of its regions; its library wants the polyfill.
  '@peculiar/x509': [/^src\/simulator\/tls\/certificates\.ts$/],
  'reflect-metadata': [/^src\/simulator\/tls\/certificates\.ts$/],
  '@opentelemetry/api': [/^src\/tracing\/collector\.ts$/],
  '@opentelemetry/exporter-trace-otlp-http': [/^src\/tracing\/collector\.ts$/],
  '@opentelemetry/resources': [/^src\/tracing\/collector\.ts$/],
  '@opentelemetry/sdk-trace': [/^src\/tracing\/collector\.ts$/],
  pino: [/^src\/start\.ts$/],
  commander: [/^src\/main\.ts$/, /^src\/(simulator|demo)\/(main|token|flags)\.ts$/],
}

const longestFile = 220
const namesOfNothing = new Set(['index.ts', 'utils.ts', 'types.ts'])

/** Each breach of the rules of ARCHITECTURE.md, as a sentence. */
export function breachesOf({ path, text }: Source): readonly string[] {
  const breaches = importsOf(text).flatMap((name) => breachOfImport(path, name))
  // What a file imports is no idea of its own: the composition root imports everything.
  const lines = text.replaceAll(/^import [^'"]*['"][^'"]+['"]\n/gm, '').split('\n').length - 1
  const made = text.startsWith('// Made from')
  if (lines > longestFile && !made) breaches.push(`${path} has ${lines} lines, more than ${longestFile}`)
  if (namesOfNothing.has(path.split('/').at(-1) ?? '')) breaches.push(`${path} has a name that says nothing`)
  return breaches
}

function breachOfImport(path: string, name: string): string[] {
  if (name.startsWith('node:')) return []
  if (!name.startsWith('.')) return breachOfDoor(path, name)
  const target = new URL(name, `file:///${path}`).pathname.slice(1)
  const [from, to] = [stageOf(path), stageOf(target)] as const
  const allowed = stages[from]
  if (allowed === undefined) return [`${path} is in no stage`]
  return from === to || allowed.includes(to) ? [] : [`${path} imports ${target}`]
}

function breachOfDoor(path: string, name: string): string[] {
  const library = name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
  const allowed = doors[library]
  if (allowed === undefined) return [`${path} imports ${library}, which has no door`]
  return allowed.some((door) => door.test(path)) ? [] : [`${path} imports ${library}`]
}

/** `fleet` of `src/fleet/lay.ts`, `start.ts` of `src/start.ts`; outside of `src`, the path itself. */
function stageOf(path: string): string {
  const [root, stage = ''] = path.split('/')
  return root === 'src' ? stage : path
}
