import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { planOf } from '../simulator/oneRegion.ts'
import { startSimulatedFleet, until } from '../support/simulated-fleet.ts'

const run = promisify(execFile)

test('examples/hosts-not-current.ts names the hosts, and says of how many regions it knows', async () => {
  const plans = [
    planOf({ name: 'old-1', subcloud: 'boston-1', release: '8', labels: { group: 'east' } }),
    planOf({ name: 'old-2', subcloud: 'denver-1', release: '8', labels: { group: 'west' } }),
    planOf({ name: 'new-1', subcloud: 'dallas-1', release: '12', labels: { group: 'west' } }),
  ]
  const fleet = await startSimulatedFleet({ seed: 5, plans })
  onTestFinished(() => fleet.close())
  fleet.simulator.change('old-1', { host: { hostname: 'controller-0', patch_current: false } })
  await until(async () => (await fleet.get('/v1/query_hosts?max_age=0')).regions['fresh'] === 2)
  const example = join(import.meta.dirname, '../../examples/hosts-not-current.ts')
  const env = { ...process.env, GATEWAY: fleet.gateway.url, TOKEN: await fleet.token() }

  const { stdout } = await run(process.execPath, [example], { env })
  expect(stdout).toBe(
    'boston-1 controller-0\nregions: total=3, fresh=2, stale=0, failed=0, unsupported=1, skipped=0\n',
  )
  const west = await run(process.execPath, [example, 'west'], { env })
  expect(west.stdout).toBe('regions: total=2, fresh=1, stale=0, failed=0, unsupported=1, skipped=0\n')
})
