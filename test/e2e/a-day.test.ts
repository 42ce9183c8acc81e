import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { planOf } from '../simulator/oneRegion.ts'
import { startSimulatedFleet, until, type SimulatedFleet } from '../support/simulated-fleet.ts'

// docs/guides/a-day-with-the-fleet.md, lived: the example runs as a process, and prints what the guide says that it prints.

const root = join(import.meta.dirname, '../..')

async function startDay(): Promise<SimulatedFleet> {
  const old = (name: string, subcloud: string) =>
    planOf({ name, subcloud, release: '8', size: { releases: 3, packages: 2, hosts: 4 } })
  const usm = (name: string, subcloud: string) =>
    planOf({ name, subcloud, release: '12', patching: false, size: { releases: 3, packages: 1, hosts: 2 } })
  const fleet = await startSimulatedFleet(
    {
      seed: 5,
      plans: [
        old('east-1', 'boston-1'),
        old('east-2', 'boston-2'),
        usm('central', 'chicago'),
        usm('west-1', 'denver-1'),
        { ...usm('west-2', 'denver-2'), faults: { usm: { kind: 'refuse' } } },
      ],
      // What the region does by itself happens when the test says so; an agent takes a moment.
      transitionMs: null,
      hostMs: 5,
    },
    {
      refresh: { interval: '1s', min_age: '0s' },
      baseline: { region_name: 'central' },
      upstream: { connect_timeout: '1s', first_byte_timeout: '2s', read_timeout: '4s' },
    },
  )
  onTestFinished(() => fleet.close())
  for (const hostname of ['controller-0', 'controller-1', 'worker-0', 'worker-1']) {
    fleet.simulator.change('east-1', { host: { hostname, patch_current: false } })
  }
  for (const hostname of ['controller-0', 'controller-1', 'worker-0']) {
    fleet.simulator.change('east-2', { host: { hostname, patch_current: false } })
  }
  return fleet
}

/** All that the region needs for the new release, as an operator would ask for it; `told`: it was seen to get there. */
async function deploy(
  fleet: SimulatedFleet,
  id: string,
  told: (state: string) => Promise<void>,
): Promise<void> {
  const at = '/regions/west-1/v1'
  const send = async (method: string, path: string): Promise<void> => {
    const { status, body } = await fleet.send(method, at + path)
    expect([path, status, (body as { error: string }).error]).toEqual([path, 200, ''])
  }
  const advance = (): void => fleet.simulator.change('west-1', { deployment: 'advance' })
  const form = new FormData()
  form.append(`${id}.patch`, new Blob([Buffer.from([0x1f, 0x8b, 8, 0])]), `${id}.patch`)
  expect((await fleet.send('POST', `${at}/release`, { form })).status).toBe(200)
  await send('POST', `/deploy/${id}/start`)
  await told('start')
  advance()
  await told('start-done')
  await send('POST', '/deploy_host/controller-0')
  await told('host')
  await send('POST', '/deploy_host/controller-1')
  await told('host-done')
  await send('POST', '/deploy/activate')
  await told('activate')
  advance()
  await told('activate-done')
  await send('POST', '/deploy/complete')
  await told('completed')
  await send('DELETE', '/deploy')
}

test('prints what the guide says', { timeout: 90_000 }, async () => {
  const fleet = await startDay()
  await until(async () => {
    const { body } = await fleet.get('/fleet/v1/summary')
    const { meta, item } = body as { meta: { regions: object }; item: { patch_current: { hosts: object } } }
    const now = { ...meta.regions, ...item.patch_current.hosts }
    return (
      JSON.stringify(now) ===
      JSON.stringify({
        total: 5,
        fresh: 4,
        stale: 0,
        failed: 1,
        unsupported: 0,
        skipped: 0,
        true: 1,
        false: 7,
        unknown: 0,
      })
    )
  })
  const example = spawn(process.execPath, [join(root, 'examples/a-day-with-the-fleet.ts'), 'west-1'], {
    env: { ...process.env, GATEWAY: fleet.gateway.url, TOKEN: await fleet.token() },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  let deploying: Promise<void> | undefined
  for await (const chunk of example.stdout.setEncoding('utf8')) {
    printed += String(chunk)
    const id = 'starlingx-26.03.4'
    if (printed.includes('\nfollowing\n'))
      deploying ??= deploy(fleet, id, (state) => until(async () => printed.includes(`→ ${state}\n`)))
  }
  await deploying

  const guide = await readFile(join(root, 'docs/guides/a-day-with-the-fleet.md'), 'utf8')
  const told = [...guide.matchAll(/^```text\n(.*?)^```$/gms)].map(([, text]) => text).join('')
  // Bookmarks come with time; and what a region went through in less than a look is not told.
  const plain = (text: string): string => text.replaceAll(/(following\n)+/g, 'following\n')
  expect(plain(printed)).toBe(told)
})
