import { afterEach, describe, expect, test, vi } from 'vitest'
import { stateNow } from '../../src/fleet/state-now.ts'
import type { JsonObject, Resource } from '../../src/model/reading.ts'
import { answers, fails, lacks, type Played } from '../support/fleet-answers.ts'
import { deployment, patch, patchingHost, release } from '../support/fleet-records.ts'
import { intentOf } from '../support/intent-of.ts'
import { createActing, done, east } from './act-setup.ts'

afterEach(() => void vi.useRealTimers())

/** What is said after a write whose answer was lost, of a region that answers so. */
async function saidOf(
  asked: string,
  played: Partial<Record<Resource, Played | Promise<never>>>,
  body: JsonObject = {},
): Promise<string> {
  const { snapshots } = createActing(
    async () => done,
    (_, { resource }) => played[resource] ?? fails('broken', `nobody asks for ${resource}`),
  )
  return stateNow(snapshots, east, intentOf(asked, body, { region: east }), 20_000)
}

describe('USM', () => {
  const host = (host_state: string | null): Played => answers([{ hostname: 'controller-0', host_state }])
  const under = answers([deployment('host')])

  test.each<[string, Partial<Record<Resource, Played>>, string]>([
    ['POST /v1/deploy/abort', { deploy: under }, 'deployment 24.09.0 to 24.09.1 is host'],
    ['POST /v1/deploy/abort', { deploy: answers([]) }, 'no deployment is under way'],
    [
      'POST /v1/deploy_host/controller-0/force',
      { deploy: under, deploy_host: host('deploying') },
      'deployment 24.09.0 to 24.09.1 is host, controller-0 is deploying',
    ],
    [
      'POST /v1/deploy_host/controller-0',
      { deploy: under, deploy_host: host(null) },
      'deployment 24.09.0 to 24.09.1 is host, controller-0 is not begun',
    ],
    [
      'POST /v1/deploy_host/controller-1',
      { deploy: under, deploy_host: host('pending') },
      'deployment 24.09.0 to 24.09.1 is host, controller-1 is not part of it',
    ],
    ['POST /v1/deploy_host/controller-1', { deploy: under }, 'deployment 24.09.0 to 24.09.1 is host'],
    [
      'DELETE /v1/release/starlingx-24.09.1/starlingx-24.09.2',
      { deploy: answers([]), release: answers([release('24.09.1', 'available')]) },
      'no deployment is under way, starlingx-24.09.1 is available, starlingx-24.09.2 is not there',
    ],
  ])('%s of %j: %s', async (asked, played, said) => {
    expect(await saidOf(asked, played)).toBe(said)
  })

  test('releases that were named in the body', async () => {
    const played = { deploy: answers([]), release: answers([release('24.09.1', 'deploying')]) }
    const said = await saidOf('POST /v1/deploy/start', played, { releases: ['starlingx-24.09.1'] })
    expect(said).toBe('no deployment is under way, starlingx-24.09.1 is deploying')
  })

  test.each<[string, Played, string]>([
    [
      'does not answer either',
      fails('timeout', 'no answer within 10 s'),
      'unknown, east: no answer within 10 s',
    ],
    ['refuses', fails('unauthorized', 'HTTP 401'), 'unknown, east: HTTP 401'],
    ['has no USM any more', lacks(), 'unknown, unsupported'],
  ])('a region that %s', async (_, deploy, said) => {
    expect(await saidOf('POST /v1/deploy/abort', { deploy })).toBe(said)
  })
})

describe('Patching', () => {
  const pd = answers({ pd: { 'P-1': patch('Partial-Apply'), 'P-2': patch('Applied') } })

  test.each<[string, Partial<Record<Resource, Played>>, string]>([
    ['POST /v1/apply/P-1/P-9', { query: pd }, 'P-1 is Partial-Apply, P-9 is not there'],
    ['POST /patching/v1/report_app_dependencies?app=a', { query: pd }, '2 patches'],
    ['POST /v1/apply/P-1', { query: fails('unreachable', 'refused') }, 'unknown, east: refused'],
    [
      'POST /v1/host_install_async/controller-0',
      { query_hosts: answers({ data: [patchingHost('controller-0', false, { state: 'installing' })] }) },
      'controller-0 is installing, patch-current: no',
    ],
    [
      'POST /v1/host_install_async/controller-0',
      { query_hosts: answers({ data: [patchingHost('controller-0', true, { stale_details: true })] }) },
      'controller-0 is idle, patch-current: unknown',
    ],
    [
      'POST /v1/drop_host/controller-0',
      { query_hosts: answers({ data: [] }) },
      'controller-0 is not in the table of hosts',
    ],
    ['POST /v1/drop_host/c', { query_hosts: fails('broken', 'HTTP 502') }, 'unknown, east: HTTP 502'],
  ])('%s of %j: %s', async (asked, played, said) => {
    expect(await saidOf(asked, played)).toBe(said)
  })
})

test('whoever stays silent is waited for so long and no longer', async () => {
  vi.useFakeTimers()
  const said = saidOf('POST /v1/deploy/abort', { deploy: new Promise<never>(() => undefined) })
  await vi.advanceTimersByTimeAsync(20_000)
  expect(await said).toBe('unknown, it did not answer within 20 s')
  expect(vi.getTimerCount()).toBe(0)
})

test('a region that is left alone after failures is asked all the same', async () => {
  const acting = createActing(
    async () => ({ status: 'failed', kind: 'timeout', message: 'm', ofService: true, sent: true }),
    () => (acting.seen.length > 1 ? answers([]) : fails('unreachable', 'refused')),
  )
  await acting.read('release')
  expect(await acting.act('POST /v1/deploy/abort')).toMatchObject({ now: 'no deployment is under way' })
})
