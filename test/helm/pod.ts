import { only, type Manifest } from './render.ts'

interface Volume {
  readonly name: string
  readonly [source: string]: unknown
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}
interface Container {
  readonly name: string
  readonly image: string
  readonly args: readonly string[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe?: Probe
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly securityContext?: {
    readonly privileged?: boolean
    readonly allowPrivilegeEscalation?: boolean
    readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  }
}

/** Of a pod's spec, what tests look at. */
export interface PodSpec {
  readonly terminationGracePeriodSeconds?: number
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly hostIPC?: boolean
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean
    readonly runAsUser?: number
    readonly seccompProfile?: { readonly type: string }
  }
  readonly volumes?: readonly Volume[]
  readonly containers: readonly Container[]
}

export interface DeploymentSpec {
  readonly replicas: number
  readonly strategy: { readonly type: string }
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> }
  readonly template: {
    readonly metadata: {
      readonly labels: Readonly<Record<string, string>>
      readonly annotations: Readonly<Record<string, string>>
    }
    readonly spec: PodSpec
  }
}

export function deploymentOf(manifests: readonly Manifest[]): DeploymentSpec {
  return only(manifests, 'Deployment')['spec'] as DeploymentSpec
}

/** The gateway's own container. */
export function gatewayOf(manifests: readonly Manifest[]): Container {
  const [gateway] = deploymentOf(manifests).template.spec.containers
  if (gateway === undefined) throw new Error('the pod has no container')
  return gateway
}

/** Volumes that Pod Security allows to everybody. */
const harmless = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

/** What the Pod Security Standard "restricted" has against a pod, as a word each. */
export function unrestricted(spec: PodSpec): string[] {
  const { securityContext: pod, volumes = [] } = spec
  const breaches = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((key) => spec[key]) as string[]
  if (pod?.runAsNonRoot !== true) breaches.push('runAsNonRoot')
  if (pod?.runAsUser === 0) breaches.push('runAsUser')
  if (!['RuntimeDefault', 'Localhost'].includes(pod?.seccompProfile?.type ?? ''))
    breaches.push('seccompProfile')
  for (const { name, ...source } of volumes) {
    breaches.push(
      ...Object.keys(source)
        .filter((kind) => !harmless.has(kind))
        .map((kind) => `${name}: ${kind}`),
    )
  }
  for (const { name, ports = [], securityContext: own } of spec.containers) {
    const { add = [], drop = [] } = own?.capabilities ?? {}
    if (own?.privileged) breaches.push(`${name}: privileged`)
    if (own?.allowPrivilegeEscalation !== false) breaches.push(`${name}: allowPrivilegeEscalation`)
    if (!drop.includes('ALL')) breaches.push(`${name}: capabilities.drop`)
    if (add.some((each) => each !== 'NET_BIND_SERVICE')) breaches.push(`${name}: capabilities.add`)
    if (ports.some((each) => 'hostPort' in each)) breaches.push(`${name}: hostPort`)
  }
  return breaches
}
