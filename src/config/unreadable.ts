import { access, constants } from 'node:fs/promises'
import { namedFiles } from './files.ts'
import type { Config } from './schema.ts'

/** Files that the configuration names and that can't be read, as `path: sentence`: a mistake like any other. */
export async function unreadableFiles(config: Config): Promise<string[]> {
  const found = await Promise.all(
    namedFiles(config).map(([path, file]) =>
      access(file, constants.R_OK).then(
        () => undefined,
        () => `${path}: ${file} cannot be read`,
      ),
    ),
  )
  return found.filter((mistake) => mistake !== undefined)
}
