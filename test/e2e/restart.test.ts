import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.ts'
import { createScriptedCentral, password as rightPassword } from '../support/scripted-central.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer } from '../support/tokens.ts'

// The gateway as a process of its own with a `state_dir`: what it knew before it was stopped, or killed.

const open: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

interface Answer {
  readonly status: number
  /** Of `Fleet-Regions`. */
  readonly counts: Readonly<Record<string, number>>
  /** s */
  readonly age: number
  readonly records: readonly { readonly region_name: string }[]
}

async function createAsk(): Promise<{
  readonly issuer: object
  readonly ask: (gateway: GatewayProcess, target: string) => Promise<Answer>
}> {
  const issuer = await createTokenIssuer()
  open.push(() => issuer.close())
  const headers = { 'x-auth-token': await issuer.sign({ roles: ['operator'] }) }
  return {
    issuer: issuer.config,
    async ask(gateway, target) {
      const answer = await fetch(gateway.url + target, { headers })
      const counts = [...(answer.headers.get('fleet-regions') ?? '').matchAll(/(\w+)=(\d+)/g)]
      return {
        status: answer.status,
        counts: Object.fromEntries(counts.map(([, name, count]) => [name, Number(count)])),
        age: Number(answer.headers.get('age')),
        records: answer.status === 200 ? ((await answer.json()) as Answer['records']) : [],
      }
    },
  }
}

/** When each region's releases were observed, in s since the epoch. */
async function observedIn(gateway: GatewayProcess): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
  const found = text.matchAll(
    /^stx_region_observed_timestamp_seconds\{region_name="([^"]+)",resource="release"\} (\S+)$/gm,
  )
  return new Map([...found].map(([, name = '', at]) => [name, Number(at)]))
}

test(
  'stopped and started while everything is dark: the discovered fleet is there, with its last good answers',
  { timeout: 120_000 },
  async () => {
    const password = 'the password of the whole fleet'
    const fleet = { regions: 12, mode: 'front', latency: [0, 0] } as const
    const keystone = { user: 'fleet', password }
    const simulator = await createSimulator({ dcmanager: true, keystone, profile: 'plain', fleet })
    let lit = true
    const darken = async (): Promise<void> => {
      if (lit) await simulator.close()
      lit = false
    }
    open.push(darken)
    const { issuer, ask } = await createAsk()
    const { dcmanager: url, keystone: at } = simulator.cloud.view()
    const templates = {
      keystone: 'http://{ip}:5000/v3',
      usm: 'http://{ip}:5497',
      patching: 'http://{ip}:5491',
    }
    let gateway = await startGatewayProcess({ password: `${password}\n` }, (file) => ({
      auth: { issuers: [issuer] },
      credentials: { fleet: { username: 'fleet', password_file: file('password') } },
      discovery: [
        { kind: 'dcmanager', url, keystone: at, credentials: 'fleet', interval: '1s', endpoints: templates },
      ],
      refresh: { interval: '1s' },
      state_dir: 'state',
    }))
    open.push(() => gateway.end())
    await until(async () => {
      const { counts } = await ask(gateway, '/v1/release')
      return counts.total === 12 && counts.stale === 0 && counts.failed === 0
    })
    const before = await ask(gateway, '/v1/release')
    const stoppedAt = Date.now()
    gateway = await gateway.again('SIGTERM', darken)

    const after = await ask(gateway, '/v1/release')
    expect(after.records).toEqual(before.records)
    expect(after.counts).toMatchObject({ total: 12, fresh: 0, stale: before.counts.fresh, failed: 0 })
    expect(after.age).toBeGreaterThanOrEqual(Math.floor((Date.now() - stoppedAt) / 1000))
    const observed = await observedIn(gateway)
    expect(observed.size).toBe(before.counts.fresh)
    for (const instant of observed.values()) {
      expect(instant).toBeLessThanOrEqual(stoppedAt / 1000 + 1)
      expect(instant).toBeGreaterThan(stoppedAt / 1000 - 60)
    }
    const patchCurrent = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(patchCurrent).not.toContain('stx_region_patch_current{')
    const discovery = (await (await fetch(`${gateway.adminUrl}/discovery`)).json()) as object
    expect(JSON.stringify(discovery)).toContain('"regions":12')
    const files = (await readdir(gateway.file('state'))).toSorted()
    expect(files).toEqual(['answers.log', 'lists.log', 'lock', 'logins.log'])
    const modes = await Promise.all(
      files.map(async (name) => (await stat(gateway.file(`state/${name}`))).mode & 0o777),
    )
    expect(modes).toEqual(files.map(() => 0o600))
  },
)

test(
  'killed three times at random moments: each time all of it is there at once, none of it younger than it is',
  { timeout: 120_000 },
  async () => {
    const simulator = await createSimulator({
      profile: 'plain',
      fleet: { regions: 30, mode: 'front', latency: [0, 20] },
    })
    open.push(() => simulator.close())
    const { issuer, ask } = await createAsk()
    const regions = simulator.regions().map(({ region_name, endpoints }) => ({ region_name, ...endpoints }))
    const names = regions.map(({ region_name }) => region_name)
    let gateway = await startGatewayProcess({}, () => ({
      auth: { issuers: [issuer] },
      regions: regions.map(({ region_name, usm, patching }) => ({
        region_name,
        ...(usm !== undefined && { usm }),
        ...(patching !== undefined && { patching }),
      })),
      refresh: { interval: '100ms', min_age: '0s' },
      state_dir: 'state',
    }))
    open.push(() => gateway.end())
    const whole = async (): Promise<Answer> => {
      let answer = await ask(gateway, '/v1/release?max_age=10s')
      await until(async () => {
        answer = await ask(gateway, '/v1/release?max_age=10s')
        return answer.counts.stale === 0 && answer.counts.failed === 0
      })
      return answer
    }
    for (let round = 0; round < 3; round++) {
      const before = await whole()
      const observed = await observedIn(gateway)
      // Long enough that all of it was written once.
      await until(async () => {
        const now = await observedIn(gateway)
        return [...observed].every(([name, at]) => (now.get(name) ?? 0) > at + 1.5 + Math.random())
      })
      let killedAt = 0
      gateway = await gateway.again('SIGKILL', async () => {
        killedAt = Date.now() / 1000
        for (const name of names) await simulator.setFault(name, { kind: 'refuse' })
      })
      const found = await observedIn(gateway)
      expect([...found.keys()].toSorted()).toEqual([...observed.keys()].toSorted())
      for (const [name, at] of found) {
        expect(at).toBeLessThanOrEqual(killedAt)
        // At most what came in after the last writing is lost.
        expect(at).toBeGreaterThanOrEqual(observed.get(name) ?? Infinity)
      }
      const after = await ask(gateway, '/v1/release')
      expect(after.records).toEqual(before.records)
      expect(after.counts).toEqual({ ...before.counts, fresh: 0, stale: before.counts.fresh })
      // Started once more, so that nothing waits for a back-off to end.
      gateway = await gateway.again('SIGTERM', async () => {
        for (const name of names) await simulator.clearFault(name)
      })
    }
  },
)

test(
  'a wrong password is tried twice, however often the gateway is killed and started',
  { timeout: 120_000 },
  async () => {
    const central = await createScriptedCentral()
    open.push(() => central.close())
    const { issuer, ask } = await createAsk()
    let gateway = await startGatewayProcess({ password: 'wrong\n' }, (file) => ({
      auth: { issuers: [issuer] },
      credentials: { fleet: { username: 'fleet', password_file: file('password') } },
      regions: [
        {
          region_name: 'east',
          usm: central.keystone.origin,
          keystone: central.keystone,
          credentials: 'fleet',
        },
      ],
      state_dir: 'state',
    }))
    open.push(() => gateway.end())
    const logins = (): number => central.requests.filter(({ path }) => path === '/v3/auth/tokens').length
    for (let round = 0; round < 5; round++) {
      for (let asked = 0; asked < 3; asked++) await ask(gateway, '/v1/release?region_name=east&max_age=0s')
      expect(logins()).toBe(2)
      gateway = await gateway.again('SIGKILL')
    }
    await gateway.put('password', rightPassword)
    await ask(gateway, '/v1/release?region_name=east&max_age=0s')
    await until(() => logins() > 2)
    // The way out where an account was only locked.
    await gateway.put('password', 'wrong\n')
    gateway = await gateway.again('SIGTERM', () => rm(gateway.file('state/logins.log')))
    const before = logins()
    await until(async () => {
      await ask(gateway, '/v1/release?region_name=east&max_age=0s')
      return logins() === before + 2
    })
  },
)

test('a folder that is in use, or that cannot be written, keeps a gateway from starting', async () => {
  const { issuer } = await createAsk()
  const config = (state_dir: string): object => ({
    auth: { issuers: [issuer] },
    regions: [{ region_name: 'east', usm: 'http://127.0.0.1:1' }],
    state_dir,
  })
  const gateway = await startGatewayProcess({}, () => config('state'))
  open.push(() => gateway.end())
  const state = gateway.file('state')
  await expect(startGatewayProcess({}, () => config(state))).rejects.toThrow(
    `${state} is in use by another gateway`,
  )
  await writeFile(gateway.file('no-folder'), '')
  const unwritable = gateway.file('no-folder/state')
  await expect(startGatewayProcess({}, () => config(unwritable))).rejects.toThrow(
    `state_dir: ${unwritable} cannot be written`,
  )
})
