import { readFile } from 'node:fs/promises'
import type { TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditLine, WriteOutcome } from '../../src/api/audit.ts'
import { createAuthority, type CertificateAuthority } from '../support/certificates.ts'
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts'
import { createLoad, type Call, type Load, type Standing } from '../support/load.ts'
import { callRaw, type WireAnswer } from '../support/raw-caller.ts'
import { createScriptedRegion, type RegionReply, type RegionRequest } from '../support/scripted-region.ts'
import { behaves } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer } from '../support/tokens.ts'

// The gateway as a process of its own, stopped and reloaded amid hundreds of requests of every kind. What became of each is
// counted from both ends: by the answers of its callers, and by what the regions say that they were sent.

const quick = ['quick-1', 'quick-2', 'quick-3']
const slow = ['slow-1', 'slow-2', 'slow-3', 'slow-4', 'slow-5', 'slow-6']
/** Slow ones whose write nobody waits for. */
const lonely = ['lonely-1', 'lonely-2']

interface World {
  readonly gateway: GatewayProcess
  readonly load: Load
  readonly authority: CertificateAuthority | undefined
  /** Requests that regions got, but for GET, by the id that their caller gave them. */
  readonly written: () => ReadonlyMap<string, number>
  /** Requests that wait at regions now: GET and others. */
  readonly waiting: { reads: number; writes: number }
  /** From now on slow regions answer nothing; the result lets all go on. */
  readonly hold: () => () => void
  readonly config: (more?: object) => object
  readonly audited: () => Promise<ReadonlyMap<string, readonly AuditLine[]>>
}

async function createWorld(
  scheme: 'http' | 'https',
  drain: object,
  nodeFlags: readonly string[] = [],
): Promise<World> {
  const written = new Map<string, number>()
  const waiting = { reads: 0, writes: 0 }
  let held: PromiseWithResolvers<void> | undefined
  const script =
    (name: string) =>
    async (asked: RegionRequest): Promise<RegionReply> => {
      const kind = asked.method === 'GET' ? 'reads' : 'writes'
      const id = asked.headers['x-request-id'] ?? ''
      if (kind === 'writes') written.set(id, (written.get(id) ?? 0) + 1)
      if (held && !quick.includes(name)) {
        waiting[kind]++
        await held.promise
        waiting[kind]--
      }
      return behaves(asked)
    }
  const names = [...quick, ...slow, ...lonely]
  const regions = await Promise.all(
    names.map(async (name) => {
      const region = await createScriptedRegion(script(name))
      onTestFinished(() => region.close())
      return { region_name: name, usm: region.url, patching: region.url }
    }),
  )
  const issuer = await createTokenIssuer()
  onTestFinished(() => issuer.close())
  const authority = scheme === 'https' ? await createAuthority('noc') : undefined
  if (authority) onTestFinished(() => authority.close())
  const certificate = await authority?.issue({ ip: '127.0.0.1' })
  let config: World['config'] = () => ({})
  const gateway = await startGatewayProcess(
    certificate ? { 'cert.pem': certificate.cert, 'key.pem': certificate.key } : {},
    (file) => {
      const tls = certificate && { cert_file: file('cert.pem'), key_file: file('key.pem') }
      config = (more = {}) => ({
        listen: { host: '127.0.0.1', port: 0, tls },
        auth: { issuers: [issuer.config] },
        audit: { file: file('audit.log') },
        regions,
        refresh: { interval: '1h', min_age: '0s' },
        upstream: { first_byte_timeout: '60s', read_timeout: '60s' },
        limits: { requests_per_second: 0, concurrent: 0 },
        writes: { max_per_caller: 1_000 },
        drain,
        ...more,
      })
      return config()
    },
    { nodeFlags },
  )
  onTestFinished(() => gateway.end())
  await until(async () => (await fetch(`${gateway.adminUrl}/readyz`)).status === 200)
  const token = await issuer.sign({ roles: ['configurator'] })
  return {
    gateway,
    load: createLoad(gateway.url, token, authority?.cert),
    authority,
    written: () => written,
    waiting,
    hold() {
      held = Promise.withResolvers()
      const { resolve } = held
      return () => {
        held = undefined
        resolve()
      }
    },
    config,
    async audited() {
      const text = await readFile(gateway.file('audit.log'), 'utf8')
      const lines = text.split('\n').filter((line) => line !== '')
      return Map.groupBy(
        lines.map((line) => JSON.parse(line) as AuditLine),
        ({ request_id }) => request_id,
      )
    },
  }
}

const abort = (region: string): string => `/regions/${region}/v1/deploy/abort`
const half = '--half\r\nContent-Disposition: form-data; name="f"; filename="a.patch"\r\n\r\nfirst half,'
const otherHalf = ' second half\r\n--half--\r\n'

/** What is under way when the gateway is told to stop. */
interface UnderWay {
  readonly reads: readonly Standing[]
  readonly writes: readonly Standing[]
  /** In the middle of their bodies. */
  readonly uploads: readonly Standing[]
  readonly lines: readonly Standing[]
  readonly followers: readonly Standing[]
  /** Their callers are gone. */
  readonly left: readonly Standing[]
}

/** Hundreds of requests that wait, and beside them callers who ask and write without a pause. */
async function putUnderLoad({ load, waiting }: World): Promise<UnderWay> {
  const many = (count: number, stand: (i: number) => Promise<Standing>): Promise<Standing[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => stand(i)))
  const some = (i: number): string => slow[i % slow.length] ?? ''
  const upload = {
    headers: ['Content-Type: multipart/form-data; boundary=half'],
    body: half,
    rest: otherHalf,
  }
  const left = await many(lonely.length, (i) => load.stand('POST', abort(lonely[i] ?? '')))
  await until(() => waiting.writes === lonely.length)
  for (const { call, caller } of left) {
    call.left = true
    caller.leave()
  }
  const version = (i: number): '1.0' | '1.1' => (i % 4 === 0 ? '1.0' : '1.1')
  const followers = await many(40, (i) => load.stand('GET', '/fleet/v1/events', { version: version(i) }))
  const ndjson = (i: number) => ({ version: version(i), headers: ['Accept: application/x-ndjson'] })
  const lines = await many(40, (i) => load.stand('GET', '/fleet/v1/hosts?max_age=0&deadline=60', ndjson(i)))
  const uploads = await many(20, (i) => load.stand('POST', `/regions/${some(i)}/v1/release`, upload))
  const [merged, single] = await Promise.all([
    many(60, () => load.stand('GET', '/v1/release?max_age=0&deadline=60')),
    many(60, (i) => load.stand('GET', `/regions/${some(i)}/v1/deploy_host`)),
  ])
  const writes = await many(60, (i) => load.stand('POST', abort(some(i))))
  // Received, and waiting behind those.
  const received = { ...upload, body: half + otherHalf, rest: '' }
  writes.push(
    ...(await many(slow.length, (i) => load.stand('POST', `/regions/${some(i)}/v1/release`, received))),
  )

  for (const region of quick) {
    load.keepAlive('GET', '/v1/release')
    load.keepAlive('GET', `/regions/${region}/v1/query`)
    load.keepAlive('POST', abort(region))
    load.pipelined([
      ['GET', '/v1/query_hosts'],
      ['POST', abort(region)],
      ['GET', '/fleet/v1/summary'],
      ['POST', abort(region)],
    ])
    load.old('GET', '/v1/deploy')
    load.old('POST', abort(region))
  }
  await until(() => waiting.writes === slow.length + lonely.length && waiting.reads > 0)
  await until(() => followers.every(({ caller }) => caller.received().includes('event: bookmark')))
  await until(() => lines.every(({ caller }) => caller.received().includes('"type":"header"')))
  // Each who asks without a pause was answered a few times.
  const before = load.calls.length
  await until(() => load.calls.length > before + 200)
  return { reads: [...merged, ...single], writes, uploads, lines, followers, left }
}

/** What is known beforehand. */
interface Expected {
  /** Of writes whose callers are gone. */
  readonly ofLeft: WriteOutcome
  /** It ended before all were told. */
  readonly cut?: boolean
}

/** Each request was answered as a whole, or was never begun; what callers, regions and the audit log say is the same. */
async function account({ load, written, audited }: World, expected: Expected): Promise<void> {
  const lines = await audited()
  const wrong = load.calls.flatMap((call) => {
    const [seen, told] = [written().get(call.id) ?? 0, lines.get(call.id) ?? []]
    const fault = call.is === 'read' ? faultOfRead(call, expected) : faultOfWrite(call, seen, told, expected)
    return fault === undefined ? [] : [{ ...call, fault, seen, told }]
  })
  expect(wrong).toEqual([])
  const ids = new Set(load.calls.map(({ id }) => id))
  expect([...written().keys(), ...lines.keys()].filter((id) => !ids.has(id))).toEqual([])
}

function faultOfRead({ answer }: Call, { cut }: Expected): string | undefined {
  if (answer === undefined) return undefined
  if (!answer.whole) return cut ? undefined : 'it was cut off'
  if (answer.status === 200) return undefined
  return answer.status === 503 && saidIn(answer).type === '/problems/stopping' ? undefined : 'it was refused'
}

/** What is wrong with what became of a write; undefined where all is well. */
function faultOfWrite(
  { answer, left }: Call,
  seen: number,
  told: readonly AuditLine[],
  { ofLeft, cut }: Expected,
): string | undefined {
  const [line] = told
  const outcome = line?.regions[0]?.outcome
  if (seen > 1) return 'it was sent more than once'
  if (told.length > 1) return 'it has more than one line'
  if (seen === 1 && outcome !== 'done' && outcome !== 'unknown') return 'it was sent, and no line says so'
  if (left) return seen === 1 && outcome === ofLeft ? undefined : 'it was not waited for'
  if (!answer?.whole && cut) return undefined
  if (answer === undefined) return seen > 0 || line ? 'its caller was told nothing' : undefined
  if (!answer.whole) return 'it was cut off'
  if (line?.status !== answer.status) return 'the line says something else'
  const { type, sent } = saidIn(answer)
  if (answer.status === 200) return seen === 1 && outcome === 'done' ? undefined : 'it was not done'
  if (answer.status === 504) {
    return type === '/problems/answer-lost' && sent && outcome === 'unknown' ? undefined : 'it was not lost'
  }
  if (answer.status !== 503 || sent !== false) return 'nobody knows whether it was sent'
  return seen === 0 ? undefined : 'it was sent'
}

function saidIn({ body }: WireAnswer): Said {
  return body.startsWith('{') ? (JSON.parse(body) as Said) : {}
}

interface Said {
  readonly type?: string
  readonly sent?: boolean
}

const statuses = (all: readonly Standing[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { call } of all) {
    const status = String(call.answer?.status)
    counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

/** Every stream has said its last word. */
function expectLastWords({ lines, followers }: UnderWay): void {
  for (const { call } of lines) {
    const last = JSON.parse(call.answer?.body.trim().split('\n').at(-1) ?? '') as object
    expect(last).toMatchObject({
      type: 'summary',
      untold: slow.length + lonely.length,
      meta: { complete: false },
    })
  }
  for (const { call } of followers) {
    expect(call.answer?.body).toMatch(/event: end\ndata: .*the gateway stops.*\n\n$/)
  }
}

interface LogLine {
  readonly msg: string
  readonly time: number
}

/** Between its first and last word about it, in ms. */
function stoppedWithin(gateway: GatewayProcess): number {
  const lines = gateway.output().trim().split('\n')
  const at = (msg: string): number => {
    const line = lines.find((each) => each.includes(`"msg":"${msg}"`))
    return (JSON.parse(line ?? '{}') as LogLine).time
  }
  return at('stopped') - at('stopping')
}

const givenUp = 'some requests are given up'

test.each(['http', 'https'] as const)(
  'SIGTERM under load, %s: whatever was under way ends, and nothing is lost',
  { timeout: 60_000 },
  async (scheme) => {
    const world = await createWorld(scheme, { delay: '300ms', timeout: '60s' })
    const { gateway, load } = world
    const letGo = world.hold()
    const underWay = await putUnderLoad(world)
    gateway.signal('SIGTERM')
    await until(async () => (await fetch(`${gateway.adminUrl}/readyz`)).status === 503)
    await Promise.all([...underWay.lines, ...underWay.followers].map(({ answered }) => answered))
    expectLastWords(underWay)
    await until(() =>
      callRaw(gateway.url, world.authority?.cert).then(
        (caller) => {
          caller.leave()
          return false
        },
        (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
      ),
    )
    for (const { caller } of underWay.uploads) caller.write(otherHalf)
    letGo()
    await load.refused()
    expect(await gateway.exited).toBe(0)
    expect(statuses(underWay.reads)).toEqual({ 200: underWay.reads.length })
    expect(statuses([...underWay.writes, ...underWay.uploads])).toEqual({ 200: 80 + slow.length })
    await account(world, { ofLeft: 'done' })
    expect(gateway.output()).not.toContain(givenUp)
    expect(stoppedWithin(gateway)).toBeLessThan(70_000)
  },
)

test('SIGTERM under load, and no patience: each is told what became of it', { timeout: 60_000 }, async () => {
  const world = await createWorld('https', { delay: '300ms', timeout: '500ms' })
  const { gateway, load } = world
  world.hold()
  const underWay = await putUnderLoad(world)
  gateway.signal('SIGTERM')
  await load.refused()
  expect(await gateway.exited).toBe(0)
  expectLastWords(underWay)
  expect(statuses(underWay.reads)).toEqual({ 503: underWay.reads.length })
  expect(statuses(underWay.writes)).toEqual({ 503: 60, 504: slow.length })
  await account(world, { ofLeft: 'unknown' })
  expect(gateway.output()).toContain(givenUp)
  // As long as docs/operations.md asks who would kill it to wait.
  expect(stoppedWithin(gateway)).toBeLessThan(300 + 500 + 10_000)
})

test(
  'reloads and another certificate under load: connections, streams and writes under way know nothing of it',
  { timeout: 60_000 },
  async () => {
    const world = await createWorld('https', {})
    const { gateway, load, authority } = world
    const letGo = world.hold()
    const underWay = await putUnderLoad(world)
    const presented = async (): Promise<string> => {
      const caller = await callRaw(gateway.url, authority?.cert)
      const { fingerprint256 } = (caller.socket as TLSSocket).getPeerCertificate()
      caller.leave()
      return fingerprint256
    }
    const before = await presented()
    const taken = (): number => gateway.output().split('"msg":"the configuration was read anew"').length - 1

    for (const refresh of [{ interval: '2h' }, { interval: '3h', min_age: '0s' }]) {
      const reloads = taken()
      await gateway.configure(world.config({ refresh }))
      gateway.hangUp()
      await until(() => taken() > reloads)
    }
    const renewed = await authority?.issue({ ip: '127.0.0.1' })
    await gateway.put('key.pem', renewed?.key ?? '')
    await gateway.put('cert.pem', renewed?.cert ?? '')
    gateway.hangUp()
    await until(async () => (await presented()) !== before)
    const calls = load.calls.length
    await until(() => load.calls.length > calls + 200)

    for (const { caller } of underWay.uploads) caller.write(otherHalf)
    letGo()
    await load.rest()
    await Promise.all(
      [...underWay.reads, ...underWay.writes, ...underWay.uploads, ...underWay.lines].map(
        ({ answered }) => answered,
      ),
    )
    expect(load.calls.filter(({ answer, left }) => answer?.status !== 200 && !left)).toHaveLength(
      underWay.followers.length,
    )
    for (const { caller } of underWay.followers) expect(caller.socket.readyState).toBe('open')
    gateway.signal('SIGTERM')
    await load.refused()
    expect(await gateway.exited).toBe(0)
    await account(world, { ofLeft: 'done' })
  },
)

test('a fault under load: each write that a region heard of has its line', { timeout: 60_000 }, async () => {
  const fault = encodeURIComponent('Promise.reject(new Error("planted"))')
  const world = await createWorld('http', {}, [
    '--import',
    `data:text/javascript,process.on('SIGUSR2',()=>{${fault}})`,
  ])
  const { gateway, load } = world
  world.hold()
  await putUnderLoad(world)
  gateway.signal('SIGUSR2')
  await load.refused()
  expect(await gateway.exited).toBe(1)
  expect(gateway.output()).toContain('"level":60')
  await account(world, { ofLeft: 'unknown', cut: true })
})
