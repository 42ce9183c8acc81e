import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The folder is there, and no other gateway uses it until `release`, or the end of this process, however it ends. */
export async function holdFolder(folder: string): Promise<{ readonly release: () => void }> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'lock')
  // Only where it is not there: to open and close a file ends the locks that its process has on it.
  await writeFile(file, '', { flag: 'wx', mode: 0o600 }).catch(unlessThere)
  try {
    return lock(file)
  } catch (error) {
    if (codeOf(error) === busy) throw new Error(`${folder} is in use by another gateway`, { cause: error })
    if (codeOf(error) !== notADatabase) throw error
    // Nothing is in it that could be missed.
    await rm(file)
    return lock(file)
  }
}

const busy = 5
const notADatabase = 26

/** Node locks files by nothing else: SQLite takes the kernel's lock, which ends with its process. */
function lock(file: string): { readonly release: () => void } {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    throw error
  }
  return {
    release() {
      if (database.isOpen) database.close()
    },
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'errcode' in error ? error.errcode : undefined
}
