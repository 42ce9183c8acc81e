import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { deploymentOf, gatewayOf } from '../../test/helm/pod.ts'
import { matrix, only, template, type Manifest } from '../../test/helm/render.ts'
import { readEvents } from '../../test/support/event-reader.ts'
import { createTokenIssuer } from '../../test/support/tokens.ts'
import { built, codeOf, inspect, podman } from './containers.ts'
import { expose, makeNetwork, project, runDeployment, runPod } from './kubelet.ts'
import { root } from './lock.ts'

// The image that image.sh has built, run by podman and runc: as the chart's pod, and as `docker run` would.

interface Image {
  readonly Id: string
  readonly Config: {
    readonly User: string
    readonly Cmd: readonly string[]
    readonly Labels: Readonly<Record<string, string>>
  }
}
interface Container {
  readonly State: { readonly ExitCode: number; readonly Health: { readonly Status: string } }
  readonly HostConfig: { readonly Memory: number }
}
type Deployed = Awaited<ReturnType<typeof runDeployment>>

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
const image = `localhost/stx-fleet-gateway:${version}`
const user = 65_532
const folder = mkdtempSync(join(tmpdir(), 'stx-fleet-image-'))
const config = join(folder, 'config')
const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true })]

let token = ''
let jwks = ''
let regions: readonly { readonly region_name: string; readonly usm: string }[] = []
let manifests: readonly Manifest[] = []
let gateway: Deployed

/** The chart's manifests, for the fleet without its last regions. */
async function rendered(count: number): Promise<readonly Manifest[]> {
  const minimal = matrix.find(({ name }) => name === 'minimal')?.file ?? ''
  return template(minimal, {
    image: { repository: 'localhost/stx-fleet-gateway' },
    // There is no Service that would translate it.
    service: { port: 8080 },
    config: {
      auth: {
        issuers: [
          { issuer: 'https://idp.test/realms/noc', audience: 'stx-fleet-gateway', jwks_file: './jwks.json' },
        ],
      },
      regions: regions.slice(0, count),
      state_dir: '/var/lib/stx-fleet-gateway',
    },
  })
}

/** The files of the pod's projected volume. */
function filesOf(all: readonly Manifest[]): Readonly<Record<string, string>> {
  return { ...(only(all, 'ConfigMap')['data'] as Record<string, string>), 'jwks.json': jwks }
}

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://${gateway.address}:8080${path}`, {
    ...init,
    headers: { 'x-auth-token': token },
  })
}

/** What the kubelet would see. */
async function probe(path: string): Promise<number> {
  return fetch(`http://${gateway.address}:9464${path}`).then(
    ({ status }) => status,
    () => 0,
  )
}

async function stateOf(container: string): Promise<Container['State']> {
  return ((await inspect('container', container)) as Container).State
}

/** Of what comes when the gateway has looked. */
const patiently = { timeout: 30_000, interval: 200 }

beforeAll(async () => {
  const simulator = await createSimulator({
    seed: 1,
    profile: 'plain',
    fleet: { regions: 3, mix: { 11: 1 } },
  })
  const issuer = await createTokenIssuer()
  closing.push(
    () => issuer.close(),
    () => simulator.close(),
  )
  token = await issuer.sign({ roles: ['configurator'] })
  jwks = readFileSync(issuer.jwksFile, 'utf8')
  regions = await Promise.all(
    simulator.regions().map(async ({ region_name, endpoints }) => {
      const { url, server } = await expose(endpoints.usm ?? '')
      closing.push(() => server.close())
      return { region_name, usm: url }
    }),
  )
  // Of a run that was cut off.
  await podman('pod', 'rm', '--force', '--all')
  await podman('rm', '--force', '--all')
  await podman('volume', 'prune', '--force')
  await makeNetwork()

  manifests = await rendered(2)
  mkdirSync(config)
  project(config, filesOf(manifests), 1)
  gateway = await runDeployment(manifests, join(folder, 'deployment.yaml'), config)
})
afterAll(async () => {
  await podman('pod', 'rm', '--force', '--all')
  await podman('rm', '--force', '--all')
  for (const close of closing.toReversed()) await close()
})

test('it says what it is, and the archive holds it', async () => {
  const { Id: id, Config: said } = (await inspect('image', image)) as Image
  expect(said).toMatchObject({
    User: `${user}:${user}`,
    Cmd: ['--config', '/etc/stx-fleet-gateway/fleet.yaml'],
    Labels: {
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
  })
  const archive = execFileSync('tar', ['-xOf', join(built, 'image.tar'), 'manifest.json'], {
    encoding: 'utf8',
  })
  expect(JSON.parse(archive)).toEqual([expect.objectContaining({ Config: `${id}.json` })])
})

test('the kubelet finds what the probes name, and the pod becomes ready', async () => {
  const { ports = [], startupProbe, livenessProbe, readinessProbe } = gatewayOf(manifests)
  for (const each of [startupProbe, livenessProbe, readinessProbe]) {
    const { path = '', port } = each?.httpGet ?? {}
    expect(ports.find(({ name }) => name === port)?.containerPort).toBe(9464)
    await expect.poll(() => probe(path), patiently).toBe(200)
  }
})

test('as the chart runs it: nobody, without a capability, behind a seccomp filter, within its memory', async () => {
  const status = await podman('exec', gateway.container, 'cat', '/proc/1/status')
  for (const line of [
    `Uid:\t${user}\t${user}\t${user}\t${user}`,
    `Gid:\t${user}\t${user}\t${user}\t${user}`,
    'NSpid:\t1',
    'CapEff:\t0000000000000000',
    'CapBnd:\t0000000000000000',
    'NoNewPrivs:\t1',
    'Seccomp:\t2',
  ]) {
    expect(status).toContain(`${line}\n`)
  }
  const { HostConfig: limits } = (await inspect('container', gateway.container)) as Container
  expect(limits.Memory).toBe(2 ** 30)
  // What docs/sizing.md says of Node.
  const limit = 'require("node:v8").getHeapStatistics().heap_size_limit'
  const heap = await podman('exec', gateway.container, 'node', '-p', limit)
  expect(Number(heap)).toBeLessThan(limits.Memory)
})

test('it can write to its volumes and nowhere else', async () => {
  const touch = (file: string) => codeOf('exec', gateway.container, 'touch', file)
  for (const place of ['/', '/tmp', '/opt/stx-fleet-gateway', '/etc/stx-fleet-gateway']) {
    expect([place, await touch(join(place, 'a'))]).toEqual([place, 1])
  }
  for (const place of ['/var/spool/stx-fleet-gateway', '/var/lib/stx-fleet-gateway']) {
    expect([place, await touch(join(place, 'a'))]).toEqual([place, 0])
  }
})

test('it answers for the fleet', async () => {
  const answer = await ask('/v1/release')
  expect([answer.status, answer.headers.get('fleet-regions')]).toEqual([
    200,
    'total=2, fresh=2, stale=0, failed=0, unsupported=0, skipped=0',
  ])
})

test('an upload waits in the spool, reaches the region, and is in the audit log', async () => {
  const form = new FormData()
  // A patch is gzipped: the region looks at its first bytes.
  const patch = new Uint8Array(2 ** 20).fill(0x1f, 0, 1).fill(0x8b, 1, 2)
  form.append('file', new Blob([patch]), 'starlingx-25.09.9.patch')
  const [region] = regions
  const answer = await ask(`/regions/${region?.region_name}/v1/upload`, { method: 'POST', body: form })
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ error: '' })])
  const audit = (await podman('logs', gateway.container))
    .split('\n')
    .filter((line) => line.includes('"audit":'))
  expect(audit).toHaveLength(1)
})

test('`helm test` is content', async () => {
  const asking = only(manifests, 'Pod')
  const name = only(manifests, 'Service', 'gateway').metadata.name
  const { container } = await runPod(asking, join(folder, 'test.yaml'), { [name]: gateway.address })
  expect([await podman('wait', container), await podman('logs', container)]).toEqual([
    '0',
    expect.stringMatching(/^401 \{/),
  ])
})

test('another configuration is taken over as the kubelet brings it, and nothing restarts', async () => {
  const changed = await rendered(3)
  expect(only(changed, 'Deployment')).toEqual(only(manifests, 'Deployment'))
  project(config, filesOf(changed), 2)
  const asked = async () => (await ask('/v1/release')).headers.get('fleet-regions')
  await expect.poll(asked, patiently).toMatch(/^total=3, fresh=3, /)
})

test('stopped, it answers until it is no longer sent anything, ends streams with their last word, and exits with 0', async () => {
  const { body } = await ask('/fleet/v1/events')
  const events = readEvents(body as ReadableStream<Uint8Array>)
  const { terminationGracePeriodSeconds: patience } = deploymentOf(manifests).template.spec
  const stopped = podman('stop', '--time', String(patience), gateway.container)
  await expect.poll(() => probe('/readyz'), patiently).toBe(503)
  expect((await ask('/v1/release')).status).toBe(200)
  await events.until('end')
  await stopped
  expect((await stateOf(gateway.container)).ExitCode).toBe(0)
})

test('as docs/install.md has Docker run it, it says by itself whether it is healthy', async () => {
  const files = join(folder, 'plain')
  const spool = join(folder, 'spool')
  mkdirSync(spool)
  chownSync(spool, user, user)
  const auth = { issuers: [{ issuer: 'https://idp.test', audience: 'a', jwks_file: './jwks.json' }] }
  const upload = { dir: '/var/spool/stx-fleet-gateway' }
  const text = JSON.stringify({ admin: { host: '0.0.0.0' }, auth, upload })
  project(files, { 'fleet.yaml': text, 'jwks.json': jwks }, 1)
  const flags = [
    ['--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges', '--memory', '1g'],
    ['--volume', `${files}:/etc/stx-fleet-gateway:ro`, '--volume', `${spool}:${upload.dir}`],
    // A port is published only where there is a network; and a manager may raise limits, which this machine does not allow.
    ['--network', 'none', '--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=4096:4096'],
  ].flat()
  await podman('run', '--detach', '--name', 'plain', '--stop-timeout', '40', ...flags, image)
  await expect.poll(() => codeOf('healthcheck', 'run', 'plain'), patiently).toBe(0)
  expect((await stateOf('plain')).Health.Status).toBe('healthy')
  await podman('stop', 'plain')
  expect((await stateOf('plain')).ExitCode).toBe(0)
  const wrong = await codeOf('run', '--rm', ...flags, image, '--config', '/etc/stx-fleet-gateway/jwks.json')
  expect(wrong).toBe(2)
})
