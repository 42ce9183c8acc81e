import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isShipped, readLock, root } from './lock.ts'

/** What lies beside the program, as it is in the project. */
export const alongside = ['LICENSE', 'README.md', 'CHANGELOG.md', 'config', 'docs', 'examples/systemd']

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly type: string
  readonly engines: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

/**
 * Makes the package's folder: JavaScript, since Node strips no types below `node_modules`, and a manifest that
 * brings neither development's packages nor another Node.
 */
export function stage(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const tsc = join(root, 'node_modules/.bin/tsc')
  execFileSync(tsc, ['--project', import.meta.dirname, '--outDir', join(folder, 'dist')], {
    stdio: 'inherit',
  })
  cpSync(join(import.meta.dirname, 'command.js'), join(folder, 'command.js'))
  for (const each of alongside)
    cpSync(join(root, each), join(folder, each), { recursive: true, filter: isShippedFile })
  const manifest = shippedManifest()
  write(folder, 'package.json', manifest)
  write(folder, 'npm-shrinkwrap.json', shrinkwrap(manifest))
}

/** What dashboards are made with is not for who runs the gateway. */
function isShippedFile(path: string): boolean {
  return !path.endsWith('.ts')
}

function shippedManifest(): Manifest & { readonly bin: object; readonly files: readonly string[] } {
  const all = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  const { name, version, description, license, type, engines, dependencies } = all
  const bin = { 'stx-fleet-gateway': 'command.js' }
  const files = ['command.js', 'dist', 'npm-shrinkwrap.json', ...alongside]
  return { name, version, description, license, type, engines, bin, files, dependencies }
}

/** The lock of what is shipped, so that who installs the package gets the versions that were tested. */
function shrinkwrap(manifest: Manifest): object {
  const { lockfileVersion, packages } = readLock()
  const { name, version, license, engines, dependencies } = manifest
  const own = { name, version, license, engines, dependencies }
  const shipped = Object.fromEntries(Object.entries(packages).filter(isShipped))
  return { name, version, lockfileVersion, requires: true, packages: { '': own, ...shipped } }
}

function write(folder: string, name: string, value: object): void {
  writeFileSync(join(folder, name), `${JSON.stringify(value, undefined, 2)}\n`)
}

const [, program, folder] = process.argv
if (program === import.meta.filename && folder !== undefined) stage(folder)
