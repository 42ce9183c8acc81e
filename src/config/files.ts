import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { unwatchFile, watchFile } from 'node:fs'
import type { Config } from './schema.ts'

/** Every file that the configuration names and that is read, with the key that names it. */
export function namedFiles(config: Config): readonly (readonly [path: string, file: string])[] {
  const found: (readonly [string, string | undefined])[] = [
    ...config.auth.issuers.map(({ jwks_file }, i) => [`auth.issuers.${i}.jwks_file`, jwks_file] as const),
    ...Object.entries(config.credentials).map(
      ([name, { password_file }]) => [`credentials.${name}.password_file`, password_file] as const,
    ),
    ['upstream.ca_file', config.upstream.ca_file],
    ['tracing.otlp.headers_file', config.tracing?.otlp.headers_file],
    ['tracing.otlp.ca_file', config.tracing?.otlp.ca_file],
    ...certificatesOf(config).flatMap(({ path, cert, key }) => [
      [`${path}.cert_file`, cert] as const,
      [`${path}.key_file`, key] as const,
    ]),
  ]
  return found.flatMap(([path, file]) => (file === undefined ? [] : [[path, file] as const]))
}

/** The files of a listener's certificate, with the key that has them. */
export interface NamedCertificate {
  readonly path: string
  readonly cert: string
  readonly key: string
}

/** The certificates of all listeners. */
export function certificatesOf({ listen, regions }: Config): readonly NamedCertificate[] {
  const all = [
    { path: 'listen.tls', tls: listen.tls },
    ...regions.map(({ listen: own }, i) => ({ path: `regions.${i}.listen.tls`, tls: own?.tls })),
  ]
  return all.flatMap(({ path, tls }) => (tls ? [{ path, cert: tls.cert_file, key: tls.key_file }] : []))
}

/** Digests of what files hold now: they tell whether anything changed, and nothing else. */
export async function digestsOf(
  config: Config,
): Promise<{ readonly callers: string; readonly outside: string }> {
  const under = (...keys: readonly string[]): string[] =>
    namedFiles(config)
      .filter(([path]) => keys.some((key) => path.startsWith(key)))
      .map(([, file]) => file)
  const [callers, outside] = await Promise.all([
    digestOf(under('auth.')),
    digestOf(under('credentials.', 'upstream.')),
  ])
  return { callers, outside }
}

async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    const content = await readFile(file).catch(() => undefined)
    hash.update(`${file}\n${content === undefined ? 'missing' : content.length}\n`).update(content ?? '')
  }
  return hash.digest('base64')
}

/** ms; by polling, since a mounted ConfigMap is swapped by a link, which other ways see several times or not at all. */
const poll = 1_000

/** Calls `onChange` after a change of any of these files; `files` may be given anew. */
export function watchFiles(onChange: () => void): { set(files: readonly string[]): void; stop(): void } {
  let watched = new Set<string>()
  const drop = (): void => {
    for (const file of watched) unwatchFile(file, onChange)
  }
  return {
    set(files) {
      const next = new Set(files)
      for (const file of watched) if (!next.has(file)) unwatchFile(file, onChange)
      for (const file of next) {
        if (!watched.has(file)) watchFile(file, { interval: poll, persistent: false }, onChange)
      }
      watched = next
    },
    stop: drop,
  }
}
