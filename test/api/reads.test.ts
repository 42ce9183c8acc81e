import { describe, expect, test } from 'vitest'
import type { Resource } from '../../src/model/reading.ts'
import { answers, lacks, type Play } from '../support/fleet-answers.ts'
import { createTestGateway, type TestGateway } from '../support/fleet-gateway.ts'
import { deployment, patch, patchingHost, release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'

const boston = createRegion('5d5b', { subcloud: 'boston-1', labels: { site: 'boston', group: 'east' } })
const denver = createRegion('denver', { labels: { group: 'west' } })
const old = createRegion('old-1', { speaks: ['patching'] })

/** What each region answers, by resource; of `show`, by patch id. */
const held: Readonly<Record<string, Partial<Record<Resource, unknown>>>> = {
  '5d5b': {
    release: [release('24.09.0', 'committed'), release('24.09.1', 'deployed')],
    deploy: [deployment('start-done')],
    deploy_host: [{ hostname: 'controller-0', host_state: 'pending' }],
    software_upgrade: { from_release: '24.09.0', to_release: '24.09.1', state: 'deploying' },
    in_sync_controller: { in_sync: true },
    query: { pd: { P: patch('Applied') } },
    query_hosts: { data: [patchingHost('controller-0')] },
    show: { P: { metadata: { P: patch('Applied') }, contents: { P: ['a.rpm'] }, error: '' } },
  },
  denver: {
    release: [release('24.09.1', 'available')],
    deploy: [],
    deploy_host: [],
    software_upgrade: null,
    in_sync_controller: { in_sync: false },
    query: { pd: { P: patch('Available'), Q: patch('Committed') } },
    query_hosts: { data: [] },
    show: { P: { metadata: { P: patch('Available') }, contents: { P: ['a.rpm'] }, error: '' } },
  },
  'old-1': {
    query: { pd: {} },
    query_hosts: { data: [patchingHost('compute-0', false)] },
    show: {},
  },
}

const play: Play = (region, { resource, id = '' }) => {
  const value = held[region.name]?.[resource]
  if (resource !== 'show') return value === undefined ? lacks() : answers(value)
  const unknown = { metadata: {}, contents: {}, error: `${id} is unrecognized\n` }
  return answers((value as Record<string, unknown>)[id] ?? unknown)
}

function fleet(): TestGateway {
  return createTestGateway([boston, denver, old], play)
}

const [sub, west] = [{ region_name: '5d5b' }, { region_name: 'denver' }]
const patchOf = (state: string): object => ({
  sw_version: '22.12',
  reboot_required: 'N',
  requires: [],
  summary: 'a patch',
  patchstate: state,
  repostate: state,
})

describe('the merged answer', () => {
  test.each<[string, unknown]>([
    [
      '/v1/release',
      [
        { ...sub, ...release('24.09.0', 'committed') },
        { ...sub, ...release('24.09.1', 'deployed') },
        { ...west, ...release('24.09.1', 'available') },
      ],
    ],
    ['/v1/release?show=available', [{ ...west, ...release('24.09.1', 'available') }]],
    ['/v1/release?show=Available&release=24.09', [{ ...west, ...release('24.09.1', 'available') }]],
    ['/v1/release?show=available&release=24.09.0', []],
    ['/v1/release?release=starlingx-24.09.0', [{ ...sub, ...release('24.09.0', 'committed') }]],
    [
      '/v1/release/starlingx-24.09.1',
      [
        { ...sub, ...release('24.09.1', 'deployed') },
        { ...west, ...release('24.09.1', 'available') },
      ],
    ],
    ['/v1/release/starlingx-24.09.0', [{ ...sub, ...release('24.09.0', 'committed') }]],
    [
      '/v1/release/starlingx-24.09.1/is_deployed',
      [
        { ...sub, is_deployed: true },
        { ...west, is_deployed: false },
      ],
    ],
    [
      '/v1/release/starlingx-24.09.1/is_available',
      [
        { ...sub, is_available: false },
        { ...west, is_available: true },
      ],
    ],
    [
      '/v1/release/starlingx-24.09.0/is_committed',
      [
        { ...sub, is_committed: true },
        { ...west, is_committed: false },
      ],
    ],
    [
      '/v1/release/nothing/is_deployed',
      [
        { ...sub, is_deployed: false },
        { ...west, is_deployed: false },
      ],
    ],
    ['/v1/deploy', [{ ...sub, ...deployment('start-done') }]],
    ['/v1/deploy_host', [{ ...sub, hostname: 'controller-0', host_state: 'pending' }]],
    [
      '/v1/software_upgrade',
      [{ ...sub, from_release: '24.09.0', to_release: '24.09.1', state: 'deploying' }],
    ],
    [
      '/v1/deploy/software_upgrade',
      [{ ...sub, from_release: '24.09.0', to_release: '24.09.1', state: 'deploying' }],
    ],
    ['/v1/software_upgrade?region_name=denver,denv*', []],
    [
      '/v1/software/in_sync_controller',
      [
        { ...sub, in_sync: true },
        { ...west, in_sync: false },
      ],
    ],
    [
      '/v1/query',
      {
        pd: {
          P: {
            ...patchOf('Applied'),
            patchstate: 'Partial-Apply',
            regions: {
              '5d5b': { patchstate: 'Applied', repostate: 'Applied' },
              denver: { patchstate: 'Available', repostate: 'Available' },
            },
            differs: [],
          },
          Q: {
            ...patchOf('Committed'),
            regions: { denver: { patchstate: 'Committed', repostate: 'Committed' } },
            differs: [],
          },
        },
      },
    ],
    [
      '/v1/query?show=committed',
      {
        pd: {
          Q: {
            ...patchOf('Committed'),
            regions: { denver: { patchstate: 'Committed', repostate: 'Committed' } },
            differs: [],
          },
        },
      },
    ],
    ['/v1/query?release=22.13', { pd: {} }],
    [
      '/v1/query_hosts',
      {
        data: [
          { ...sub, ...patchingHost('controller-0') },
          { region_name: 'old-1', ...patchingHost('compute-0', false) },
        ],
      },
    ],
    [
      '/v1/show/P',
      {
        metadata: {
          P: {
            ...patchOf('Applied'),
            patchstate: 'Partial-Apply',
            regions: {
              '5d5b': { patchstate: 'Applied', repostate: 'Applied' },
              denver: { patchstate: 'Available', repostate: 'Available' },
            },
            differs: [],
          },
        },
        contents: { P: ['a.rpm'] },
        error: '',
      },
    ],
    ['/v1/show/NONE', { metadata: {}, contents: {}, error: 'NONE is unrecognized\n' }],
  ])('of %s', async (path, expected) => {
    expect(await fleet().read(path)).toEqual(expected)
  })
})

describe('the one-region shape', () => {
  test.each<[string, unknown]>([
    ['/v1/release?region_name=denver', [{ ...west, ...release('24.09.1', 'available') }]],
    ['/v1/release?region_name=boston-1&release=24.09.1', [{ ...sub, ...release('24.09.1', 'deployed') }]],
    ['/v1/release/starlingx-24.09.1?region_name=denver', { ...west, ...release('24.09.1', 'available') }],
    ['/v1/release/starlingx-24.09.1/is_deployed?region_name=5d5b', true],
    ['/v1/release/nothing/is_deployed?region_name=5d5b', false],
    ['/v1/deploy?region_name=denver', []],
    [
      '/v1/software_upgrade?region_name=5d5b',
      { from_release: '24.09.0', to_release: '24.09.1', state: 'deploying', ...sub },
    ],
    ['/v1/software_upgrade?region_name=denver', null],
    ['/v1/software/in_sync_controller?region_name=denver', { in_sync: false, ...west }],
    ['/v1/query?region_name=5d5b', { pd: { P: { ...patchOf('Applied'), ...sub } } }],
    [
      '/v1/query?region_name=denver&show=committed&with=group',
      { pd: { Q: { ...patchOf('Committed'), ...west, group: 'west' } } },
    ],
    ['/v1/query_hosts?region_name=5d5b', { data: [{ ...sub, ...patchingHost('controller-0') }] }],
    [
      '/v1/show/P?region_name=5d5b',
      { metadata: { P: patch('Applied') }, contents: { P: ['a.rpm'] }, error: '', ...sub },
    ],
  ])('of %s', async (path, expected) => {
    expect(await fleet().read(path)).toEqual(expected)
  })

  test.each([
    'region_name=denver&group=west',
    'region_name=denver&selector=group=west',
    'region_name=denve*',
    'region_name=denver,denver',
    'region_name=denver&region_name=denver',
    'group=west',
  ])('is for one exact name, given once, and nothing else: %s is merged', async (selection) => {
    const answer = await fleet().read(`/v1/software/in_sync_controller?${selection}`)
    expect(answer).toEqual([{ ...west, in_sync: false }])
  })
})

describe('the path', () => {
  test.each(['/usm/v1/deploy', '/v1/deploy/', '/usm/v1/deploy/'])(
    '%s is that of /v1/deploy',
    async (path) => {
      expect(await fleet().read(path)).toEqual([{ ...sub, ...deployment('start-done') }])
    },
  )

  test.each(['/patching/v1/query_hosts', '/v1/query_hosts/', '/patching/v1/query_hosts/'])(
    '%s is that of /v1/query_hosts',
    async (path) => {
      expect(await fleet().read(path)).toEqual(await fleet().read('/v1/query_hosts'))
    },
  )

  test.each([
    '/patching/v1/deploy',
    '/usm/v1/query',
    '/usm/usm/v1/deploy',
    '/v1/v1/deploy',
    '/v2/deploy',
    '/v1/apply',
  ])('%s is not there', async (path) => {
    expect((await fleet().get(path)).status).toBe(404)
  })
})

describe('fields of the inventory', () => {
  test('stand in each record', async () => {
    expect(await fleet().read('/v1/release?with=subcloud_name,site&show=deployed')).toEqual([
      { ...sub, subcloud_name: 'boston-1', site: 'boston', ...release('24.09.1', 'deployed') },
    ])
    expect(await fleet().read('/v1/software/in_sync_controller?with=site')).toEqual([
      { ...sub, site: 'boston', in_sync: true },
      { ...west, site: null, in_sync: false },
    ])
    expect(await fleet().read('/v1/release/x/is_deployed?with=group&region_name=denver,*')).toEqual([
      { ...sub, group: 'east', is_deployed: false },
      { ...west, group: 'west', is_deployed: false },
    ])
    expect(await fleet().read('/v1/query?with=subcloud_name&region_name=*&show=applied')).toMatchObject({
      pd: { P: { regions: { '5d5b': { subcloud_name: 'boston-1', patchstate: 'Applied' } } } },
    })
  })
})

describe('the version document', () => {
  test.each(['/', '/usm/', '/patching/'])('of %s lists the versions', async (path) => {
    const answer = await fleet().get(path)
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await answer.json()).toMatchObject({ versions: [{ id: 'v1' }], default_version: { id: 'v1' } })
  })

  test.each(['/v1', '/v1/', '/usm/v1', '/usm/v1/', '/patching/v1', '/patching/v1/'])(
    'of %s is that of v1',
    async (path) => {
      expect(await fleet().read(path)).toMatchObject({ id: 'v1', links: [{ rel: 'self' }] })
    },
  )
})

test('a region that sends region_name itself speaks for itself only', async () => {
  const gateway = createTestGateway([denver], (_, { resource }) =>
    resource === 'release'
      ? { json: '[{"release_id":"a","region_name":"5d5b"},{"release_id":"b","region\\u005fname":"5d5b"}]' }
      : answers({ in_sync: true, region_name: '5d5b' }),
  )
  expect(await gateway.read('/v1/release')).toEqual([
    { ...west, release_id: 'a' },
    { ...west, release_id: 'b' },
  ])
  expect(await gateway.read('/v1/software/in_sync_controller')).toEqual([{ ...west, in_sync: true }])
})
