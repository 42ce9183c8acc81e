import type { Fault } from '../../src/simulator/faults.ts'
import type { RegionPlan } from '../../src/simulator/fleetPlan.ts'
import type { StateChange } from '../../src/simulator/region/change.ts'
import { parseStxRelease } from '../../src/simulator/region/release.ts'
import type { Recording } from './recordings.ts'

/** A region of the recording's release in the state that the recording shows. */
export function planFor(recording: Recording): RegionPlan {
  const { api, name } = recording
  const fault = faultFor(recording)
  const tokenPort = /\/(auth|haproxy)-/.test(name)
  return {
    name,
    subcloud: name,
    labels: {},
    release: parseStxRelease(recording.release),
    mode: name.includes('/haproxy-') ? 'front' : 'direct',
    size: { releases: api === 'usm' ? 3 : 4, packages: 2, hosts: 3 },
    latency: [0, 0],
    patching: true,
    faults: fault ? { [api]: fault } : {},
    changes: api === 'usm' ? usmChanges(recording) : patchingChanges(recording),
    ...(recording.status === 401 ? { token: 'the right one' } : {}),
    listener: tokenPort ? 'token' : 'unauthenticated',
  }
}

function faultFor({ status, json, name }: Recording): Fault | undefined {
  if (status === 403) return { kind: 'status', status }
  if (name.endsWith('/haproxy-503-service-down')) return { kind: 'down' }
  if (status === 503) return { kind: 'status', status, flavour: 'keystone' }
  if (name.endsWith('/auth-oidc-bad') && status === 200) return { kind: 'error-200', error: errorOf(json) }
  return undefined
}

interface DeployRecord {
  from_release: string
  to_release: string
  state: string
  commit_id: string | null | string[]
}

function usmChanges(recording: Recording): StateChange[] {
  const { json, name, path, scenario, status } = recording
  const version = /starlingx-(\d+\.\d+)/.exec(path)?.[1]
  const changes: StateChange[] = version
    ? [{ release: { id: `starlingx-${version}.1`, state: 'available' } }]
    : [{ release: { id: firstPatch(recording), state: 'available' } }]
  const [route] = path.split('?')
  if (route === '/v1/release' && Array.isArray(json)) changes.push(...releaseChanges(json))
  if (route?.startsWith('/v1/deploy')) {
    const first: unknown = Array.isArray(json) ? json[0] : json
    if (isDeploy(first)) changes.push(...deployChanges(first))
    else if (isHost(first)) changes.push({ deployment: { state: stateOfHosts(json as HostRecord[]) } })
    else if (scenario === 'host' && path.includes('?')) changes.push({ deployment: { state: 'host' } })
  }
  if (json === true && route === '/v1/deploy_host/next') {
    changes.push({ deployment: { state: path.endsWith('controller-1') ? 'host' : 'start-done' } })
  }
  if (name.includes('-corrupt-db-')) {
    changes.push({ deployment: { state: 'host' }, corrupt_database: true })
  }
  if (name.endsWith('/deploy-show-metadata-missing') && status === 406) {
    changes.push({ deployment: { state: 'host' }, metadata_missing: true })
  }
  if (route === '/v1/software/in_sync_controller') changes.push({ in_sync: inSync(json) })
  if (name.endsWith('/upload-patch-show') || name.endsWith('/delete-via-GET')) {
    const id = path.split('/').at(-1) ?? ''
    changes.push({
      add_release: { id, sw_version: id.slice('starlingx-'.length), state: 'available', packages: ['a'] },
    })
  }
  return changes
}

/** The list as it was: emptied where it was empty, and with what has no texts. */
function releaseChanges(list: readonly unknown[]): StateChange[] {
  if (list.length === 0) return [{ clear_releases: true }]
  const texts = new Set(
    list.map((item) => ((item as { summary: unknown }).summary === null ? 'missing' : 'given')),
  )
  return [...texts].map((text) => ({
    add_release: { id: `odd-${text}`, sw_version: 'unknown', state: 'available', texts: text },
  }))
}

function deployChanges(deploy: DeployRecord): StateChange[] {
  const { commit_id: commit } = deploy
  const removal = Array.isArray(commit)
  const start: StateChange = removal ? { deployment: 'start', to: deploy.to_release } : {}
  const state: StateChange = { deployment: { state: deploy.state } }
  return removal || commit === undefined ? [start, state] : [state, { commit }]
}

interface HostRecord {
  hostname: string
  host_state: string | null
}

function stateOfHosts(hosts: readonly HostRecord[]): string {
  const states = hosts.map((host) => host.host_state ?? 'null')
  if (states.includes('null')) return 'start'
  if (states.some((state) => state.startsWith('rollback'))) return 'host-rollback'
  if (states.includes('failed')) return 'host-failed'
  if (states.includes('deploying')) return 'host'
  return states.includes('deployed') ? 'host-done' : 'start-done'
}

interface PatchRecord {
  repostate: 'Available' | 'Applied' | 'Committed'
  patchstate: string
}

interface PatchHostRecord {
  hostname: string
  patch_current: boolean
  patch_failed: boolean
  stale_details: boolean
  interim_state: boolean
  requires_reboot: boolean
  nodetype: string | null
  state: string
}

function patchingChanges(recording: Recording): StateChange[] {
  const { json, path, body, scenario, status } = recording
  const changes: StateChange[] = [{ patch_hosts: true }]
  const minimal = /STX_[\d.]+_PATCH_0099_MINIMAL/.exec(path + body)?.[0]
  // Asked for XML, a patch without its metadata ends the daemon.
  if (minimal ?? status === 500) changes.push({ add_patch: { id: minimal ?? 'STX_MINIMAL', minimal: true } })
  const { pd, data } = (json ?? {}) as { pd?: Record<string, PatchRecord>; data?: PatchHostRecord[] }
  for (const [id, { repostate, patchstate }] of Object.entries(pd ?? {})) {
    changes.push({ patch: { id, repostate, settled: !patchstate.startsWith('Partial') } })
  }
  const applied = json === true ? /is_applied\/([\w.]+_PATCH_\w+)/.exec(path)?.[1] : undefined
  if (applied) changes.push({ patch: { id: applied, repostate: 'Applied' } })
  const noHosts = Object.values(pd ?? {}).some((patch) => patch.patchstate === 'n/a')
  if (data || noHosts || scenario === 'nohosts') changes.push({ patch_hosts: false })
  for (const host of data ?? []) {
    changes.push({
      host: {
        hostname: host.hostname,
        patch_current: host.patch_current,
        patch_failed: host.patch_failed,
        stale_details: host.stale_details,
        interim_state: host.interim_state,
        requires_reboot: host.requires_reboot,
        detailed: host.nodetype !== null,
        state: host.state,
      },
    })
  }
  if (path.endsWith('/query_app_dependencies')) {
    changes.push({ app_dependencies: json as Record<string, string[]> })
  }
  return changes
}

function firstPatch({ release }: Recording): string {
  const versions: Readonly<Record<string, string>> = {
    'stx9.0': '23.09',
    'stx10.0': '24.09',
    'stx11.0': '25.09',
    'stx12.0': '26.03',
    master: '26.10',
  }
  return `starlingx-${versions[release]}.1`
}

function isDeploy(value: unknown): value is DeployRecord {
  return value !== null && typeof value === 'object' && 'from_release' in value
}

function isHost(value: unknown): value is HostRecord {
  return value !== null && typeof value === 'object' && 'host_state' in value
}

function inSync(json: unknown): boolean {
  return (json as { in_sync: boolean }).in_sync
}

function errorOf(json: unknown): string {
  return (json as { error: string }).error
}
