import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The project's folder. */
export const root = join(import.meta.dirname, '../..')

interface LockedPackage {
  readonly version?: string
  readonly license?: string
  /** Where it is not that of the folder: of an alias. */
  readonly name?: string
  readonly dev?: true
  readonly optional?: true
  readonly devOptional?: true
}

export interface Lock {
  readonly lockfileVersion: number
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** What `npm ci` installs, by folder; '' is the project itself. */
export function readLock(): Lock {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
}

/** What the gateway runs on: neither development's packages nor Node itself, which is an optional one here. */
export function isShipped([folder, { dev, optional, devOptional }]: readonly [
  string,
  LockedPackage,
]): boolean {
  return folder !== '' && !dev && !optional && !devOptional
}
