import { access, constants } from 'node:fs/promises'
import type { Config } from './schema.ts'

/** Files that the configuration names and that can't be read, as `path: sentence`: a mistake like any other. */
export async function unreadableFiles(config: Config): Promise<string[]> {
  const named: readonly (readonly [path: string, file: string | undefined])[] = [
    ...config.auth.issuers.map(({ jwks_file }, i) => [`auth.issuers.${i}.jwks_file`, jwks_file] as const),
    ...Object.entries(config.credentials).map(
      ([name, { password_file }]) => [`credentials.${name}.password_file`, password_file] as const,
    ),
    ['upstream.ca_file', config.upstream.ca_file],
    ...certificate('listen', config.listen.tls),
    ...config.regions.flatMap(({ listen }, i) => certificate(`regions.${i}.listen`, listen?.tls)),
  ]
  const found = await Promise.all(
    named.map(async ([path, file]) => {
      if (file === undefined) return undefined
      return access(file, constants.R_OK).then(
        () => undefined,
        () => `${path}: ${file} cannot be read`,
      )
    }),
  )
  return found.filter((mistake) => mistake !== undefined)
}

function certificate(
  path: string,
  tls: { readonly cert_file: string; readonly key_file: string } | undefined,
): readonly (readonly [path: string, file: string])[] {
  if (tls === undefined) return []
  return [
    [`${path}.tls.cert_file`, tls.cert_file],
    [`${path}.tls.key_file`, tls.key_file],
  ]
}
