import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import type { Manifest } from '../../test/helm/render.ts'
import { deploymentOf } from '../../test/helm/pod.ts'
import { inspect, podman } from './containers.ts'

/** What there would be of a cluster around a pod: `podman play kube` is the kubelet, this is what it lacks. */

const group = 65_532
interface Pod {
  readonly InfraContainerID: string
  readonly Containers: readonly { readonly Id: string; readonly Name: string }[]
}
interface Networked {
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> }
}
/** What runs of a pod. */
interface Playing {
  /** The one that is not podman's own. */
  readonly container: string
  readonly address: string
}

/** The network of pods; the machine has its first address. */
const network = { name: 'cluster', subnet: '198.51.100.0/24', machine: '198.51.100.1' }

/** What pods are reached through; without DNS, as there is no Service. */
export async function makeNetwork(): Promise<void> {
  const { name, subnet, machine } = network
  await podman('network', 'create', '--disable-dns', '--subnet', subnet, '--gateway', machine, name)
}

/** A projected volume, laid out as the kubelet does: files are links into a folder that is swapped as a whole. */
export function project(folder: string, files: Readonly<Record<string, string>>, generation: number): void {
  const data = join(folder, `..${generation}`)
  mkdirSync(data, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    const file = join(data, name)
    writeFileSync(file, content)
    chownSync(file, 0, group)
    chmodSync(file, 0o440)
  }
  symlinkSync(`..${generation}`, join(folder, '..new'))
  renameSync(join(folder, '..new'), join(folder, '..data'))
  if (generation > 1) return
  for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(folder, name))
}

/**
 * Runs a Deployment's pod as it is rendered, but for its projected volume, which podman does not know: that is `folder`.
 * Tells its container, and the address of the pod.
 */
export function runDeployment(
  manifests: readonly Manifest[],
  file: string,
  folder: string,
): Promise<Playing> {
  const rendered = manifests.find(({ kind }) => kind === 'Deployment')
  const copy = structuredClone(rendered) as unknown as Manifest
  const { template } = deploymentOf([copy])
  const volumes = (template.spec.volumes ?? []).map((volume) =>
    'projected' in volume ? { name: volume.name, hostPath: { path: folder, type: 'Directory' } } : volume,
  )
  Object.assign(template.spec, { volumes })
  const claims = manifests.filter(({ kind }) => kind === 'PersistentVolumeClaim')
  return play([...claims, copy], file, `${copy.metadata.name}-pod-0`)
}

/** Runs a pod as it is rendered; `hosts` are what a cluster's DNS would tell it. */
export async function runPod(
  pod: Manifest,
  file: string,
  hosts: Readonly<Record<string, string>>,
): Promise<Playing> {
  const hostAliases = Object.entries(hosts).map(([name, ip]) => ({ ip, hostnames: [name] }))
  const spec = { ...(pod['spec'] as object), hostAliases }
  return play([{ ...pod, spec }], file, pod.metadata.name)
}

async function play(manifests: readonly object[], file: string, pod: string): Promise<Playing> {
  writeFileSync(file, manifests.map((each) => JSON.stringify(each)).join('\n---\n'))
  await podman('play', 'kube', '--network', network.name, file)
  const { InfraContainerID: infra, Containers: all } = (await inspect('pod', pod)) as Pod
  const container = all.find(({ Id: id }) => id !== infra)?.Name ?? ''
  const { NetworkSettings: around } = (await inspect('container', infra)) as Networked
  return { container, address: around.Networks[network.name]?.IPAddress ?? '' }
}

/** Makes what listens on this machine's loopback reachable for pods, as an address of the machine. */
export async function expose(url: string): Promise<{ readonly url: string; readonly server: Server }> {
  const { hostname, port } = new URL(url)
  const server = createServer((pod) => {
    const region = connect(Number(port), hostname)
    pod.pipe(region).pipe(pod)
    pod.on('error', () => region.destroy())
    region.on('error', () => pod.destroy())
  })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  return { url: `http://${network.machine}:${(server.address() as AddressInfo).port}`, server }
}
