import { expect, onTestFinished, test } from 'vitest'
import { createRegionClient, type RegionClient } from '../../src/upstream/ask.ts'
import { createHttp } from '../../src/upstream/http.ts'
import { createReadTurn } from '../../src/upstream/read-turn.ts'
import { withoutLogin, type Access } from '../../src/upstream/token.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { intentOf } from '../support/intent-of.ts'
import { createScriptedRegion, type RegionScript, type ScriptedRegion } from '../support/scripted-region.ts'
import { behaves, ok } from '../support/served-regions.ts'
import { writeTimeouts } from '../support/write-timeouts.ts'
import { releasesOfMaster } from './bodies.ts'
import { failureOf } from './failure-of.ts'
import { limits } from './http-setup.ts'

const abort = intentOf('POST /v1/deploy/abort')

async function played(script: RegionScript): Promise<ScriptedRegion> {
  const region = await createScriptedRegion(script)
  onTestFinished(() => region.close())
  return region
}

function clientAt(usm: string, access: Access = withoutLogin, releaseWrites?: string): RegionClient {
  const region = {
    ...createRegion('east'),
    endpoints: {
      usm: new URL(usm),
      patching: new URL(usm),
      ...(releaseWrites !== undefined && { usmReleaseWrites: new URL(releaseWrites) }),
    },
  }
  const http = createHttp(limits, undefined)
  const client = createRegionClient(region, {
    http,
    accessTo: () => access,
    userAgent: 'g',
    now: Date.now,
    writeTimeouts,
  })
  onTestFinished(() => client.close())
  return client
}

const asked = ({ requests }: ScriptedRegion): string[] =>
  requests.map(({ method, path }) => `${method} ${path}`)

test('a write is sent in a dialect that is certain: the release list is read first, once', async () => {
  const region = await played((request) =>
    request.path === '/v1/release' ? { status: 200, body: releasesOfMaster } : behaves(request),
  )
  const { relay } = clientAt(region.url)
  const precheck = intentOf('POST /v1/deploy/x-1/precheck')
  expect(await relay(precheck)).toMatchObject({ status: 'answered', succeeded: true })
  expect(await relay(precheck)).toMatchObject({ succeeded: true })
  expect(asked(region)).toEqual([
    'GET /v1',
    'GET /v1/release',
    'POST /v1/deploy/precheck',
    'POST /v1/deploy/precheck',
  ])
})

test('a region whose dialect can’t be found out is sent nothing', async () => {
  const region = await played(({ method }) => (method === 'GET' ? 'reset' : ok))
  await expect(clientAt(region.url).relay(abort)).rejects.toMatchObject({
    kind: 'unreachable',
    sent: false,
    message: expect.stringMatching(/nothing was sent/) as string,
  })
  expect(asked(region).filter((each) => each.startsWith('POST'))).toEqual([])
})

test('a 401 to a write: the token is given up, the write is not sent again; the next one has a new token', async () => {
  let token = 'old'
  const given: string[] = []
  const access: Access = {
    ...withoutLogin,
    token: () => Promise.resolve(token),
    refused(old) {
      given.push(old)
      token = 'new'
      return true
    },
  }
  const region = await played((request) =>
    request.method === 'POST' && request.headers['x-auth-token'] === 'old'
      ? { status: 401, body: '{}' }
      : behaves(request),
  )
  const { relay } = clientAt(region.url, access)
  const failure = await failureOf(relay(abort))
  expect(failure).toMatchObject({
    kind: 'unauthorized',
    message: expect.stringMatching(/HTTP 401; not carried out/) as string,
  })
  expect(given).toEqual(['old'])
  expect(asked(region).filter((each) => each.startsWith('POST'))).toHaveLength(1)
  expect(await relay(abort)).toMatchObject({ succeeded: true })
  expect(region.requests.at(-1)?.headers['x-auth-token']).toBe('new')
})

test('a 401 to a read, a POST among them: sent once more with a new token, and no oftener', async () => {
  let logins = 0
  const access: Access = { ...withoutLogin, token: async () => `t${logins}`, refused: () => ++logins > 0 }
  const region = await played(({ path }) =>
    path.startsWith('/v1/show') ? { status: 401, body: '{}' } : behaves({ path } as never),
  )
  const failure = await failureOf(clientAt(region.url, access).relay(intentOf('POST /v1/show/P-1')))
  expect(failure).toMatchObject({ kind: 'unauthorized' })
  expect(asked(region).filter((each) => each.includes('show'))).toEqual([
    'POST /v1/show/P-1',
    'POST /v1/show/P-1',
  ])
})

test('uploads and deletions of releases go where releases are kept, nothing else does', async () => {
  const [usm, keeper] = [await played(behaves), await played(behaves)]
  const { relay } = clientAt(usm.url, withoutLogin, keeper.url)
  for (const write of [
    'DELETE /v1/release/x-1',
    'POST /v1/release/x-1/commit',
    'POST /v1/deploy/abort',
    'POST /v1/delete/P-1',
  ]) {
    expect(await relay(intentOf(write))).toMatchObject({ status: 'answered', http: 200 })
  }
  const upload = { kind: 'paths', paths: ['/home/x.iso', '/home/x.sig'] } as const
  await relay(intentOf('POST /usm/v1/upload', {}, { upload }))
  expect(asked(keeper)).toEqual(['DELETE /v1/release/x-1', 'POST /v1/release'])
  expect(keeper.requests[1]).toMatchObject({ body: '["/home/x.iso","/home/x.sig"]' })
  expect(asked(usm).filter((each) => !each.startsWith('GET'))).toEqual([
    'POST /v1/release/x-1/commit',
    'POST /v1/deploy/abort',
    'POST /v1/delete/P-1',
  ])
})

test('equal reads at the same time are one; others, and later ones, are asked', async () => {
  const region = await played(behaves)
  const { relay } = clientAt(region.url)
  await relay(intentOf('GET /v1/deploy'))
  const before = region.requests.length
  const reads = [
    'GET /v1/release?show=a',
    'GET /v1/release?show=a',
    'GET /v1/release?show=b',
    'GET /v1/release',
  ]
  const [one, two] = await Promise.all(reads.map((each) => relay(intentOf(each))))
  expect(one).toBe(two)
  await relay(intentOf('GET /v1/release?show=a'))
  expect(asked(region).slice(before)).toEqual([reads[0], reads[2], reads[3], reads[0]])
  expect(region.maxConcurrent()).toBe(1)
})

test('a failure is told to all who waited, and kept for nobody', async () => {
  let broken = true
  const region = await played((request) =>
    broken && request.path === '/v1/deploy' ? 'reset' : behaves(request),
  )
  const { relay } = clientAt(region.url)
  const read = intentOf('GET /v1/deploy')
  for (const failed of await Promise.all([failureOf(relay(read)), failureOf(relay(read))])) {
    expect(failed).toMatchObject({ kind: 'unreachable' })
  }
  broken = false
  expect(await relay(read)).toMatchObject({ status: 'answered', http: 200 })
})

test('reads take turns; who comes when too many wait is told so at once, and background reads have more room', async () => {
  const turn = createReadTurn()
  let end: () => void = () => undefined
  const held = new Promise<void>((resolve) => (end = resolve))
  const order: number[] = []
  const reads = Array.from({ length: 8 }, (_, i) =>
    turn.take(false, 'GET x', async () => {
      await held
      order.push(i)
      return i
    }),
  )
  await expect(turn.take(false, 'GET x', async () => 9)).rejects.toMatchObject({
    kind: 'timeout',
    ofService: false,
    message: 'GET x: 8 requests are waiting already',
  })
  const background = turn.take(true, 'GET x', async () => order.push(8))
  end()
  expect(await Promise.all(reads)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  await background
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  const odd = await failureOf(turn.take(false, 'GET x', () => Promise.reject(new TypeError('odd'))))
  expect(odd).toMatchObject({ kind: 'malformed', message: 'GET x: odd' })
  expect(await turn.take(false, 'GET x', async () => 'next')).toBe('next')
})
