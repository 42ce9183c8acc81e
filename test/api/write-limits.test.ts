import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bodyParameters } from '../../src/api/body.ts'
import { createCallerLimit } from '../../src/api/caller-limit.ts'
import { listen } from '../../src/api/listen.ts'
import { Problem } from '../../src/api/problem.ts'
import type { RelayOutcome } from '../../src/fleet/act.ts'
import { answers } from '../support/fleet-answers.ts'
import { callerWith, createTestGateway, type TestGateway } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { exchange } from '../support/fleet-socket.ts'

const done: RelayOutcome = { status: 'answered', http: 200, value: {}, succeeded: true, error: '' }
const names = ['a', 'b', 'c', 'd']
const abort = (region: string): string => `/regions/${region}/v1/deploy/abort`

afterEach(() => void vi.useRealTimers())

describe('writes of one caller', () => {
  /** Regions that answer when told to. A caller may have two writes under way. */
  function held(): { readonly gateway: TestGateway; readonly sent: string[]; readonly release: () => void } {
    const sent: string[] = []
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    const callers = {
      other: { ...callerWith('configurator'), subject: 'other' },
      namesake: { ...callerWith('configurator'), issuer: 'https://other.test' },
    }
    const gateway = createTestGateway(
      names.map((name) => createRegion(name)),
      () => answers([]),
      callers,
      async ({ name }) => {
        sent.push(name)
        await released
        return done
      },
    )
    return { gateway, sent, release: () => release() }
  }
  const as = (caller: string): { readonly as: string; readonly method: string } => ({
    as: caller,
    method: 'POST',
  })

  test('are limited, with Retry-After; reads and other callers are not', async () => {
    const { gateway, sent, release } = held()
    const { get, audited } = gateway
    const under = [get(abort('a'), as('configurator')), get(abort('b'), as('configurator'))]
    await vi.waitUntil(() => sent.length === 2)
    const answer = await get(abort('c'), as('configurator'))
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toMatchObject([
      429,
      '5',
      { type: '/problems/too-many-writes', error: '2 writes of this caller are under way already' },
    ])
    expect(audited).toMatchObject([{ status: 429, call: 'abort_deployment', regions: [] }])
    const others = [
      get(abort('c'), as('other')),
      get(abort('d'), as('namesake')),
      get('/regions/d/v1/deploy'),
    ]
    await vi.waitUntil(() => sent.length === 5)
    release()
    expect((await Promise.all([...under, ...others])).map(({ status }) => status)).toEqual([
      200, 200, 200, 200, 200,
    ])
    expect((await get(abort('a'), as('configurator'))).status).toBe(200)
  })

  test('a place is left whatever became of the write', async () => {
    const outcomes = [done, new Error('a bug'), { status: 'refused', reason: 'old' }] as (
      | RelayOutcome
      | Error
    )[]
    let turn = 0
    const { get } = createTestGateway(
      [createRegion('a')],
      () => answers([]),
      {},
      async () => {
        const outcome = outcomes[turn++ % outcomes.length]
        if (outcome instanceof Error || outcome === undefined) throw outcome ?? new Error('none')
        return outcome
      },
    )
    for (let i = 0; i < 4; i++) {
      for (const status of [200, 500, 409]) {
        expect((await get(abort('a'), as('configurator'))).status).toBe(status)
      }
      expect((await get(`${abort('a')}?region_name=b`, as('configurator'))).status).toBe(400)
      expect((await get(abort('nowhere'), as('configurator'))).status).toBe(404)
      expect((await get(abort('a'), as('operator'))).status).toBe(403)
    }
  })

  test('are counted by issuer and subject, which can’t be mixed up', () => {
    const admit = createCallerLimit(() => 1)
    const leave = admit({ ...callerWith('admin'), issuer: 'a', subject: 'b' })
    expect(() => admit({ ...callerWith('reader'), issuer: 'a', subject: 'b' })).toThrow(Problem)
    const leaveOther = admit({ ...callerWith('admin'), issuer: 'a b', subject: '' })
    leave()
    admit({ ...callerWith('admin'), issuer: 'a', subject: 'b' })
    leaveOther()
  })
})

describe('a body', () => {
  async function sendTo(options: {
    body: string | Buffer
    type?: string | undefined
  }): Promise<[number, string, number]> {
    let relayed = 0
    const { app } = createTestGateway(
      [createRegion('a')],
      () => answers([]),
      {},
      async () => {
        relayed++
        return done
      },
    )
    const type = options.type === undefined ? [] : [['content-type', options.type] as [string, string]]
    const answer = await app.request(abort('a'), {
      method: 'POST',
      headers: [['x-auth-token', 'configurator'], ...type],
      body: new Uint8Array(Buffer.from(options.body)),
    })
    const { error = '' } = (await answer.json()) as { error?: string }
    return [answer.status, error, relayed]
  }
  const full = 256 * 1024

  test.each<[string, string | Buffer, string | undefined]>([
    ['nothing', '', 'application/json'],
    ['nothing of any type', '', 'text/html'],
    ['blanks', ' \r\n', 'text/html'],
    ['JSON', '{"a": 1}', 'application/json'],
    ['JSON of no type', '{"a": 1}', undefined],
    ['JSON in capitals', '{"a": 1}', 'Application/JSON; charset=utf-8'],
    ['a form', 'a=1&b=%26', 'application/x-www-form-urlencoded'],
    ['just not too much', `{"a": "${'x'.repeat(full - 9)}"}`, 'application/json'],
    ['very deep', `{"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'application/json'],
  ])('%s is taken', async (_, body, type) => {
    expect(await sendTo({ body, type })).toEqual([200, '', 1])
  })

  test.each<[string, string | Buffer, string | undefined, number]>([
    ['too large', `{"a": "${'x'.repeat(full - 8)}"}`, 'application/json', 413],
    ['of another type', '{}', 'text/plain', 415],
    ['a form with files', '--b\r\n\r\n--b--', 'multipart/form-data; boundary=b', 415],
    ['JSON of a vendor', '{}', 'application/vnd.api+json', 415],
    ['no type at all', '{}', '', 415],
    ['a list', '[]', 'application/json', 400],
    ['null', 'null', 'application/json', 400],
    ['a string', '"a"', 'application/json', 400],
    ['two objects', '{} {}', 'application/json', 400],
    ['not UTF-8', Buffer.from('{"a": "\xe9"}', 'latin1'), 'application/json', 400],
    ['UTF-16', Buffer.from('{}', 'utf16le'), 'application/json', 400],
    ['a key twice', '{"force": false, "force": true}', 'application/json', 400],
  ])('%s is refused, and nothing is sent', async (_, body, type, status) => {
    expect(await sendTo({ body, type })).toEqual([status, expect.stringMatching(/./), 0])
  })

  test('one whose sender stops is given up after ten seconds', async () => {
    vi.useFakeTimers()
    const body = new ReadableStream<Uint8Array>({ start: (into) => into.enqueue(Buffer.from('{"a"')) })
    const context = { env: {}, req: { raw: { body }, header: () => undefined } }
    const given = bodyParameters(context as unknown as Parameters<typeof bodyParameters>[0]).catch(
      (error: unknown) => error,
    )
    await vi.advanceTimersByTimeAsync(9_999)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await given).toMatchObject({ status: 408, slug: 'stalled' })
  })
})

describe('over a real connection', () => {
  async function served(): Promise<{ url: string; sent: string[] }> {
    const sent: string[] = []
    const gateway = createTestGateway(
      [createRegion('a')],
      () => answers([]),
      {},
      async (_, { path }) => {
        sent.push(path)
        return done
      },
    )
    const listener = await listen(gateway.app, { host: '127.0.0.1', port: 0 })
    closing.push(() => listener.close())
    return { url: listener.url, sent }
  }
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })
  const head = `POST ${abort('a')} HTTP/1.1\r\nHost: a\r\nX-Auth-Token: configurator\r\nConnection: close\r\n`

  test('what is too large is refused while it is still coming in', async () => {
    const { url, sent } = await served()
    const half = `${head}Content-Length: 100000000\r\n\r\n${' '.repeat(256 * 1024 + 1)}`
    expect((await exchange(url, half)).toString()).toMatch(/^HTTP\/1\.1 413 /)
    expect(sent).toEqual([])
  })

  test('what comes in chunks is a body like any other', async () => {
    const { url, sent } = await served()
    const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n5\r\n: 1}\n\r\n0\r\n\r\n`
    expect((await exchange(url, chunked)).toString()).toMatch(/^HTTP\/1\.1 200 /)
    expect(sent).toEqual(['/v1/deploy/abort'])
  })

  test('a caller who leaves while the write waits for its turn takes it back', async () => {
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    const sent: string[] = []
    const gateway = createTestGateway(
      [createRegion('a')],
      () => answers([]),
      {},
      async (_, { path }) => {
        sent.push(path)
        await released
        return done
      },
    )
    const listener = await listen(gateway.app, { host: '127.0.0.1', port: 0 })
    closing.push(() => listener.close())
    const first = exchange(listener.url, `${head}Content-Length: 0\r\n\r\n`)
    await vi.waitUntil(() => sent.length === 1)
    const { hostname, port } = new URL(listener.url)
    const socket = connect(Number(port), hostname)
    socket.write(`${head.replace('abort', 'complete')}Content-Length: 2\r\n\r\n{}`)
    await once(socket, 'connect')
    socket.destroy()
    await vi.waitUntil(() => gateway.audited.length === 1)
    release()
    expect((await first).toString()).toMatch(/^HTTP\/1\.1 200 /)
    expect(sent).toEqual(['/v1/deploy/abort'])
    expect(gateway.audited).toMatchObject([
      { call: 'complete_deployment', status: expect.any(Number) as number },
      { status: 200 },
    ])
  })

  test('a caller who leaves in the middle of a body has sent nothing', async () => {
    const { url, sent } = await served()
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.write(`${head}Content-Length: 10\r\n\r\n{}`)
    await once(socket, 'connect')
    socket.end()
    await once(socket.resume(), 'close')
    expect(sent).toEqual([])
  })
})
