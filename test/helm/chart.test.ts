import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { madeFiles, presentCopies } from '../../.ci/release/chart.ts'
import { root } from '../../.ci/release/lock.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { deploymentOf, gatewayOf, unrestricted, type PodSpec } from './pod.ts'
import { chart, helm, matrix, only, template, type Manifest } from './render.ts'

type Labels = Readonly<Record<string, string>>
interface Ports {
  readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[]
}

function fileOf(name: string): string {
  return join(chart, 'ci', `${name}-values.yaml`)
}

test('what is made of other files is as `npm run chart` makes it', () => {
  for (const [path, text] of madeFiles()) {
    expect([path, readFileSync(join(chart, path), 'utf8')]).toEqual([path, text])
  }
  expect(presentCopies().filter((path) => !madeFiles().has(path))).toEqual([])
})

function configOf(manifests: readonly Manifest[]): string {
  const { 'fleet.yaml': text = '' } = only(manifests, 'ConfigMap', 'gateway')['data'] as Labels
  return text
}

test.each(matrix)('$name: helm has nothing against the chart', async ({ file }) => {
  const { code, stdout } = await helm(['lint', chart, '--strict', '--values', file])
  expect([code, stdout]).toEqual([0, expect.stringContaining('1 chart(s) linted, 0 chart(s) failed')])
})

describe.each(matrix)('$name', ({ file }) => {
  test('its pods pass Pod Security "restricted", and write nowhere but in volumes', async () => {
    const manifests = await template(file)
    const pods = [deploymentOf(manifests).template.spec, only(manifests, 'Pod')['spec'] as PodSpec] as const
    for (const pod of pods) {
      expect(unrestricted(pod)).toEqual([])
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        containers: [{ securityContext: { readOnlyRootFilesystem: true } }],
      })
    }
  })

  test('what points at something points at what is there', async () => {
    const manifests = await template(file)
    const { selector, template: pod } = deploymentOf(manifests)
    expect(pod.metadata.labels).toMatchObject(selector.matchLabels)
    const ports = new Set(gatewayOf(manifests).ports?.map(({ name }) => name))
    const services = manifests.filter(({ kind }) => kind === 'Service')
    expect(services).toHaveLength(2)
    for (const service of services) {
      const spec = service['spec'] as Ports & { readonly selector: Labels }
      expect(spec.selector).toEqual(selector.matchLabels)
      expect(spec.ports.filter(({ targetPort }) => !ports.has(targetPort))).toEqual([])
    }
    const volumes = new Set(pod.spec.volumes?.map(({ name }) => name))
    expect(gatewayOf(manifests).volumeMounts?.filter(({ name }) => !volumes.has(name))).toEqual([])
  })
})

test.each(['docs/install.md', 'helm/stx-fleet-gateway/README.md'])(
  '%s shows values that helm takes',
  async (page) => {
    const [, values = ''] =
      /```yaml\n([^`]*existingSecret[^`]*)```/.exec(readFileSync(join(root, page), 'utf8')) ?? []
    const { code, stderr } = await helm(['lint', chart, '--strict', '--values', '-'], parse(values) as object)
    expect([code, stderr]).toEqual([0, ''])
  },
)

test('one gateway at a time', async () => {
  expect(deploymentOf(await template(fileOf('minimal')))).toMatchObject({
    replicas: 1,
    strategy: { type: 'Recreate' },
  })
})

test('callers come by Service, Ingress and HTTPRoute; the admin port by a Service that only Prometheus names', async () => {
  const manifests = await template(fileOf('everything'))
  const open = only(manifests, 'Service', 'fleet-gateway')['spec'] as Ports
  expect(open.ports.map(({ name, port }) => [name, port])).toEqual([
    ['http', 443],
    ['region-9101', 9101],
    ['region-9102', 9102],
  ])
  expect(only(manifests, 'Ingress')['spec']).toMatchObject({
    rules: ['fleet.example', '*.fleet.example'].map((host) => ({
      host,
      http: {
        paths: [{ path: '/', backend: { service: { name: 'fleet-gateway', port: { name: 'http' } } } }],
      },
    })),
  })
  expect(only(manifests, 'HTTPRoute')['spec']).toMatchObject({
    rules: [{ backendRefs: [{ name: 'fleet-gateway', port: 443 }] }],
  })
  const monitored = only(manifests, 'ServiceMonitor')['spec'] as { selector: { matchLabels: Labels } }
  const chosen = manifests.filter(
    ({ kind, metadata }) =>
      kind === 'Service' &&
      Object.entries(monitored.selector.matchLabels).every(
        ([key, value]) => metadata.labels?.[key] === value,
      ),
  )
  expect(chosen.map(({ metadata }) => metadata.name)).toEqual(['fleet-gateway-admin'])
  expect(gatewayOf(manifests).image).toMatch(/^registry\.example\/stx-fleet-gateway@sha256:0{64}$/)
})

test('a claim of its own, one that is there, or none', async () => {
  const claims = async (name: string): Promise<unknown[]> => {
    const manifests = await template(fileOf(name))
    const made = manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim')
    const used = deploymentOf(manifests).template.spec.volumes?.find((volume) => volume.name === 'state')
    return [made.map(({ metadata }) => metadata.name), used?.['persistentVolumeClaim']]
  }
  expect(await claims('everything')).toEqual([['fleet-gateway-state'], { claimName: 'fleet-gateway-state' }])
  expect(await claims('least')).toEqual([[], { claimName: 'kept' }])
  expect(await claims('minimal')).toEqual([[], undefined])
})

test.each<[object | null, number]>([
  [{}, 5 + 100 + 10],
  [{ timeout: '10m' }, 5 + 600 + 10],
  [{ delay: '500ms', timeout: '1.5h' }, 1 + 5_400 + 10],
  [{ delay: 0, timeout: 45 }, 45 + 10],
  [null, 30 + 10],
])('with config.drain %j a pod has %i s to end', async (drain, seconds) => {
  const manifests = await template(fileOf('minimal'), { config: { drain } })
  const { terminationGracePeriodSeconds } = deploymentOf(manifests).template.spec
  expect(terminationGracePeriodSeconds).toBe(seconds)
  const config = parseConfig(configOf(manifests), '/etc/fleet.yaml')
  expect(seconds * 1_000).toBeGreaterThanOrEqual(config.drain.delay + config.drain.timeout + 10_000)
})

test('a gateway that is not ready keeps no node from being drained', async () => {
  const budget = async (kubernetes: string): Promise<unknown> =>
    only(await template(fileOf('minimal'), {}, chart, kubernetes), 'PodDisruptionBudget')['spec']
  expect(await budget('v1.29.0')).toMatchObject({
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  })
  expect(await budget('v1.26.0')).not.toHaveProperty('unhealthyPodEvictionPolicy')
})

test('where callers are named, `helm test` is one of them', async () => {
  const manifests = await template(fileOf('everything'))
  const { ingress } = only(manifests, 'NetworkPolicy')['spec'] as {
    readonly ingress: readonly { readonly from: readonly { readonly podSelector?: unknown }[] }[]
  }
  const own = { 'app.kubernetes.io/instance': 'fleet', 'app.kubernetes.io/component': 'test' }
  expect(ingress[0]?.from.at(-1)).toEqual({ podSelector: { matchLabels: own } })
  expect(only(manifests, 'Pod').metadata.labels).toMatchObject(own)
  expect(deploymentOf(manifests).template.metadata.labels).not.toMatchObject(own)
})

test('volumes of a vault are mounted beside its own', async () => {
  const manifests = await template(fileOf('everything'))
  expect(gatewayOf(manifests).volumeMounts?.at(-1)).toEqual({
    name: 'vault',
    mountPath: '/vault',
    readOnly: true,
  })
  expect(deploymentOf(manifests).template.spec.volumes?.at(-1)).toMatchObject({ name: 'vault' })
})

test('only what the gateway cannot take over while it runs restarts it', async () => {
  const auth = { issuers: [{ issuer: 'https://other.example', audience: 'a' }] }
  const region = { region_name: 'east', usm: 'http://192.0.2.3:5493' }
  const deployment = async (config: object): Promise<Manifest> =>
    only(await template(fileOf('minimal'), { config }), 'Deployment')
  const before = await deployment({})
  for (const config of [{ auth }, { regions: [region] }, { refresh: { interval: '1m' } }]) {
    expect(await deployment(config)).toEqual(before)
  }
  const listening = { regions: [{ ...region, sw_patch_listen: { port: 9103 } }] }
  for (const config of [{ upload: { max_size: '1GiB' } }, { listen: { host: '::' } }, listening]) {
    expect(await deployment(config)).not.toEqual(before)
  }
})

test('the check of pods finds what "restricted" forbids', () => {
  const container = { name: 'a', image: 'a', args: [] }
  expect(unrestricted({ containers: [container] })).toEqual([
    'runAsNonRoot',
    'seccompProfile',
    'a: allowPrivilegeEscalation',
    'a: capabilities.drop',
  ])
  const open = {
    hostNetwork: true,
    securityContext: { runAsNonRoot: true, runAsUser: 0, seccompProfile: { type: 'Unconfined' } },
    volumes: [{ name: 'root', hostPath: { path: '/' } }],
    containers: [
      {
        ...container,
        ports: [{ name: 'http', containerPort: 80, hostPort: 80 }],
        securityContext: {
          privileged: true,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] },
        },
      },
    ],
  }
  expect(unrestricted(open)).toEqual([
    'hostNetwork',
    'runAsUser',
    'seccompProfile',
    'root: hostPath',
    'a: privileged',
    'a: capabilities.add',
    'a: hostPort',
  ])
})
