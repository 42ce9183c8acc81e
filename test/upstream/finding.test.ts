import { expect, test } from 'vitest'
import { createAskSetup } from './ask-setup.ts'
import {
  deployHosts,
  hostsOfOstree,
  hostsOfRpm,
  noHosts,
  patches,
  releases,
  releasesOfMaster,
  releasesOfStx10,
  releasesOfStx11,
  releasesOfStx12,
  releasesOfStx9,
  stx10Unknown,
  stx10UnknownOnLoopback,
  stx12Unknown,
  stx9Unknown,
  versionOfStx10,
  versionOfStx9,
} from './bodies.ts'
import { failureOf } from './failure-of.ts'

const { play, client } = createAskSetup()

test.each([
  ['stx 9', versionOfStx9, '/v1/software/query', releasesOfStx9, 'usm-stx9'],
  ['stx 10', versionOfStx10, '/v1/release', releasesOfStx10, 'usm-stx10'],
  ['stx 11', versionOfStx10, '/v1/release', releasesOfStx11, 'usm-stx11'],
  ['stx 12', versionOfStx10, '/v1/release', releasesOfStx12, 'usm-stx11'],
  ['master', versionOfStx10, '/v1/release', releasesOfMaster, 'usm-master'],
])(
  'USM of %s is found out by GET /v1 and its release list, and remembered',
  async (_, version, path, body, name) => {
    const usm = await play().service({ '/v1': version, [path]: body })
    const asking = client({ usm: usm.url })
    expect(asking.dialectOf('usm')).toBeUndefined()
    expect(await asking.ask({ resource: 'release' })).toMatchObject({
      status: 'answered',
      reading: { dialect: name, items: [{ state: 'deployed' }] },
    })
    expect(usm.asked()).toEqual(['/v1', path])
    expect(asking.dialectOf('usm')).toBe(name)
    await asking.ask({ resource: 'release' })
    expect(usm.asked()).toEqual([path])
  },
)

test.each([
  ['stx 9', versionOfStx9, '/v1/software/query', releasesOfStx9, 'GET /v1 has no link "release"'],
  [
    'stx 10',
    versionOfStx10,
    '/v1/release',
    releasesOfStx10,
    'has neither "preinstalled_patches" nor "metapackages"',
  ],
  ['stx 11', versionOfStx10, '/v1/release', releasesOfStx11, 'has "preinstalled_patches"'],
  ['master', versionOfStx10, '/v1/release', releasesOfMaster, 'has "metapackages"'],
])('what told the USM of %s is told', async (_, version, path, body, evidence) => {
  const usm = await play().service({ '/v1': version, [path]: body })
  const asking = client({ usm: usm.url })
  expect(asking.foundOut('usm')).toBeUndefined()
  await asking.ask({ resource: 'release' })
  expect(asking.foundOut('usm')).toMatchObject({
    name: asking.dialectOf('usm'),
    evidence: expect.stringContaining(evidence) as string,
  })
})

test.each([
  ['/v1/query_hosts', 'query_hosts', hostsOfRpm('21.12'), 'GET /v1/query_hosts has hosts with "installed"'],
  ['/v1/query_hosts', 'query_hosts', hostsOfOstree('22.12'), 'hosts with "latest_sysroot_commit"'],
  ['/v1/query', 'query', patches('22.12'), 'GET /v1/query tells of version 22.12'],
] as const)('what told the era of Patching is told: %s, %s', async (path, resource, body, evidence) => {
  const patching = await play().service({ [path]: body })
  const asking = client({ patching: patching.url })
  await asking.ask({ resource })
  expect(asking.foundOut('patching')?.evidence).toContain(evidence)
})

test.each([
  ['release', '/v1/software/query', '/v1/release'],
  ['deploy', '/v1/software/deploy_show', '/v1/deploy'],
  ['deploy_host', '/v1/software/host_list', '/v1/deploy_host'],
  ['software_upgrade', '/v1/software/deploy_show', '/v1/deploy/software_upgrade'],
  ['in_sync_controller', '/v1/software/in_sync_controller', '/v1/software/in_sync_controller'],
] as const)('%s is asked for at %s of stx 9 and %s of later ones', async (resource, ofStx9, later) => {
  const region = play()
  const [nine, ten] = [
    await region.service({ '/v1': versionOfStx9 }),
    await region.service({ '/v1': versionOfStx10 }),
  ]
  nine.otherwise = ten.otherwise = { status: '503 Service Unavailable', body: '' }
  await failureOf(client({ usm: nine.url }).ask({ resource }))
  await failureOf(client({ usm: ten.url }).ask({ resource }))
  expect([nine.asked(), ten.asked()]).toEqual([
    ['/v1', ofStx9],
    ['/v1', later],
  ])
})

test.each([
  ['query_hosts', '/v1/query_hosts', hostsOfRpm('21.12'), 'patching-rpm'],
  ['query_hosts', '/v1/query_hosts', hostsOfOstree('22.12'), 'patching-ostree'],
  ['query', '/v1/query', patches('21.12'), 'patching-rpm'],
  ['query', '/v1/query', patches('22.12'), 'patching-ostree'],
] as const)(
  'Patching is asked for its %s at %s at once, and the answer tells its era: %#',
  async (resource, path, body, name) => {
    const patching = await play().service({ [path]: body })
    const asking = client({ patching: patching.url })
    expect(await asking.ask({ resource })).toMatchObject({ status: 'answered', reading: { dialect: name } })
    expect(patching.asked()).toEqual([path])
    expect(asking.dialectOf('patching')).toBe(name)
  },
)

test.each([
  ['query_hosts', hostsOfOstree('22.12')],
  ['query', patches('22.12')],
] as const)(
  'an answer that was read before this client was there tells it as much: %s',
  async (resource, body) => {
    const patching = await play().service({ [`/v1/${resource}`]: body })
    const before = await client({ patching: patching.url }).ask({ resource })
    if (before.status !== 'answered') throw new Error(before.reason)
    const asking = client({ patching: patching.url })
    const asked = await asking.ask({ resource }, before.reading)
    expect(asked.status === 'answered' && asked.reading).toBe(before.reading)
    expect(asking.dialectOf('patching')).toBe('patching-ostree')
  },
)

test('Patching without hosts and patches leaves its era open', async () => {
  const patching = await play().service({ '/v1/query_hosts': noHosts, '/v1/query': '{"pd": {}}' })
  const asking = client({ patching: patching.url })
  await asking.ask({ resource: 'query_hosts' })
  await asking.ask({ resource: 'query' })
  expect(asking.dialectOf('patching')).toBeUndefined()
})

test('hosts outweigh patches: old patches stay listed after an upgrade', async () => {
  const patching = await play().service({
    '/v1/query': patches('21.12'),
    '/v1/query_hosts': hostsOfOstree('22.12'),
  })
  const asking = client({ patching: patching.url })
  await asking.ask({ resource: 'query' })
  expect(asking.dialectOf('patching')).toBe('patching-rpm')
  await asking.ask({ resource: 'query_hosts' })
  expect(asking.dialectOf('patching')).toBe('patching-ostree')
  await asking.ask({ resource: 'query' })
  expect(asking.dialectOf('patching')).toBe('patching-ostree')
})

test('a patch id goes into the path as one segment', async () => {
  const patching = await play().service({})
  patching.otherwise = '{"metadata": {}, "contents": {}, "error": "x is unrecognized\\n"}'
  const asking = client({ patching: patching.url })
  await asking.ask({ resource: 'show', id: 'STX_22.12_PATCH_0001' })
  await asking.ask({ resource: 'show', id: '../apply/P?x=1#' })
  expect(patching.asked()).toEqual(['/v1/show/STX_22.12_PATCH_0001', '/v1/show/..%2Fapply%2FP%3Fx%3D1%23'])
})

test.each([
  ['Patching’s page of text', 'Titanium Cloud Patching API, Available versions: /v1'],
  ['some other service', '{"versions": {"values": []}}'],
  ['a list', '[]'],
])('an address that is no USM (%s) is malformed, and asked again next time', async (_, body) => {
  const usm = await play().service({ '/v1': body, '/v1/release': releasesOfStx10 })
  const asking = client({ usm: usm.url })
  expect(await failureOf(asking.ask({ resource: 'release' }))).toMatchObject({ kind: 'malformed' })
  expect(usm.asked()).toEqual(['/v1'])
  usm.answers.set('/v1', versionOfStx10)
  expect((await asking.ask({ resource: 'release' })).status).toBe('answered')
})

test('a region without the service is not asked', async () => {
  const region = play()
  const [usm, patching] = [await region.service({}), await region.service({})]
  expect(await client({ usm: usm.url }).ask({ resource: 'query' })).toEqual({
    status: 'unsupported',
    reason: 'no patching endpoint',
  })
  expect(await client({ patching: patching.url }).ask({ resource: 'deploy' })).toEqual({
    status: 'unsupported',
    reason: 'no usm endpoint',
  })
  expect([usm.asked(), patching.asked()]).toEqual([[], []])
})

test('upgrade from stx 9 to 10: the old path fails, the new one is found within the same ask', async () => {
  const usm = await play().service({ '/v1': versionOfStx9, '/v1/software/query': releasesOfStx9 })
  usm.otherwise = stx9Unknown
  const asking = client({ usm: usm.url })
  const before = await asking.ask({ resource: 'release' })
  usm.asked()

  usm.answers.clear()
  usm.answers
    .set('/v1', versionOfStx10)
    .set('/v1/release', releasesOfStx10)
    .set('/v1/deploy_host', deployHosts)
  usm.otherwise = stx10UnknownOnLoopback
  if (before.status !== 'answered') throw new Error('no answer of stx 9')
  expect(await asking.ask({ resource: 'release' }, before.reading)).toMatchObject({
    status: 'answered',
    reading: { dialect: 'usm-stx10', items: [{ id: 'starlingx-24.09.0' }] },
  })
  expect(usm.asked()).toEqual(['/v1/software/query', '/v1', '/v1/release'])
  expect(await asking.ask({ resource: 'deploy_host' })).toMatchObject({ status: 'answered' })
  expect(usm.asked()).toEqual(['/v1/deploy_host'])
})

test('back from stx 10 to 9, as after a rollback', async () => {
  const usm = await play().service({ '/v1': versionOfStx10, '/v1/release': releasesOfStx10 })
  const asking = client({ usm: usm.url })
  await asking.ask({ resource: 'release' })
  usm.answers.clear()
  usm.answers.set('/v1', versionOfStx9).set('/v1/software/query', releasesOfStx9)
  usm.otherwise = stx9Unknown
  usm.asked()
  expect(await asking.ask({ resource: 'release' })).toMatchObject({ reading: { dialect: 'usm-stx9' } })
  expect(usm.asked()).toEqual(['/v1/release', '/v1', '/v1/software/query'])
})

test('upgrade from stx 11 to master, seen in the release list', async () => {
  const usm = await play().service({ '/v1': versionOfStx10, '/v1/release': releasesOfStx11 })
  const asking = client({ usm: usm.url })
  await asking.ask({ resource: 'release' })
  expect(asking.dialectOf('usm')).toBe('usm-stx11')
  usm.answers.set('/v1/release', releasesOfMaster)
  const master = await asking.ask({ resource: 'release' })
  expect(master).toMatchObject({ reading: { dialect: 'usm-master' } })
  if (master.status !== 'answered') throw new Error('no answer of master')
  const again = await asking.ask({ resource: 'release' }, master.reading)
  expect(again.status === 'answered' && again.reading).toBe(master.reading)
  expect(usm.asked()).toEqual(['/v1', '/v1/release', '/v1/release', '/v1/release'])
})

test('while a region is upgraded, its failures are failures: never a wrong answer', async () => {
  const usm = await play().service({ '/v1': versionOfStx9, '/v1/software/query': releasesOfStx9 })
  const asking = client({ usm: usm.url })
  await asking.ask({ resource: 'release' })
  usm.answers.clear()
  usm.otherwise = { status: '503 Service Unavailable', body: '<html><body><h1>503 Service Unavailable</h1>' }
  expect(await failureOf(asking.ask({ resource: 'release' }))).toMatchObject({ kind: 'broken', status: 503 })
  usm.otherwise = stx9Unknown
  expect(await failureOf(asking.ask({ resource: 'release' }))).toMatchObject({ kind: 'broken', status: 500 })
  usm.answers.set('/v1', versionOfStx10).set('/v1/release', releasesOfStx10)
  expect(await asking.ask({ resource: 'release' })).toMatchObject({ reading: { dialect: 'usm-stx10' } })
})

test('a failure that does not come from the dialect is not followed by questions', async () => {
  const usm = await play().service({ '/v1': versionOfStx10, '/v1/release': releasesOfStx10 })
  const asking = client({ usm: usm.url })
  await asking.ask({ resource: 'release' })
  usm.asked()
  for (const status of [
    '401 Unauthorized',
    '403 Forbidden',
    '406 Not Acceptable',
    '503 Service Unavailable',
  ]) {
    usm.answers.set('/v1/release', { status, body: '' })
    expect(await failureOf(asking.ask({ resource: 'release' }))).toMatchObject({
      status: Number.parseInt(status, 10),
    })
  }
  expect(usm.asked()).toEqual(['/v1/release', '/v1/release', '/v1/release', '/v1/release'])
})

test('upgrade of Patching from rpm to ostree', async () => {
  const patching = await play().service({ '/v1/query_hosts': hostsOfRpm('21.12') })
  const asking = client({ patching: patching.url })
  expect(await asking.ask({ resource: 'query_hosts' })).toMatchObject({
    reading: { dialect: 'patching-rpm' },
  })
  patching.answers.set('/v1/query_hosts', hostsOfOstree('22.12'))
  expect(await asking.ask({ resource: 'query_hosts' })).toMatchObject({
    reading: { dialect: 'patching-ostree' },
  })
})

test.each([
  ['stx 10', releasesOfStx10, stx10Unknown],
  ['stx 11, on its loopback port', releasesOfStx11, stx10UnknownOnLoopback],
])('%s has Patching beside USM: both are answered', async (_, list, unknown) => {
  const region = play()
  const usm = await region.service({ '/v1': versionOfStx10, '/v1/release': list })
  usm.otherwise = unknown
  const patching = await region.service({ '/v1/query': patches('24.09', 'n/a'), '/v1/query_hosts': noHosts })
  const asking = client({ usm: usm.url, patching: patching.url })
  expect((await asking.ask({ resource: 'release' })).status).toBe('answered')
  expect((await asking.ask({ resource: 'query' })).status).toBe('answered')
  expect((await asking.ask({ resource: 'query_hosts' })).status).toBe('answered')
  patching.otherwise = { status: '503 Service Unavailable', body: '' }
  patching.answers.clear()
  expect(await failureOf(asking.ask({ resource: 'query' }))).toMatchObject({ kind: 'broken', status: 503 })
})

test.each([
  ['stx 12', releasesOfStx12],
  ['master', releasesOfMaster],
])('%s has no Patching: unsupported, and not asked any more', async (_, list) => {
  const region = play()
  const usm = await region.service({ '/v1': versionOfStx10, '/v1/release': list })
  usm.otherwise = stx12Unknown
  const patching = await region.service({})
  const asking = client({ usm: usm.url, patching: patching.url })
  await asking.ask({ resource: 'release' })
  const gone = { status: 'unsupported', reason: 'its USM is of stx 12 or later, which has no Patching' }
  expect(await asking.ask({ resource: 'query' })).toEqual(gone)
  usm.asked()
  patching.asked()
  expect(await asking.ask({ resource: 'query_hosts' })).toEqual(gone)
  expect([usm.asked(), patching.asked()]).toEqual([[], []])
})

test('a Patching that refuses connections where USM was never asked: USM is asked what it is', async () => {
  const region = play()
  const usm = await region.service({ '/v1': versionOfStx10 })
  usm.otherwise = stx12Unknown
  const patching = await region.service({})
  await patching.close()
  const asking = client({ usm: usm.url, patching: patching.url })
  expect((await asking.ask({ resource: 'query' })).status).toBe('unsupported')
  expect(usm.asked()).toEqual(['/v1', '/v1/software_upgrade'])
})

test('a Patching and a USM that both do not answer: a failure, of Patching', async () => {
  const region = play()
  const [usm, patching] = [await region.service({}), await region.service({})]
  await Promise.all([usm.close(), patching.close()])
  const asking = client({ usm: usm.url, patching: patching.url })
  expect(await failureOf(asking.ask({ resource: 'query' }))).toEqual({
    kind: 'unreachable',
    message: 'GET /v1/query: connection refused',
    refused: true,
  })
})

test('a region that went back from stx 12 to 11 has its Patching again', async () => {
  const region = play()
  const usm = await region.service({ '/v1': versionOfStx10, '/v1/release': releasesOfStx12 })
  usm.otherwise = stx12Unknown
  const patching = await region.service({})
  const asking = client({ usm: usm.url, patching: patching.url })
  await asking.ask({ resource: 'release' })
  expect((await asking.ask({ resource: 'query' })).status).toBe('unsupported')
  usm.answers.set('/v1/release', releasesOfStx11)
  usm.otherwise = stx10Unknown
  patching.answers.set('/v1/query', patches('25.09', 'n/a'))
  await asking.ask({ resource: 'release' })
  expect((await asking.ask({ resource: 'query' })).status).toBe('answered')
})

test('a patch deployed within stx 12 does not bring Patching back', async () => {
  const region = play()
  const usm = await region.service({ '/v1': versionOfStx10, '/v1/release': releasesOfStx12 })
  usm.otherwise = stx12Unknown
  const patching = await region.service({})
  const asking = client({ usm: usm.url, patching: patching.url })
  await asking.ask({ resource: 'release' })
  await asking.ask({ resource: 'query' })
  usm.answers.set('/v1/release', releases('26.03.1', ', "preinstalled_patches": []'))
  await asking.ask({ resource: 'release' })
  expect((await asking.ask({ resource: 'query' })).status).toBe('unsupported')
})

test('whatever happens, only safe GETs of a closed list go out', async () => {
  const safe = new Set([
    '/v1',
    '/v1/release',
    '/v1/deploy',
    '/v1/deploy_host',
    '/v1/deploy/software_upgrade',
    '/v1/software_upgrade',
    '/v1/software/query',
    '/v1/software/deploy_show',
    '/v1/software/host_list',
    '/v1/software/in_sync_controller',
    '/v1/query',
    '/v1/query_hosts',
    '/v1/show/P1',
  ])
  const resources = [
    'release',
    'deploy',
    'deploy_host',
    'software_upgrade',
    'in_sync_controller',
    'query',
    'query_hosts',
    'show',
  ] as const
  const everything = [
    '[]',
    '{}',
    'null',
    '{"error": "no"}',
    '',
    'text',
    stx9Unknown,
    stx10Unknown,
    stx12Unknown,
  ]
  const region = play()
  for (const version of [versionOfStx9, versionOfStx10, '{}']) {
    const [usm, patching] = [await region.service({ '/v1': version }), await region.service({})]
    const asking = client({ usm: usm.url, patching: patching.url })
    for (const otherwise of everything) {
      usm.otherwise = patching.otherwise = otherwise
      for (const resource of resources) {
        await asking.ask(resource === 'show' ? { resource, id: 'P1' } : { resource }).catch(() => undefined)
      }
    }
    expect([...usm.asked(), ...patching.asked()].filter((path) => !safe.has(path))).toEqual([])
  }
})
