import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { chart } from './chart.ts'
import { root } from './lock.ts'
import { stage } from './stage.ts'

// Makes what is published: the npm package, its bill of materials, and the Helm chart as an archive.

const folder = resolve(process.argv[2] ?? join(root, 'build'))
const staged = join(folder, 'package')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
stage(staged)

const tarball = inPackage('npm', 'pack', '--silent', '--pack-destination', folder).trim()
const bom = inPackage('npm', 'sbom', '--package-lock-only', '--sbom-format', 'cyclonedx')
writeFileSync(join(folder, 'sbom.cdx.json'), bom)
// In a folder of its own, as it has the package's name.
inPackage(join(root, 'node_modules/.bin/helm'), 'package', chart, '--destination', join(folder, 'chart'))
for (const made of [tarball, 'sbom.cdx.json', join('chart', tarball)]) {
  process.stdout.write(`${join(folder, made)}\n`)
}

function inPackage(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { cwd: staged, encoding: 'utf8' })
}
