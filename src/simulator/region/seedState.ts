import type { Random } from '../random.ts'
import type { StxRelease } from './release.ts'
import { generation, releaseFacts } from './release.ts'
import type { PatchHost, RegionState, SimPatch, SimRelease } from './state.ts'

/** How much of everything a region has. */
export interface RegionSize {
  /** Releases in USM's list, and patches in Patching's; at least 1. */
  readonly releases: number
  /** Packages listed per release. */
  readonly packages: number
  /** Hosts; the first two are controllers. */
  readonly hosts: number
}

/** A region as it stands when it is started: all well, the older half of its software in use. */
export function seedState(release: StxRelease, size: RegionSize, random: Random, now: number): RegionState {
  const hostnames = hostnamesOf(size.hosts)
  const { usm, patching } = releaseFacts[release]
  return {
    release,
    version: 1,
    startedAt: now,
    baseCommit: random.hex(64),
    releases: usm ? seedReleases(release, size, random) : [],
    deployment: null,
    inSync: true,
    corruptDatabase: false,
    metadataMissing: false,
    hostnames,
    patches: patching === 'gone' ? [] : seedPatches(release, size, random),
    patchHosts: patching === 'works' ? hostnames.map((name) => seedPatchHost(name, random)) : [],
    appDependencies: {},
    timing: { transitionMs: 200, hostMs: 200 },
    ownSteps: [],
    mishaps: new Set(),
    prechecks: new Map(),
    installLocal: false,
    systemDeploy: null,
    localFiles: [],
    patchRepositories: new Set(),
  }
}

/** A host that has everything; also for regions whose Patching is idle by default. */
export function seedPatchHost(hostname: string, random: Random): PatchHost {
  const [kind = 'worker', number = '0'] = hostname.split('-')
  const offset = { controller: 2, worker: 101, storage: 150 }[kind] ?? 200
  return {
    hostname,
    ip: `192.168.204.${offset + Number(number)}`,
    nodetype: kind,
    subfunctions: kind === 'worker' && random.chance(0.3) ? ['worker', 'lowlatency'] : [kind],
    detailed: true,
    patchCurrent: true,
    patchFailed: false,
    staleDetails: false,
    interimState: false,
    state: 'idle',
    requiresReboot: false,
    locked: false,
    ackOffset: random.between(0, 29),
  }
}

function hostnamesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => (i < 2 ? `controller-${i}` : `worker-${i - 2}`))
}

function seedReleases(release: StxRelease, size: RegionSize, random: Random): SimRelease[] {
  const { version } = releaseFacts[release]
  const deployed = Math.max(1, Math.ceil(size.releases / 2))
  return Array.from({ length: size.releases }, (_, patch) => {
    const swVersion = `${version}.${patch}`
    return {
      id: `starlingx-${swVersion}`,
      swVersion,
      kind: release === 'master' ? 'product' : 'release',
      state: patch < deployed ? 'deployed' : 'available',
      rebootRequired: patch === 0 || random.chance(0.4),
      unremovable: patch === 0 && release !== 'master',
      texts: 'given',
      summary: patch === 0 ? `STX ${version} GA release` : `starlingx-${swVersion} release`,
      warnings: patch > 0 && random.chance(0.3) ? 'reboot needed' : '',
      requires: patch === 0 ? [] : [`starlingx-${version}.${patch - 1}`],
      packages: patch === 0 && release !== 'master' ? [] : packagesOf(size.packages, swVersion),
      activationScripts: patch === 1 ? ['10-example'] : [],
    }
  })
}

const packageLists = new Map<string, readonly string[]>()

/** Regions of one release share their lists, which are frozen: thousands of regions would fill the memory. */
function packagesOf(count: number, swVersion: string): readonly string[] {
  const key = `${swVersion} ${count}`
  const known = packageLists.get(key)
  if (known) return known
  const names = ['sysinv', 'platform-kickstarts', 'linux-rt', 'mtce', 'fm-api', 'distributedcloud']
  const list = Array.from({ length: count }, (_, i) => {
    const suffix = i < names.length ? '' : `-${Math.floor(i / names.length)}`
    return `${names[i % names.length]}${suffix}_1.0-${swVersion}.stx.${i + 1}_amd64.deb`
  })
  packageLists.set(key, Object.freeze(list))
  return list
}

function seedPatches(release: StxRelease, size: RegionSize, random: Random): SimPatch[] {
  const { version } = releaseFacts[release]
  const applied = Math.max(1, Math.floor(size.releases / 2))
  const patches = Array.from({ length: size.releases }, (_, i): SimPatch => {
    const id = patchId(version, i + 1)
    return {
      id,
      swVersion: version,
      status: 'REL',
      metadata: 'full',
      rebootRequired: i === 0 || random.chance(0.4),
      unremovable: i === 0,
      requires: i === 0 ? [] : [patchId(version, i)],
      personalities: generation(release) <= 6 && i === 2 ? ['controller', 'worker'] : [],
      ...(i === 0 ? { activeReleaseOnly: 'N' as const } : {}),
      restartScript: generation(release) >= 7 && i === 1,
      commit: random.hex(64),
      repostate: i < applied ? 'Applied' : 'Available',
      settled: true,
    }
  })
  if (size.releases < 4) return patches
  // An RPM patch of long ago, uploaded and never used (recording show-older-release-rpm).
  const leftOver = generation(release) <= 6 ? '20.12' : '21.12'
  patches.push({
    id: `TS_${leftOver}_PATCH_0007`,
    swVersion: leftOver,
    status: 'REL',
    metadata: 'older-release',
    rebootRequired: true,
    unremovable: false,
    requires: [],
    personalities: [],
    activeReleaseOnly: 'Y',
    restartScript: false,
    commit: random.hex(64),
    repostate: 'Available',
    settled: true,
  })
  return patches
}

function patchId(version: string, number: number): string {
  return `STX_${version}_PATCH_${String(number).padStart(4, '0')}`
}
