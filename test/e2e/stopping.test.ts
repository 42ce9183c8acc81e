import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditLine } from '../../src/api/audit.ts'
import { readEvents } from '../support/event-reader.ts'
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts'
import { createScriptedRegion, type RegionRequest } from '../support/scripted-region.ts'
import { behaves, ok } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer } from '../support/tokens.ts'

// The gateway as a process of its own, told to stop while it is at work.

const abort = '/regions/boston/v1/deploy/abort'

interface Place {
  readonly gateway: GatewayProcess
  readonly headers: Readonly<Record<string, string>>
  /** Writes that the region got. */
  readonly writes: () => readonly RegionRequest[]
  /** Reads that wait at the region. */
  readonly waitingReads: () => number
  /** From now on the region answers nothing; the result lets all go on. */
  readonly hold: () => () => void
  readonly post: (path: string) => Promise<Response>
  readonly ready: () => Promise<number>
  readonly audited: () => Promise<readonly AuditLine[]>
}

async function createPlace(drain: object, nodeFlags: readonly string[] = []): Promise<Place> {
  let held: PromiseWithResolvers<void> | undefined
  let waitingReads = 0
  const region = await createScriptedRegion(async (asked) => {
    if (asked.method === 'GET' && held) waitingReads++
    await held?.promise
    return behaves(asked)
  })
  onTestFinished(() => region.close())
  const issuer = await createTokenIssuer()
  onTestFinished(() => issuer.close())
  const gateway = await startGatewayProcess(
    {},
    (file) => ({
      auth: { issuers: [issuer.config] },
      audit: { file: file('audit.log') },
      regions: [{ region_name: 'boston', usm: region.url, patching: region.url }],
      refresh: { interval: '1h', min_age: '0s' },
      writes: { max_per_caller: 2 },
      drain,
    }),
    { nodeFlags },
  )
  onTestFinished(() => gateway.end())
  const headers = { 'x-auth-token': await issuer.sign({ roles: ['configurator'] }) }
  const ready = async (): Promise<number> => (await fetch(`${gateway.adminUrl}/readyz`)).status
  await until(async () => (await ready()) === 200)
  return {
    gateway,
    headers,
    writes: () => region.requests.filter(({ method }) => method !== 'GET'),
    waitingReads: () => waitingReads,
    hold() {
      held = Promise.withResolvers()
      const { resolve } = held
      return () => {
        held = undefined
        resolve()
      }
    },
    post: (path) => fetch(gateway.url + path, { method: 'POST', headers }),
    ready,
    async audited() {
      const lines = (await readFile(gateway.file('audit.log'), 'utf8')).trim().split('\n')
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditLine)
    },
  }
}

test('told to stop amid a write, an upload, lines and events: each ends as it should, and the exit code is 0', async () => {
  const { gateway, headers, writes, waitingReads, hold, post, ready, audited } = await createPlace({})
  const events = readEvents(
    (await fetch(`${gateway.url}/fleet/v1/events`, { headers })).body ?? new ReadableStream(),
  )
  await events.until('bookmark')
  const letGo = hold()
  const written = post(abort)
  await until(() => writes().length === 1)
  const reading = fetch(`${gateway.url}/regions/boston/v1/query?show=all`, { headers })
  await until(() => waitingReads() > 0)
  const lines = await fetch(`${gateway.url}/fleet/v1/hosts?max_age=0&deadline=60`, {
    headers: { ...headers, accept: 'application/x-ndjson' },
  })
  const upload = request(`${gateway.url}/regions/boston/v1/release`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'multipart/form-data; boundary=half', expect: '100-continue' },
  })
  upload.flushHeaders()
  const uploaded = once(upload, 'response')
  await once(upload, 'continue')
  upload.write('--half\r\nContent-Disposition: form-data; name="f"; filename="a.patch"\r\n\r\nfirst half,')

  gateway.signal('SIGTERM')
  await until(async () => (await ready()) === 503)
  expect(await (await fetch(`${gateway.adminUrl}/readyz`)).json()).toEqual({ status: 'stopping' })
  expect((await events.until('end')).data).toMatchObject({ reason: 'the gateway stops' })
  expect(await events.next()).toBeUndefined()
  const told = (await lines.text()).trim().split('\n')
  expect(JSON.parse(told.at(-1) ?? '')).toMatchObject({ type: 'summary', meta: { complete: false } })
  await until(() =>
    post(abort).then(
      () => false,
      () => true,
    ),
  )

  upload.end(' second half\r\n--half--\r\n')
  letGo()
  const answer = await written
  expect([answer.status, await answer.text(), answer.headers.get('connection')]).toEqual([
    200,
    JSON.stringify(JSON.parse(ok.body)),
    'close',
  ])
  expect((await reading).status).toBe(200)
  const [received] = (await uploaded) as [IncomingMessage]
  expect([received.statusCode, await text(received)]).toEqual([200, JSON.stringify(JSON.parse(ok.body))])
  expect(await gateway.exited).toBe(0)
  expect(writes().map(({ path }) => path)).toEqual(['/v1/deploy/abort', '/v1/release'])
  expect((await audited()).map(({ call, status }) => [call, status])).toEqual([
    ['abort_deployment', 200],
    ['upload_release', 200],
  ])
})

test('what is not done in time is told: the write at the region as lost, the one behind it as never sent', async () => {
  const { gateway, writes, hold, post, audited } = await createPlace({ timeout: '200ms' })
  hold()
  const first = post(abort)
  await until(() => writes().length === 1)
  const second = post(abort)
  await until(async () => (await post(abort)).status === 429)
  gateway.signal('SIGTERM')
  const [lost, never] = [await first, await second]
  expect([lost.status, await lost.json()]).toMatchObject([504, { type: '/problems/answer-lost', sent: true }])
  expect([never.status, await never.json()]).toMatchObject([503, { sent: false }])
  expect(await gateway.exited).toBe(0)
  expect(writes()).toHaveLength(1)
  const told = (await audited()).filter(({ status }) => status !== 429)
  const regions = told.flatMap((line) => line.regions.map(({ outcome }) => `${line.status} ${outcome}`))
  expect(regions.toSorted()).toEqual(['503 failed', '504 unknown'])
})

// As `sw-patch` reads; nothing of it is a write for that.
test.each(['GET', 'POST'])('a read by %s that is not done in time is told so', async (method) => {
  const { gateway, headers, writes, waitingReads, hold } = await createPlace({ timeout: '200ms' })
  hold()
  const reading = fetch(`${gateway.url}/regions/boston/patching/v1/query`, { method, headers })
  await until(() => waitingReads() + writes().length > 0)
  gateway.signal('SIGTERM')
  const answer = await reading
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { type: '/problems/stopping', sent: false },
  ])
  expect(await gateway.exited).toBe(0)
})

test('for drain.delay it goes on as before, but tells each caller that this was the last answer', async () => {
  const { gateway, post, ready } = await createPlace({ delay: '2s' })
  expect((await post(abort)).headers.get('connection')).toBe('keep-alive')
  gateway.signal('SIGTERM')
  await until(async () => (await ready()) === 503)
  // Nor is anything read anew.
  await gateway.configure({ mistaken: true })
  gateway.hangUp()
  const answer = await post(abort)
  expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
  expect(await gateway.exited).toBe(0)
  expect(gateway.output()).not.toContain('the configuration')
})

test('an interrupt waits for no balancer, and a second signal for nothing', async () => {
  const { gateway, writes, hold, post, ready } = await createPlace({ delay: '1h' })
  hold()
  const cut = expect(post(abort)).rejects.toThrow('fetch failed')
  await until(() => writes().length === 1)
  gateway.signal('SIGINT')
  await until(async () => (await ready()) === 503)
  gateway.signal('SIGTERM')
  await cut
  expect(await gateway.exited).toBe(1)
})

test.each([
  ['a rejection', 'Promise.reject(new Error("planted"))', 'unhandledRejection'],
  ['an exception', 'setImmediate(() => { throw new Error("planted") })', 'uncaughtException'],
])(
  '%s that nobody handles is logged with its stack, writes are accounted for, and the exit code is 1',
  async (_, fault, origin) => {
    const { gateway, writes, hold, post, audited } = await createPlace({}, [
      '--import',
      `data:text/javascript,process.on('SIGUSR2',()=>{${encodeURIComponent(fault)}})`,
    ])
    hold()
    const cut = post(abort).then(
      (answer) => answer.status,
      () => 'cut',
    )
    await until(() => writes().length === 1)
    gateway.signal('SIGUSR2')
    expect(await gateway.exited).toBe(1)
    await cut
    const fatal =
      gateway
        .output()
        .split('\n')
        .find((line) => line.includes('"level":60')) ?? '{}'
    expect(JSON.parse(fatal)).toMatchObject({
      origin,
      err: { message: 'planted', stack: expect.stringContaining('planted\n    at ') },
    })
    expect((await audited()).flatMap(({ regions }) => regions.map(({ outcome }) => outcome))).toEqual([
      'unknown',
    ])
  },
)
