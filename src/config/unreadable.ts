import { access, constants, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createSecureContext } from 'node:tls'
import { namedFiles } from './files.ts'
import type { Config } from './schema.ts'

/**
 * Files that the configuration names and that can't be read, certificates that can't be used, and a folder that can't be
 * written, as `path: sentence`: a mistake like any other.
 */
export async function unreadableFiles(config: Config): Promise<string[]> {
  const found = await Promise.all(
    namedFiles(config).map(([path, file]) =>
      access(file, constants.R_OK).then(
        () => undefined,
        () => `${path}: ${file} cannot be read`,
      ),
    ),
  )
  found.push(...(await unusableCertificates(config)))
  if (config.state_dir !== undefined && !(await isWritable(config.state_dir))) {
    found.push(`state_dir: ${config.state_dir} cannot be written`)
  }
  return found.filter((mistake) => mistake !== undefined)
}

/** The listeners' own: the words of OpenSSL name no file. */
async function unusableCertificates({ listen, regions }: Config): Promise<string[]> {
  const all: readonly (readonly [path: string, tls: typeof listen.tls])[] = [
    ['listen', listen.tls],
    ...regions.map(({ listen: own }, i) => [`regions.${i}.listen`, own?.tls] as const),
  ]
  const mistakes = all.map(async ([path, tls]) => {
    if (tls === undefined) return []
    const [cert, key] = await Promise.all(
      [tls.cert_file, tls.key_file].map((file) => readFile(file).catch(() => undefined)),
    )
    // That one is told already.
    if (cert === undefined || key === undefined) return []
    try {
      createSecureContext({ cert, key })
      return []
    } catch (error) {
      const why = error instanceof Error ? error.message : ''
      return [`${path}.tls: ${tls.cert_file} and ${tls.key_file} cannot be used: ${why}`]
    }
  })
  return (await Promise.all(mistakes)).flat()
}

/** Whether a folder can be written, or made. */
async function isWritable(folder: string): Promise<boolean> {
  const there = await stat(folder).catch((error: unknown) => error)
  if (there instanceof Error) {
    return 'code' in there && there.code === 'ENOENT' && isWritable(dirname(folder))
  }
  return access(`${folder}/.`, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
}
