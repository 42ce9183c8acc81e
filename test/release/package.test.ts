import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isShipped, readLock, root } from '../../.ci/release/lock.ts'
import { startGatewayProcess } from '../support/gateway-process.ts'

const run = promisify(execFile)
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The folder of somebody who installed the package, and nothing else. */
let home = ''
let published = ''

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'stx-fleet-installed-'))
  published = join(home, 'published')
  await run(process.execPath, [join(root, '.ci/release/pack.ts'), published])
  await writeFile(join(home, 'package.json'), '{}')
  // npm's cache has what `npm ci` brought here.
  const tarball = join(published, `stx-fleet-gateway-${version}.tgz`)
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: home })
})
afterAll(() => rm(home, { recursive: true, force: true }))

async function command(...args: readonly string[]): Promise<Ran> {
  return run('npx', ['--offline', 'stx-fleet-gateway', ...args], { cwd: home }).then(
    (done) => ({ code: 0, ...done }),
    (failed: Ran) => failed,
  )
}

describe('the installed package', () => {
  test('says what it can do, and its version', async () => {
    const help = await command('--help')
    expect([help.code, help.stdout.split('\n')[0]]).toEqual([0, 'Usage: stx-fleet-gateway [options]'])
    expect((await command('--version')).stdout).toBe(`${version}\n`)
  })

  test('checks a configuration', async () => {
    const good = await command('--config', join(root, 'config/minimal.yaml'), '--check')
    expect([good.code, good.stdout.split('\n')[0]]).toEqual([
      0,
      `${join(root, 'config/minimal.yaml')}: ok, 1 regions, 0 sources`,
    ])
    await writeFile(join(home, 'bad.yaml'), 'listn: {}\n')
    const bad = await command('--config', 'bad.yaml', '--check')
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('bad.yaml:1:1 listn: unknown key')])
  })

  test('serves', async () => {
    const gateway = await startGatewayProcess(
      { 'jwks.json': '{"keys":[]}' },
      () => ({
        auth: { issuers: [{ issuer: 'https://idp.example', audience: 'a', jwks_file: './jwks.json' }] },
        regions: [{ region_name: 'east', usm: 'http://127.0.0.1:9' }],
      }),
      { main: join(home, 'node_modules/stx-fleet-gateway/dist/main.js') },
    )
    expect((await fetch(`${gateway.url}/v1/release`)).status).toBe(401)
    expect(await (await fetch(`${gateway.adminUrl}/livez`)).json()).toEqual({ status: 'alive' })
    await gateway.end()
  })

  test('brings the locked packages that it runs on, and no second Node', () => {
    const locked = Object.entries(readLock().packages)
      .filter(isShipped)
      .map(([folder, { version: each }]) => `${folder}@${each ?? ''}`)
    const installed = JSON.parse(
      readFileSync(join(home, 'node_modules/.package-lock.json'), 'utf8'),
    ) as ReturnType<typeof readLock>
    const found = Object.entries(installed.packages).map(
      ([folder, { version: each }]) => `${folder}@${each ?? ''}`,
    )
    expect(found.toSorted()).toEqual([...locked, `node_modules/stx-fleet-gateway@${version}`].toSorted())
  })

  test('holds what runs and what is read, neither tests nor the simulator', () => {
    const folder = join(home, 'node_modules/stx-fleet-gateway')
    const files = globSync('**/*', { cwd: folder, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    expect(files).toEqual(
      expect.arrayContaining(['dist/main.js', 'LICENSE', 'docs/third-party.md', 'docs/configuration.md']),
    )
    expect(files.filter((file) => /\.ts$|simulator\/|demo\/|\.test\./.test(file))).toEqual([])
  })
})

test('an older Node is told so, in a sentence', async () => {
  const old = join(home, 'old-node.cjs')
  await writeFile(old, `Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })`)
  const started = run(process.execPath, ['--require', old, join(published, 'package/command.js'), '--help'])
  await expect(started).rejects.toMatchObject({
    code: 1,
    stderr: `stx-fleet-gateway needs Node 24 or newer; this is 20.20.2 (${process.execPath})\n`,
  })
})

test('the chart is packed beside it, in the same version', async () => {
  const archive = join(published, 'chart', `stx-fleet-gateway-${version}.tgz`)
  const { stdout } = await run('helm', ['show', 'chart', archive])
  expect(stdout).toContain(`\nappVersion: ${version}\n`)
})

test('the bill of materials names what is shipped', async () => {
  const bom = JSON.parse(await readFile(join(published, 'sbom.cdx.json'), 'utf8')) as {
    components: { name: string; version: string }[]
    metadata: { component: { name: string; version: string } }
  }
  const shipped = Object.entries(readLock().packages).filter(isShipped)
  expect(bom.components).toHaveLength(shipped.length)
  expect(bom.components.map(({ name }) => name)).toContain('undici')
  expect(bom.metadata.component).toMatchObject({ version })
  expect(existsSync(join(published, 'package/node_modules'))).toBe(false)
})
