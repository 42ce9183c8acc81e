import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSimulator } from '../../src/simulator/simulator.ts'
import { gatewayOf } from '../../test/helm/pod.ts'
import { matrix, only, template } from '../../test/helm/render.ts'
import { createTokenIssuer } from '../../test/support/tokens.ts'
import { root } from './lock.ts'

// The image that release/image.sh has built, run as a container, with the configuration that the chart renders.

interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly Healthcheck: { readonly Test: readonly string[] }
  readonly Labels: Readonly<Record<string, string>>
}

const user = 65_532
const folder = mkdtempSync(join(tmpdir(), 'stx-fleet-image-'))
const rootfs = join(folder, 'root')
const mounts = ['config', 'spool'].map((name) => join(folder, name))
const closing: (() => Promise<unknown> | void)[] = [() => rmSync(folder, { recursive: true, force: true })]
let image: ImageConfig
let gateway: ChildProcessWithoutNullStreams
let output = ''
let ports: readonly number[] = []
let token = ''
let region = ''

beforeAll(async () => {
  image = unpack(join(root, 'build/image/image.tar'))
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
  region = simulator.regions()[0]?.region_name ?? ''
  ports = [await freePort(), await freePort()]

  const minimal = matrix.find(({ name }) => name === 'minimal')?.file ?? ''
  const manifests = await template(minimal, {
    config: {
      listen: { port: ports[0] },
      admin: { port: ports[1] },
      auth: { issuers: [{ ...issuer.config, jwks_file: './jwks.json' }] },
      regions: simulator.regions().map(({ region_name, endpoints }) => ({ region_name, usm: endpoints.usm })),
    },
  })
  const [config = '', spool = ''] = mounts
  for (const each of [
    ...mounts,
    join(rootfs, 'etc/stx-fleet-gateway'),
    join(rootfs, 'var/spool/stx-fleet-gateway'),
  ]) {
    mkdirSync(each, { recursive: true })
  }
  chownSync(spool, user, user)
  const { 'fleet.yaml': text = '' } = only(manifests, 'ConfigMap')['data'] as Record<string, string>
  writeFileSync(join(config, 'fleet.yaml'), text)
  copyFileSync(issuer.jwksFile, join(config, 'jwks.json'))
  gateway = inside(...image.Entrypoint, ...gatewayOf(manifests).args)
  gateway.stdout.on('data', (chunk: Buffer) => (output += String(chunk)))
  gateway.stderr.on('data', (chunk: Buffer) => (output += String(chunk)))
  while (!output.includes('"msg":"listening"')) {
    await Promise.race([once(gateway.stdout, 'data'), once(gateway, 'exit')])
    if (gateway.exitCode !== null) throw new Error(`it did not start: ${output}`)
  }
})
afterAll(async () => {
  gateway.kill('SIGKILL')
  for (const close of closing.toReversed()) await close()
})

test('it says what it is', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  expect(image).toMatchObject({
    User: `${user}:${user}`,
    Cmd: ['--config', '/etc/stx-fleet-gateway/fleet.yaml'],
    Labels: {
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
  })
})

test('it answers for the fleet, as nobody, on a root that it cannot write', async () => {
  const answer = await fetch(`http://127.0.0.1:${ports[0]}/v1/release`, {
    headers: { 'x-auth-token': token },
  })
  expect([answer.status, answer.headers.get('fleet-regions')]).toEqual([
    200,
    'total=3, fresh=3, stale=0, failed=0, unsupported=0, skipped=0',
  ])
  const status = readFileSync(`/proc/${processInside()}/status`, 'utf8')
  expect(status).toMatch(new RegExp(`^Uid:\\t${user}\\t${user}\\t${user}\\t${user}$`, 'm'))
  expect(status).toMatch(/^CapBnd:\t0+$/m)
  expect(status).toMatch(/^NSpid:\t\d+\t1$/m)
  const writes = inside('touch', '/opt/stx-fleet-gateway/a', '/tmp/a', '/var/spool/stx-fleet-gateway/a')
  let said = ''
  writes.stderr.on('data', (chunk: Buffer) => (said += String(chunk)))
  expect(await once(writes, 'close')).toEqual([1, null])
  expect(said.match(/Read-only file system/g)).toHaveLength(2)
  expect(existsSync(join(mounts[1] ?? '', 'a'))).toBe(true)
})

test('an upload waits in the spool, and reaches the region', async () => {
  const form = new FormData()
  // A patch is gzipped: the region looks at its first bytes.
  const patch = new Uint8Array(2 ** 20).fill(0x1f, 0, 1).fill(0x8b, 1, 2)
  form.append('file', new Blob([patch]), 'starlingx-25.09.9.patch')
  const answer = await fetch(`http://127.0.0.1:${ports[0]}/regions/${region}/v1/upload`, {
    method: 'POST',
    headers: { 'x-auth-token': token },
    body: form,
  })
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ error: '' })])
})

test('its health check sees that it lives, and that nothing listens elsewhere', async () => {
  const [, ...check] = image.Healthcheck.Test
  const alive = inside('env', `ADMIN_PORT=${ports[1]}`, ...check)
  expect(await once(alive, 'close')).toEqual([0, null])
  const dead = inside('env', `ADMIN_PORT=${await freePort()}`, ...check)
  expect(await once(dead, 'close')).toEqual([1, null])
})

test('as process 1 it ends on SIGTERM', async () => {
  process.kill(processInside(), 'SIGTERM')
  expect(await once(gateway, 'exit')).toEqual([0, null])
})

/** Runs a command in the image, with the image's environment and no other. */
function inside(...command: readonly string[]): ChildProcessWithoutNullStreams {
  const run = join(import.meta.dirname, 'run-image.sh')
  return spawn('sh', [run, rootfs, ...mounts, 'env', '--ignore-environment', ...image.Env, ...command])
}

/** Of the gateway, as this machine counts. */
function processInside(): number {
  const children = `/proc/${gateway.pid}/task/${gateway.pid}/children`
  return Number(readFileSync(children, 'utf8').trim())
}

function unpack(archive: string): ImageConfig {
  const layers = join(folder, 'layers')
  mkdirSync(layers)
  mkdirSync(rootfs)
  execFileSync('tar', ['-C', layers, '-xf', archive])
  const [manifest] = JSON.parse(readFileSync(join(layers, 'manifest.json'), 'utf8')) as [
    { Config: string; Layers: string[] },
  ]
  for (const layer of manifest.Layers) {
    execFileSync('tar', [
      '-C',
      rootfs,
      '--exclude',
      './dev/*',
      '--exclude',
      'dev/*',
      '-xpf',
      join(layers, layer),
    ])
  }
  const { config } = JSON.parse(readFileSync(join(layers, manifest.Config), 'utf8')) as {
    config: ImageConfig
  }
  rmSync(layers, { recursive: true })
  return config
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
