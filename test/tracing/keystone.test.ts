import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createOtlpReceiver, kind } from '../support/otlp-receiver.ts'
import { json, password, tokenOfAnna } from '../support/scripted-central.ts'
import { createScriptedRegion } from '../support/scripted-region.ts'
import { serveRegions } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const own = 'gAAAAA-of-the-gateway'.padEnd(150, '-x')
const callers = 'gAAAAA-of-a-caller'.padEnd(150, '-x')

test('logins and validations that a request causes are told too, and no secret of them', async () => {
  const keystone = await createScriptedRegion(({ method }) =>
    method === 'POST'
      ? json(201, { token: { ...tokenOfAnna, catalog: [] } }, [['X-Subject-Token', own]])
      : json(200, { token: tokenOfAnna }),
  )
  onTestFinished(() => keystone.close())
  const receiver = await createOtlpReceiver()
  onTestFinished(() => receiver.close())
  const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-tracing-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'password'), password)
  const url = `${keystone.url}/v3`
  const gateway = await serveRegions({
    regions: { boston: { keystone: url, credentials: 'fleet' } },
    keystone: { url, credentials: 'fleet' },
    config: {
      credentials: { fleet: { username: 'fleet', password_file: join(folder, 'password') } },
      refresh: { interval: '1h', min_age: '0s' },
      tracing: { otlp: { url: receiver.url } },
    },
  })
  onTestFinished(() => gateway.close())
  await until(async () => (await fetch(`${gateway.adminUrl}/readyz`)).ok)
  // It refuses the token that the gateway has: so it logs in within this request.
  let refused = false
  gateway.region('boston').plays(() => {
    if (refused) return undefined
    refused = true
    return { status: 401, body: '{}' }
  })
  const answer = await gateway.ask('GET', '/v1/release?max_age=0', {
    token: callers,
    headers: [`traceparent: 00-${trace}-00f067aa0ba902b7-01`],
  })
  expect(answer.status).toBe(200)
  const spans = await receiver.ofTrace(trace, 7)
  const root = spans.find((span) => span.kind === kind.server)
  const below = spans
    .filter((span) => span !== root)
    .toSorted((a, b) => Number(a.start - b.start || a.end - b.end))
    .map(({ name, attributes, parentSpanId }) => [
      name,
      attributes['fleet.region_name'],
      attributes['http.response.status_code'],
      attributes['fleet.outcome'],
      parentSpanId === root?.spanId,
    ])
  expect(below).toEqual(
    expect.arrayContaining([
      // The gateway's own login to ask about callers, and the question about this one.
      ['POST /auth/tokens', undefined, 201, undefined, true],
      ['GET /auth/tokens', undefined, 200, undefined, true],
      ['GET release', 'boston', 401, undefined, true],
      ['POST /auth/tokens', 'boston', 201, undefined, true],
      ['GET release', 'boston', 200, undefined, true],
      ['ask release', 'boston', undefined, 'answered', true],
    ]),
  )
  // Keystone is sent no trace, as before.
  expect(keystone.requests.filter(({ headers }) => headers['traceparent'] !== undefined)).toEqual([])
  const told = JSON.stringify(receiver.batches)
  expect([own, callers, password, 'gAAAAA', 'anna'].filter((secret) => told.includes(secret))).toEqual([])
})
