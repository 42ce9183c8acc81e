import { expect, test } from 'vitest'
import type { Resource } from '../../src/model/reading.ts'
import { answeringAlways, bothServices, east } from './ask-setup.ts'
import { releasesOfStx9, versionOfStx9 } from './bodies.ts'
import { failureOf } from './failure-of.ts'

async function recordsOf(resource: 'release' | 'deploy' | 'deploy_host', body: string): Promise<unknown> {
  const asked = await east(bothServices, answeringAlways(body, versionOfStx9)).ask({ resource })
  if (asked.status !== 'answered') throw new Error(asked.reason)
  const { piece, body: received } = asked.reading
  expect(received.toString()).toBe(body)
  return JSON.parse(`[${piece.bytes.toString()}]`)
}

async function upgradeOf(body: string): Promise<unknown> {
  const asked = await east(bothServices, answeringAlways(body, versionOfStx9)).ask({
    resource: 'software_upgrade',
  })
  return asked.status === 'answered' ? asked.reading.value : asked.reason
}

const kindOf = async (resource: Resource, body: string): Promise<string> =>
  (await failureOf(east(bothServices, answeringAlways(body, versionOfStx9)).ask({ resource }))).kind

test('releases: the map becomes an array with release_id, Y and N become booleans', async () => {
  expect(await recordsOf('release', releasesOfStx9)).toEqual([
    {
      region_name: 'east',
      release_id: 'starlingx-23.09.0',
      state: 'deployed',
      sw_version: '23.09.0',
      status: 'REL',
      unremovable: true,
      reboot_required: true,
      requires: [],
      packages: [],
    },
  ])
  expect(
    await recordsOf('release', '{"sd": {"a": {"reboot_required": "N", "unremovable": "N"}, "b": {}}}'),
  ).toEqual([
    { region_name: 'east', release_id: 'a', reboot_required: false, unremovable: false },
    { region_name: 'east', release_id: 'b' },
  ])
  expect(await recordsOf('release', '{"sd": {}}')).toEqual([])
})

test('releases: the id is the key of the map, whatever a record says', async () => {
  expect(
    await recordsOf(
      'release',
      '{"sd": {"a": {"release_id": "b", "region_name": "west", "state": "deployed"}}}',
    ),
  ).toEqual([{ region_name: 'east', release_id: 'a', state: 'deployed' }])
})

test('releases: an id "__proto__" is an id like any other', async () => {
  expect(await recordsOf('release', '{"sd": {"__proto__": {"state": "deployed"}}}')).toEqual([
    { region_name: 'east', release_id: '__proto__', state: 'deployed' },
  ])
})

test.each([
  ['an id twice', '{"sd": {"a": {"state": "deployed"}, "a": {"state": "available"}}}'],
  ['an id twice, spelt differently', '{"sd": {"a": {}, "\\u0061": {}}}'],
  ['the map twice', '{"sd": {"a": {}}, "sd": {}}'],
  ['a record that is no object', '{"sd": {"a": "deployed"}}'],
  ['reboot_required of another kind', '{"sd": {"a": {"reboot_required": "maybe"}}}'],
  ['no map', '{}'],
  ['a map that is a list', '{"sd": []}'],
  ['the shape of later releases', '{"sd": null}'],
])('releases: %s is malformed', async (_, body) => {
  expect(await kindOf('release', body)).toBe('malformed')
})

const deployment =
  '{"from_release": "23.09.0", "to_release": "23.09.1", "reboot_required": true, "state": "start-done", "feed_repo": "/x"}'

test('a deployment: an object becomes an array of one, an empty object an empty array', async () => {
  expect(await recordsOf('deploy', deployment)).toEqual([
    {
      region_name: 'east',
      from_release: '23.09.0',
      to_release: '23.09.1',
      reboot_required: true,
      state: 'start-done',
      feed_repo: '/x',
    },
  ])
  expect(await recordsOf('deploy', '{}')).toEqual([])
})

test('software_upgrade is told from the deployment, in MM.mm', async () => {
  expect(await upgradeOf(deployment)).toEqual({
    from_release: '23.09',
    to_release: '23.09',
    state: 'start-done',
  })
  expect(await upgradeOf('{"state": "start"}')).toEqual({
    from_release: null,
    to_release: null,
    state: 'start',
  })
  expect(await upgradeOf('{}')).toBeNull()
})

test('hosts of a deployment are translated; without one the list of agents is none of its hosts', async () => {
  const host = {
    hostname: 'controller-0',
    sw_version: '23.09.0',
    to_release: '23.09.1',
    reboot_required: true,
    deploy_host_state: 'deployed',
    ip: '192.168.204.2',
  }
  expect(await recordsOf('deploy_host', JSON.stringify({ data: [host] }))).toEqual([
    {
      region_name: 'east',
      hostname: 'controller-0',
      software_release: '23.09.0',
      target_release: '23.09.1',
      reboot_required: true,
      host_state: 'deployed',
    },
  ])
  const agent = { hostname: 'controller-0', ip: '192.168.204.2', sw_version: '23.09.0', secs_since_ack: 3 }
  expect(await recordsOf('deploy_host', JSON.stringify({ data: [agent] }))).toEqual([])
  expect(await recordsOf('deploy_host', '{"data": []}')).toEqual([])
})

test.each([
  ['deploy', 'null'],
  ['deploy', '{"info": "", "warning": "", "error": ""}'],
  ['deploy', '{"state": ["start"]}'],
  ['deploy_host', '{"data": {}}'],
  ['deploy_host', '{"data": ["controller-0"]}'],
  ['deploy_host', '{"data": [{"deploy_host_state": "deployed"}]}'],
  ['deploy_host', '{"data": [{"hostname": "a", "hostname": "b", "deploy_host_state": "deployed"}]}'],
  ['software_upgrade', '[]'],
  ['software_upgrade', '{"from_release": 23.09, "state": "start"}'],
] as const)('%s %s is malformed', async (resource, body) => {
  expect(await kindOf(resource, body)).toBe('malformed')
})

test('an error is an error in every shape', async () => {
  for (const resource of [
    'release',
    'deploy',
    'deploy_host',
    'software_upgrade',
    'in_sync_controller',
  ] as const) {
    expect(await kindOf(resource, '{"error": "Not allowed"}')).toBe('rejected')
  }
})
