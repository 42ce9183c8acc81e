import { describe, expect, it } from 'vitest'
import type { Json } from '../json.ts'
import { toRecording } from '../recordings.ts'
import type { Question, Wording } from '../routes.ts'
import { expectedAnswers } from './expect.ts'
import { judge } from './failure.ts'

function answersTo(
  wording: Wording,
  question: Question,
  json: Json,
  query = '',
): Record<'alone' | 'merged', unknown> {
  const asked = { question, query: new URLSearchParams(query), region: 'east' }
  const summary = (shape: 'one region' | 'merged'): unknown =>
    expectedAnswers(wording, { ...asked, shape }, { json }).map((one) =>
      one.status === 200 ? one.body : one.status,
    )
  return { alone: summary('one region'), merged: summary('merged') }
}

const releases = [
  { release_id: 'r1', state: 'deployed', sw_version: '24.09.1' },
  { release_id: 'r2', state: 'available', sw_version: '24.10.0' },
]
const [named1, named2] = releases.map((release) => Object.assign({}, release, { region_name: 'east' }))

describe('what one region makes of a read', () => {
  it('names the region in each record of a list', () => {
    expect(answersTo('resources', { read: 'releases' }, releases).alone).toEqual([[named1, named2]])
  })

  it('filters by state, exact id and numeric version, both at once', () => {
    const filtered = (query: string): unknown =>
      answersTo('resources', { read: 'releases' }, releases, query).alone
    expect(filtered('show=available')).toEqual([[named2]])
    expect(filtered('release=24.9')).toEqual([[named1]])
    expect(filtered('release=24.1')).toEqual([[]])
    expect(filtered('release=r2')).toEqual([[named2]])
    expect(filtered('show=deployed&release=r2')).toEqual([[]])
    expect(filtered('show=synced')).toEqual([[named1, named2]])
    expect(filtered('show=bogus')).toEqual([400])
    expect(filtered('colour=red')).toEqual([400])
  })

  it('picks one release, or says that there is none', () => {
    expect(answersTo('resources', { read: 'release', id: 'r1' }, releases)).toEqual({
      alone: [named1],
      merged: [[named1]],
    })
    expect(answersTo('resources', { read: 'release', id: 'r9' }, releases)).toEqual({
      alone: [404],
      merged: [404],
    })
  })

  it('answers flags from the state, false for an unknown release', () => {
    const ask = (id: string): unknown =>
      answersTo('resources', { read: 'release_is', id, flag: 'is_deployed' }, releases)
    expect(ask('r1')).toEqual({ alone: [true], merged: [[{ region_name: 'east', is_deployed: true }]] })
    expect(ask('r9')).toEqual({ alone: [false], merged: [[{ region_name: 'east', is_deployed: false }]] })
  })

  it('keeps null bare and leaves it out of a merged answer', () => {
    expect(answersTo('resources', { read: 'software_upgrade' }, null)).toEqual({
      alone: [null],
      merged: [[]],
    })
  })

  it('shows the states of a patch in its region when merged', () => {
    const patch = { patchstate: 'Applied', repostate: 'Applied', sw_version: '22.12' }
    const states = { east: { patchstate: 'Applied', repostate: 'Applied' } }
    expect(answersTo('patching', { read: 'query' }, { pd: { P1: patch } }, 'release=22.12')).toEqual({
      alone: [{ pd: { P1: { ...patch, region_name: 'east' } } }],
      merged: [{ pd: { P1: { ...patch, regions: states, differs: [] } } }],
    })
  })
})

describe('stx 9, translated', () => {
  it('turns the map of releases into a list with booleans', () => {
    const json = { sd: { r1: { state: 'available', unremovable: 'N', reboot_required: 'Y' } } }
    const record = { release_id: 'r1', state: 'available', unremovable: false, reboot_required: true }
    expect(answersTo('verbs', { read: 'releases' }, json).alone).toEqual([
      [{ ...record, region_name: 'east' }],
    ])
  })

  it('turns a deployment into a list of one, and none into none', () => {
    const deployment = { from_release: '23.09.0', to_release: '23.09.1' }
    const named = { ...deployment, region_name: 'east' }
    expect(answersTo('verbs', { read: 'deploy' }, deployment).alone).toEqual([[named]])
    expect(answersTo('verbs', { read: 'deploy' }, {}).alone).toEqual([[]])
  })

  it('tells an upgrade from the deployment', () => {
    const deployment = { from_release: '23.09.0', to_release: '24.09.1', state: 'host' }
    const upgrade = { from_release: '23.09', to_release: '24.09', state: 'host', region_name: 'east' }
    const ask = (json: Json): unknown => answersTo('verbs', { read: 'software_upgrade' }, json)
    expect(ask(deployment)).toEqual({ alone: [upgrade], merged: [[upgrade]] })
    expect(ask({})).toEqual({ alone: [null], merged: [[]] })
  })

  it('lists only hosts that take part in a deployment', () => {
    const host = {
      hostname: 'controller-0',
      sw_version: '23.09.0',
      to_release: '23.09.1',
      reboot_required: true,
    }
    const data = [
      { ...host, deploy_host_state: 'pending' },
      { hostname: 'worker-0', sw_version: '23.09.0' },
    ]
    expect(answersTo('verbs', { read: 'deploy_host' }, { data }).alone).toEqual([
      [
        {
          hostname: 'controller-0',
          software_release: '23.09.0',
          target_release: '23.09.1',
          reboot_required: true,
          host_state: 'pending',
          region_name: 'east',
        },
      ],
    ])
  })
})

describe('the name of what went wrong', () => {
  const kinds: readonly [status: number | null, body: string, more: object, kind: string][] = [
    [null, '', { transport_error: 'RemoteDisconnected' }, 'unreachable'],
    [null, '', { transport_error: 'timed out' }, 'timeout'],
    [200, '[{"release_id": "r1"}]', { transport_error: 'IncompleteRead' }, 'broken'],
    [401, '{"error": {"code": 401}}', {}, 'unauthorized'],
    [403, '<html>', {}, 'unauthorized'],
    [404, '{}', {}, 'rejected'],
    [406, '{"error": ""}', {}, 'rejected'],
    [302, '', {}, 'broken'],
    [503, '<html>', {}, 'broken'],
    [204, '', {}, 'malformed'],
    [200, '<html>', {}, 'malformed'],
    [200, '{"releases": []}', {}, 'malformed'],
    [200, '[{"release_id": 7}]', {}, 'malformed'],
    [200, '{"error": "OIDC authentication failed"}', {}, 'rejected'],
  ]

  it.each(kinds)('status %s with %s', (status, body, more, kind) => {
    const request = { method: 'GET', path: '/v1/release' }
    const text = JSON.stringify({ request, response: { status, body }, ...more })
    expect(judge('resources', { read: 'releases' }, toRecording('usm', 'usm/x/y.json', text))).toEqual({
      kind,
    })
  })
})
