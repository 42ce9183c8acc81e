import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { namedFiles } from './files.ts'
import type { Config } from './schema.ts'

/** Files that the configuration names and that can't be read, and a folder that can't be written, as `path: sentence`: a mistake like any other. */
export async function unreadableFiles(config: Config): Promise<string[]> {
  const found = await Promise.all(
    namedFiles(config).map(([path, file]) =>
      access(file, constants.R_OK).then(
        () => undefined,
        () => `${path}: ${file} cannot be read`,
      ),
    ),
  )
  if (config.state_dir !== undefined && !(await isWritable(config.state_dir))) {
    found.push(`state_dir: ${config.state_dir} cannot be written`)
  }
  return found.filter((mistake) => mistake !== undefined)
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
