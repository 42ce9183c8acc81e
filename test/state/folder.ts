import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of its own for each test, and what is in it. */
export async function createFolder(): Promise<{
  readonly path: string
  readonly file: (name: string) => string
  readonly names: () => Promise<readonly string[]>
}> {
  const path = await mkdtemp(join(tmpdir(), 'stx-state-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return {
    path,
    file: (name) => join(path, name),
    names: async () => (await readdir(path)).sort(),
  }
}
