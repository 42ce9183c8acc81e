import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../.ci/release/lock.ts'
import { alongside } from '../../.ci/release/stage.ts'
import { deploymentOf, gatewayOf } from '../helm/pod.ts'
import { matrix, template } from '../helm/render.ts'

// The image itself is built and tried by `npm run image`; these are what can be told from its files.

const instructions = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.trim())

/** What each instruction of this name says. */
function all(name: string): readonly string[] {
  return instructions.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []))
}

test('what is copied from the project is there, and is let into the build', () => {
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  const copied = all('COPY')
    .filter((each) => !each.startsWith('--from'))
    .flatMap((each) => each.split(/\s+/).slice(0, -1))
  expect(copied).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'src', '.ci']))
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([])
  expect(ignored[0]).toBe('*')
  expect(copied.filter((path) => !ignored.includes(`!${path}`))).toEqual([])
})

test('nothing of what stage.ts lays beside the program is forgotten', () => {
  const copied = all('COPY').join(' ').split(/\s+/)
  const roots = alongside.map((path) => path.split('/')[0] ?? '')
  expect(roots).toContain('LICENSE')
  expect(roots.filter((path) => !copied.includes(path))).toEqual([])
})

test('the chart and the image agree on the user, the ports and where the configuration is', async () => {
  const minimal = matrix.find(({ name }) => name === 'minimal')?.file ?? ''
  const manifests = await template(minimal)
  const { securityContext } = deploymentOf(manifests).template.spec
  const { args, ports = [] } = gatewayOf(manifests)
  expect(all('USER')).toEqual([`${securityContext?.runAsUser}:${securityContext?.runAsUser}`])
  expect(all('CMD')).toEqual([JSON.stringify(args).replaceAll(',', ', ')])
  expect(all('EXPOSE')).toEqual([ports.map(({ containerPort }) => containerPort).join(' ')])
})
