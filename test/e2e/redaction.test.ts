import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { createOtlpReceiver } from '../support/otlp-receiver.ts'
import { json, password, tokenOfAnna } from '../support/scripted-central.ts'
import { createScriptedRegion } from '../support/scripted-region.ts'
import { behaves } from '../support/served-regions.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer } from '../support/tokens.ts'

// A busy session at the level that says most: nothing that opens a door is in what the gateway writes, answers or tells a collector.

/** As long as Keystone's are: others never come to it. */
const fernet = (what: string): string => `gAAAAA-${what}`.padEnd(150, '-x')
const own = fernet('of-the-gateway')
const knownUser = fernet('of-a-user-whom-keystone-knows')
const unknownUser = fernet('that-nobody-knows')
const strange = fernet('at-which-keystone-breaks')

test('tokens, passwords and what regions echo of them are in no log, answer, audit line or span', async () => {
  const keystone = await createScriptedRegion(({ method, headers, body }) => {
    if (method === 'POST') {
      if (!body.includes(password)) return json(401, { error: { code: 401, message: `wrong: ${body}` } })
      return json(201, { token: { ...tokenOfAnna, catalog: [] } }, [['X-Subject-Token', own]])
    }
    const subject = headers['x-subject-token'] ?? ''
    if (subject === knownUser) return json(200, { token: tokenOfAnna })
    if (subject === unknownUser) return json(404, { error: { code: 404, message: `no token ${subject}` } })
    return json(500, { error: { code: 500, message: `broken at ${subject} for ${headers['x-auth-token']}` } })
  })
  onTestFinished(() => keystone.close())
  // It echoes all that it is sent, in each way in which regions fail.
  let known = false
  const echo = await createScriptedRegion((request) => {
    const { method, path, headers } = request
    const text = JSON.stringify(headers)
    if (method !== 'GET') return json(500, { info: text, warning: '', error: text })
    if (!known) return behaves(request)
    if (path === '/v1/deploy') return json(200, { info: '', warning: '', error: text })
    return json(path === '/v1/release' ? 500 : 406, { error: { message: text } })
  })
  onTestFinished(() => echo.close())
  const receiver = await createOtlpReceiver()
  onTestFinished(() => receiver.close())
  const issuer = await createTokenIssuer()
  onTestFinished(() => issuer.close())
  const url = `${keystone.url}/v3`
  const wrongPassword = 'wrong-but-secret'
  const gateway = await startGatewayProcess({ password, wrong: wrongPassword }, (file) => ({
    auth: { issuers: [issuer.config], keystone: { url, credentials: 'fleet' } },
    credentials: {
      fleet: { username: 'fleet', password_file: file('password') },
      wrong: { username: 'fleet', password_file: file('wrong') },
    },
    regions: [
      { region_name: 'echo', usm: echo.url, patching: echo.url, keystone: url, credentials: 'fleet' },
      { region_name: 'shut', usm: echo.url, keystone: url, credentials: 'wrong' },
    ],
    audit: { file: file('audit.log') },
    refresh: { interval: '1s', min_age: '0s' },
    log: { level: 'debug' },
    tracing: { otlp: { url: receiver.url } },
  }))
  onTestFinished(() => gateway.end())

  const good = await issuer.sign({ roles: ['admin'] })
  const expired = await issuer.sign({ roles: ['admin'], ttl: -3600 })
  const told: string[] = []
  const ask = async (method: string, path: string, headers: Record<string, string>): Promise<number> => {
    const answer = await fetch(gateway.url + path, { method, headers })
    told.push(JSON.stringify([...answer.headers]), await answer.text())
    return answer.status
  }
  const statuses = new Set<number>()
  const freshness = async (): Promise<string> => {
    const answer = await fetch(`${gateway.url}/v1/release`, { headers: { 'x-auth-token': good } })
    return answer.headers.get('fleet-regions') ?? ''
  }
  await until(async () => /fresh=[1-9]/.test(await freshness()))
  known = true
  const paths = [
    '/v1/release?max_age=0',
    '/v1/deploy?max_age=0',
    '/v1/release?max_age=0&region_name=shut',
    '/regions/echo/v1/deploy',
    '/fleet/v1/problems',
  ]
  for (const token of [good, expired, knownUser, unknownUser, strange]) {
    for (const path of paths) statuses.add(await ask('GET', path, { 'x-auth-token': token }))
    statuses.add(await ask('GET', '/fleet/v1/hosts', { authorization: `Bearer ${token}` }))
    statuses.add(await ask('POST', `/regions/echo/v1/deploy/abort`, { 'x-auth-token': token }))
    statuses.add(await ask('GET', `/v1/release?token=${token}`, { 'x-auth-token': good }))
    statuses.add(await ask('GET', `/nothing/${token.slice(0, 20)}`, { 'x-auth-token': token }))
  }
  await until(() => gateway.output().includes('"kind":"unauthorized"'))
  await until(() => echo.requests.some(({ headers }) => headers['x-auth-token'] === own))
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 404, 500, 503]))
  for (const token of [knownUser, unknownUser, strange]) {
    expect(keystone.requests.some(({ headers }) => headers['x-subject-token'] === token)).toBe(true)
  }
  // Asked for again: a request that found the background's ask under way has none of its own to tell of.
  await until(async () => {
    await ask('GET', '/v1/release?max_age=0&region_name=shut', { 'x-auth-token': good })
    return receiver.spans().some(({ attributes }) => attributes['fleet.outcome'] === 'unauthorized')
  })
  const spans = JSON.stringify(receiver.batches)
  const log = gateway.output()
  expect(log).toContain('"msg":"answered"')
  expect(log).toMatch(/"request_id":"[^"]+","trace_id":"[0-9a-f]{32}"/)
  const everything = [log, await readFile(gateway.file('audit.log'), 'utf8'), told.join('\n'), spans].join(
    '\n',
  )
  expect([own, password, wrongPassword].filter((secret) => everything.includes(secret))).toEqual([])
  // So it was echoed.
  expect(everything).toContain('[token]')
  // A caller's own text comes back to the caller alone, where a parameter or a path is named.
  expect(
    [good, expired, knownUser, unknownUser, strange].filter((each) => (log + spans).includes(each)),
  ).toEqual([])
})
