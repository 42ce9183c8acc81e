import { expect, onTestFinished, test } from 'vitest'
import { createCertificate } from '../support/certificate.ts'
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts'
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts'
import { createScriptedRegion, type ScriptedRegion } from '../support/scripted-region.ts'
import { behaves } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer } from '../support/tokens.ts'

// The gateway as a process of its own: what it loads, what it sends, and how it stops.

/** Says on standard error which of OpenTelemetry's modules are loaded. */
const loading = `--import=data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    const [, name] = /node_modules\\/@opentelemetry\\/([^/]+)/.exec(url) ?? []
    if (name !== undefined) process.stderr.write('loaded: ' + name + '\\n')
    return next(url, context)
  },
})
`)}`
/** The library of metrics has it of its own. */
const always = 'api'

const loaded = (gateway: GatewayProcess): readonly string[] =>
  [...new Set([...gateway.output().matchAll(/^loaded: (\S+)$/gm)].map(([, name]) => name ?? ''))]
    .filter((name) => name !== always)
    .toSorted()

interface Place {
  readonly gateway: GatewayProcess
  readonly region: ScriptedRegion
  /** A GET that asks the region, with this trace. */
  readonly ask: (trace: string) => Promise<number>
  readonly configure: (tracing: object | undefined) => Promise<void>
}

const parent = 'b'.repeat(16)
const trace = (n: number): string => n.toString(16).padStart(32, 'a')

async function createPlace(
  tracing: ((file: (name: string) => string) => object) | undefined,
  files: Readonly<Record<string, string>> = {},
): Promise<Place> {
  const region = await createScriptedRegion(behaves)
  onTestFinished(() => region.close())
  const issuer = await createTokenIssuer()
  onTestFinished(() => issuer.close())
  const config = {
    auth: { issuers: [issuer.config] },
    regions: [{ region_name: 'boston', usm: region.url, patching: region.url }],
    refresh: { interval: '1h', min_age: '0s' },
  }
  const gateway = await startGatewayProcess(
    files,
    (file) => ({ ...config, ...(tracing && { tracing: tracing(file) }) }),
    { nodeFlags: [loading] },
  )
  onTestFinished(() => gateway.end())
  await until(async () => (await fetch(`${gateway.adminUrl}/readyz`)).ok)
  const token = await issuer.sign({ roles: ['operator'] })
  return {
    gateway,
    region,
    async ask(id) {
      const headers = { 'x-auth-token': token, traceparent: `00-${id}-${parent}-01`, 'x-request-id': id }
      return (await fetch(`${gateway.url}/v1/release?max_age=0`, { headers })).status
    },
    configure: (next) => gateway.configure({ ...config, ...(next && { tracing: next }) }),
  }
}

async function createReceiver(...given: Parameters<typeof createOtlpReceiver>): Promise<OtlpReceiver> {
  const receiver = await createOtlpReceiver(...given)
  onTestFinished(() => receiver.close())
  return receiver
}

test('without traces nothing of the library is loaded, and regions are sent what they always were', async () => {
  const { gateway, region, ask } = await createPlace(undefined)
  expect(await ask(trace(1))).toBe(200)
  const sent = region.requests.find(({ headers }) => headers['x-request-id'] === trace(1))
  expect(Object.keys(sent?.headers ?? {})).toEqual([
    'host',
    'connection',
    'accept',
    'user-agent',
    'x-request-id',
    'traceparent',
  ])
  expect(sent?.headers['traceparent']).toMatch(new RegExp(`^00-${trace(1)}-(?!${parent})[0-9a-f]{16}-01$`))
  expect(loaded(gateway)).toEqual([])
  expect(await gateway.metric('stx_gateway_spans_lost_total')).toBeUndefined()
})

test('it is turned on while it runs; headers come from a file, which is read anew', async () => {
  const receiver = await createReceiver()
  const { gateway, ask, configure } = await createPlace(undefined, {
    headers: 'authorization: Api-Token one\n',
  })
  const otlp = { url: receiver.url, headers_file: gateway.file('headers') }
  await configure({ otlp })
  gateway.hangUp()
  await until(() => gateway.output().includes('the configuration was read anew'))
  expect(loaded(gateway)).toContain('sdk-trace')
  expect(await ask(trace(1))).toBe(200)
  await receiver.ofTrace(trace(1), 2)
  expect(receiver.batches.at(-1)?.headers['authorization']).toBe('Api-Token one')
  await gateway.put('headers', '# of the tenant\nauthorization: Api-Token two\n')
  await until(async () => {
    await ask(trace(2))
    return receiver.batches.at(-1)?.headers['authorization'] === 'Api-Token two'
  })
  await gateway.put('headers', 'Api-Token three\n')
  await until(() => gateway.output().includes('the configuration has mistakes'))
  expect(gateway.output()).toContain(
    `tracing.otlp.headers_file: ${gateway.file('headers')}:1: not a header: write \\"name: value\\"`,
  )
  expect(gateway.output()).not.toContain('Api-Token')
})

test('over TLS, with a file of trust anchors', async () => {
  const certificate = createCertificate('IP:127.0.0.1')
  const receiver = await createReceiver(certificate)
  const tracing = (file: (name: string) => string): object => ({
    otlp: { url: receiver.url, ca_file: file('ca.pem') },
  })
  const { ask } = await createPlace(tracing, { 'ca.pem': certificate.cert })
  await ask(trace(1))
  expect((await receiver.ofTrace(trace(1), 2)).length).toBe(2)
})

test('a certificate that nobody vouches for: nothing is told, and that is said', async () => {
  const receiver = await createReceiver(createCertificate('IP:127.0.0.1'))
  const { gateway, ask } = await createPlace(() => ({ otlp: { url: receiver.url } }))
  expect(await ask(trace(1))).toBe(200)
  await until(() => gateway.output().includes('spans did not reach the collector'))
  expect(gateway.output()).toContain('self-signed certificate')
  expect(receiver.batches).toEqual([])
})

test('a collector that answers nothing holds up neither requests nor the stop', async () => {
  const receiver = await createReceiver()
  receiver.plays('hang')
  const { gateway, ask } = await createPlace(() => ({
    otlp: { url: receiver.url, timeout: '1h' },
    max_spans: 512,
  }))
  for (let i = 0; i < 300; i++) expect(await ask(trace(i))).toBe(200)
  expect(await gateway.metric('stx_gateway_spans_lost_total{reason="too_many"}')).toBe(600 - 512)
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toBe(0)
  const lines = gateway
    .output()
    .split('\n')
    .filter((line) => line.includes('spans did not reach'))
  expect(lines.length).toBe(1)
})

test('what was told last is sent before it ends', async () => {
  const receiver = await createReceiver()
  const { gateway, ask } = await createPlace(() => ({ otlp: { url: receiver.url } }))
  await ask(trace(1))
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toBe(0)
  expect(receiver.spans().map(({ name }) => name)).toEqual(['GET release', 'GET /v1/release'])
})
