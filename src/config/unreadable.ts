import { access, constants, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createSecureContext } from 'node:tls'
import { certificatesOf, namedFiles } from './files.ts'
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

/** Of the listeners' own, since the words of OpenSSL name no file; what can't be read is told elsewhere. */
async function unusableCertificates(config: Config): Promise<string[]> {
  const mistakes = certificatesOf(config).map(async (files) => {
    const [cert, key] = await Promise.all(
      [files.cert, files.key].map((file) => readFile(file).catch(() => undefined)),
    )
    if (cert === undefined || key === undefined) return []
    try {
      createSecureContext({ cert, key })
      return []
    } catch (error) {
      const why = error instanceof Error ? error.message : ''
      return [`${files.path}: ${files.cert} and ${files.key} cannot be used: ${why}`]
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
