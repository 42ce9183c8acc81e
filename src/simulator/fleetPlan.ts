import type { Fault } from './faults.ts'
import type { Random } from './random.ts'
import { createRandom } from './random.ts'
import type { StateChange } from './region/change.ts'
import type { StxRelease } from './region/release.ts'
import { generation, releaseFacts } from './region/release.ts'
import type { RegionSize } from './region/seedState.ts'
import { subcloudNames } from './subcloudNames.ts'

/** Everything that decides how one region is started. */
export interface RegionPlan {
  readonly name: string
  readonly subcloud: string
  readonly labels: Readonly<Record<string, string>>
  readonly release: StxRelease
  readonly mode: 'direct' | 'front'
  readonly size: RegionSize
  /** The least and the usual most that an answer takes, in ms. */
  readonly latency: readonly [number, number]
  /** Whether a Patching service is there, where the release still has one. */
  readonly patching: boolean
  readonly faults: { readonly usm?: Fault; readonly patching?: Fault }
  /** Applied in order before the region answers. */
  readonly changes: readonly StateChange[]
  /** When set, X-Auth-Token must be this. */
  readonly token?: string
  /** Which of USM's listeners is imitated; only its 4xx differ. */
  readonly listener?: 'token' | 'unauthenticated'
}

/** Shares per release; they are weights and need not sum up to anything. */
export type ReleaseMix = Readonly<Partial<Record<StxRelease, number>>>

export interface FleetOptions {
  readonly regions: number
  readonly seed: number
  /** The share of regions that don't answer at all. */
  readonly dark?: number
  readonly mix?: ReleaseMix
  readonly mode?: 'direct' | 'front' | 'mixed'
  readonly latency?: readonly [number, number]
  readonly size?: Partial<RegionSize>
  readonly token?: string
}

const usualMix: ReleaseMix = { 6: 5, 8: 15, 9: 10, 10: 25, 11: 20, 12: 15, master: 10 }
const usualLatency = [5, 60] as const

/** All well and alike: what a benchmark or a test of numbers wants. */
export function planPlainFleet(options: FleetOptions): RegionPlan[] {
  return planFleet(options, { 12: 1 }, (base, random) => ({
    ...base,
    size: { releases: 4, packages: 3, hosts: 2, ...options.size },
    mode: modeOf(options.mode ?? 'direct', random),
    patching: true,
    changes: [],
    faults: {},
  }))
}

/** A morning in a NOC: mixed releases, some deployments under way, some hosts behind, some regions unwell. */
export function planNocFleet(options: FleetOptions): RegionPlan[] {
  return planFleet(options, usualMix, (base, random) => {
    const size = {
      releases: random.between(1, 20),
      packages: random.between(0, 6),
      hosts: random.pick([1, 1, 2, 2, 3, 4, 6]),
      ...options.size,
    }
    return Object.assign(base, {
      size,
      mode: modeOf(options.mode ?? 'mixed', random),
      // Two in three that were upgraded to stx 10 or 11 still run an idle Patching.
      patching: releaseFacts[base.release].patching === 'works' || random.chance(0.66),
      changes: morningChanges(base.release, size, random),
      faults: morningFaults(base, random),
    })
  })
}

/** A region that joins a running fleet: well, and like those of `planPlainFleet`. */
export function addedPlan(
  wish: {
    readonly name: string
    readonly region_name?: string | undefined
    readonly release?: StxRelease | undefined
    readonly labels?: Readonly<Record<string, string>> | undefined
  },
  seed: number,
): RegionPlan {
  const { name, release = '12', labels = {} } = wish
  const opaque = generation(release) <= 8 ? name : createRandom(seed, `region of ${name}`).hex(32)
  return {
    name: wish.region_name ?? opaque,
    subcloud: name,
    labels,
    release,
    mode: 'front',
    size: { releases: 4, packages: 3, hosts: 2 },
    latency: usualLatency,
    patching: true,
    faults: {},
    changes: [],
  }
}

type Base = Pick<RegionPlan, 'name' | 'subcloud' | 'labels' | 'release' | 'latency' | 'token'>

function planFleet(
  options: FleetOptions,
  mix: ReleaseMix,
  complete: (base: Base, random: Random) => Omit<RegionPlan, keyof Base> & Base,
): RegionPlan[] {
  const releases = spread(options.mix ?? mix, options.regions, createRandom(options.seed, 'releases'))
  const names = subcloudNames(options.regions)
  return names.map((subcloud, i) => {
    const random = createRandom(options.seed, subcloud.name)
    const release = i === 0 ? newest(releases) : (releases[i] ?? '12')
    // Keystone region names: opaque since stx 9, the subcloud's own before.
    const opaque = random.hex(32)
    const base: Base = {
      name: i === 0 || generation(release) <= 8 ? subcloud.name : opaque,
      subcloud: subcloud.name,
      labels: subcloud.labels,
      release,
      latency: options.latency ?? usualLatency,
      ...(options.token === undefined ? {} : { token: options.token }),
    }
    return darkened(complete(base, random), i === 0 ? 0 : (options.dark ?? 0), random)
  })
}

function darkened(plan: RegionPlan, share: number, random: Random): RegionPlan {
  if (!random.chance(share)) return plan
  const dark: Fault = random.chance(0.5) ? { kind: 'refuse' } : { kind: 'black-hole' }
  return { ...plan, faults: { usm: dark, patching: dark } }
}

/** As many of each release as its share, in a seeded order. */
function spread(mix: ReleaseMix, count: number, random: Random): StxRelease[] {
  const shares = Object.entries(mix) as [StxRelease, number][]
  const sum = shares.reduce((total, [, share]) => total + share, 0)
  const all = shares.flatMap(([release, share]) => {
    const number = Math.round((share / sum) * count)
    return Array.from({ length: number }, () => ({ release, place: random.next() }))
  })
  return all.sort((a, b) => a.place - b.place).map(({ release }) => release)
}

function newest(releases: readonly StxRelease[]): StxRelease {
  const sorted = [...new Set(releases)].sort((a, b) => generation(a) - generation(b))
  return sorted.at(-1) ?? '12'
}

function modeOf(mode: 'direct' | 'front' | 'mixed', random: Random): 'direct' | 'front' {
  const front = random.chance(0.7)
  return mode === 'mixed' ? (front ? 'front' : 'direct') : mode
}

const deployStates = ['start', 'start-done', 'host', 'host', 'host', 'host-done', 'host-failed'] as const
const laterStates = ['activate', 'activate-done', 'activate-failed', 'completed'] as const

function morningChanges(release: StxRelease, size: RegionSize, random: Random): StateChange[] {
  const changes: StateChange[] = []
  // With one release only, there is nothing to deploy.
  const deploys = random.chance(0.12) && size.releases > 1
  const state = random.pick([...deployStates, ...laterStates])
  // Both are seen: without a commit after a `start`, with one later.
  const commit = random.chance(0.5) ? null : random.hex(64)
  if (releaseFacts[release].usm && deploys) changes.push({ deployment: { state }, commit })
  const behind = random.chance(0.15)
  if (releaseFacts[release].patching !== 'works' || !behind) return changes
  const failed = random.chance(0.25)
  const installing = !failed && random.chance(0.3)
  changes.push({
    host: {
      hostname: 'controller-0',
      patch_current: false,
      patch_failed: failed,
      requires_reboot: random.chance(0.5),
      state: failed ? 'install-failed' : installing ? 'installing' : 'idle',
    },
  })
  const { version } = releaseFacts[release]
  changes.push({ patch: { id: `STX_${version}_PATCH_0001`, settled: false } })
  return changes
}

/** One in eight is unwell in one of the ways that regions are. */
function morningFaults({ name, release }: Base, random: Random): RegionPlan['faults'] {
  const unwell = random.chance(0.125)
  const fault = random.pick<Fault | 'slow'>([
    'slow',
    'slow',
    'slow',
    { kind: 'refuse' },
    { kind: 'refuse' },
    { kind: 'black-hole' },
    { kind: 'down' },
    { kind: 'html' },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 401 },
    { kind: 'error-200' },
  ])
  const ms = random.between(2_000, 4_000)
  if (!unwell || name === 'RegionOne') return {}
  if (fault !== 'slow') return { usm: fault, patching: fault }
  // The long lists are what takes long.
  const list = releaseFacts[release].usm === 'verbs' ? '/v1/software/query' : '/v1/release'
  return {
    usm: { kind: 'slow', ms, to: 8_000, path: list },
    patching: { kind: 'slow', ms, to: 8_000, path: '/v1/query' },
  }
}
