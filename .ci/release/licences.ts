import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isShipped, readLock, root, type Lock } from './lock.ts'

/** Where the list is kept. */
export const licencesFile = join(root, 'docs/third-party.md')

/** Every package that the lock names, with its licence. */
export function licencesDocument({ packages }: Lock = readLock()): string {
  const all = Object.entries(packages).filter(([folder]) => folder !== '')
  const shipped = all.filter(isShipped)
  return [
    '# Licences of others\n',
    'Written by `npm run licences` from `package-lock.json`. Each package brings the text of its licence.\n',
    '## What the gateway runs on\n',
    table(shipped),
    '## What only development uses\n',
    'Node among them: the npm package brings none, and the image has the one of its base image.\n',
    table(all.filter((each) => !shipped.includes(each))),
  ].join('\n')
}

function table(packages: readonly (readonly [string, Lock['packages'][string]])[]): string {
  const rows = packages.map(([folder, { name, version, license }]) => {
    const own = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return `| ${name ?? own} | ${version ?? ''} | ${license ?? 'unknown'} |`
  })
  return `| package | version | licence |\n|---|---|---|\n${[...new Set(rows)].toSorted().join('\n')}\n`
}

if (process.argv[1] === import.meta.filename) writeFileSync(licencesFile, licencesDocument())
