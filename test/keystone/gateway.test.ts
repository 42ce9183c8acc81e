import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createAuthority } from '../support/certificates.ts'
import { createKeystoneFront } from '../support/keystone-front.ts'
import { startKeystone } from '../support/keystone-server.ts'
import { until } from '../support/simulated-fleet.ts'
import { createTokenIssuer } from '../support/tokens.ts'
import { answerAsUsm } from './world.ts'

// The whole gateway as a process of its own, before real Keystone, both behind TLS: logs at their most talkative.

const open: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
})

test(
  'regions are read through Keystone and TLS, and no secret is told to anybody',
  { timeout: 300_000 },
  async () => {
    const keystone = kept(await startKeystone())
    const authority = kept(await createAuthority('dc-adminep-root-ca'))
    const certificate = await authority.issue({ ip: '127.0.0.1' })
    const front = kept(await createKeystoneFront(keystone.url, certificate))
    const shown = new Set<string>()
    const site = createServer(certificate, (request, response) => {
      const token = String(request.headers['x-auth-token'] ?? '')
      shown.add(token)
      const asked = { method: 'GET', path: request.url ?? '', httpVersion: '1.1', body: '' }
      answerAsUsm({ ...asked, headers: { 'x-auth-token': token } }, keystone.admin).then(
        ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body),
        () => response.destroy(),
      )
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    open.push(
      () => site.closeAllConnections(),
      () => new Promise((resolve) => site.close(resolve)),
    )
    const url = `https://127.0.0.1:${(site.address() as AddressInfo).port}`
    const service = 'usm'
    await keystone.admin.addEndpoint({ service, region: 'RegionOne', interface: 'admin', url })

    const folder = await mkdtemp(join(tmpdir(), 'stx-fleet-keystone-test-'))
    open.push(() => rm(folder, { recursive: true, force: true }))
    const account = await keystone.admin.account()
    const passwordFile = join(folder, 'password')
    await writeFile(passwordFile, `${account.password}\n`)
    const issuer = kept(await createTokenIssuer())
    const loopback = { host: '127.0.0.1', port: 0 }
    const region = { keystone: front.url.href, credentials: 'fleet' }
    const config = {
      listen: loopback,
      admin: loopback,
      auth: { issuers: [issuer.config] },
      credentials: { fleet: { username: account.username, password_file: passwordFile } },
      regions: [
        { region_name: 'by-catalog', keystone_region: 'RegionOne', ...region },
        { region_name: 'by-address', usm: url, ...region },
      ],
      upstream: { ca_file: authority.file, first_byte_timeout: '20s' },
      refresh: { interval: '1s', min_age: '0s' },
      log: { level: 'debug' },
    }
    const configFile = join(folder, 'gateway.json')
    await writeFile(configFile, JSON.stringify(config))
    const gateway = run(configFile)
    await until(() => gateway.log().includes('"listening"'))
    const { url: api, adminUrl } = JSON.parse(
      gateway
        .log()
        .split('\n')
        .find((line) => line.includes('"listening"')) ?? '',
    ) as { url: string; adminUrl: string }
    const token = await issuer.sign({ roles: ['operator'] })
    const told: string[] = []
    const read = async (target: string): Promise<Response> => {
      const answer = await fetch(target, { headers: { authorization: `Bearer ${token}` } })
      told.push(JSON.stringify([...answer.headers]), await answer.clone().text())
      return answer
    }
    const releases = async (): Promise<string | null> =>
      (await read(`${api}/v1/release?max_age=0`)).headers.get('fleet-regions')

    expect(await releases()).toMatch(/total=2.*fresh=2/)
    // A login for each region, both with a token that Keystone gave.
    const first = front.logins.map(({ token }) => token)
    expect(first).toHaveLength(2)

    // Both tokens revoked, and the password in the file wrong: the regions fail, and say nothing of why but the kind.
    await writeFile(passwordFile, 'Wrong-but-secret-password')
    for (const each of first) await keystone.admin.revoke(each)
    await until(async () => !/fresh=[12]/.test((await releases()) ?? ''))
    await read(`${api}/v1/release?require=all`)
    await read(`${adminUrl}/metrics`)
    expect(told.at(-1)).toMatch(/stx_region_failure_info\{.*kind="unauthorized"\} 1/)

    // The right one back in the file works within the back-off, though nothing was restarted.
    await writeFile(passwordFile, account.password)
    await until(async () => /fresh=2/.test((await releases()) ?? ''))
    await read(`${adminUrl}/metrics`)
    expect(front.logins.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(4)
    expect(gateway.log()).toContain('unauthorized')
    await gateway.end()

    const secrets = [
      account.password,
      'Wrong-but-secret-password',
      token,
      ...shown,
      ...front.logins.map(({ token }) => token),
    ]
    const everything = gateway.log() + told.join('\n')
    for (const secret of secrets.filter((each) => each !== '')) expect(everything).not.toContain(secret)
    expect(everything).not.toMatch(/gAAAAA|The request you have made/)
  },
)

function run(configFile: string): { log(): string; end(): Promise<void> } {
  const main = join(import.meta.dirname, '../../src/main.ts')
  const child = spawn(process.execPath, [main, '--config', configFile], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const end = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
  }
  open.push(end)
  return { log: () => log, end }
}

/** Closed when the test ends. */
function kept<T extends { close(): Promise<void> }>(thing: T): T {
  open.push(() => thing.close())
  return thing
}
