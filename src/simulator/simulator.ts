import { claimAddresses } from './addresses.ts'
import type { Service as ServiceName } from './answers/faulty.ts'
import { startControl } from './control.ts'
import type { Fault } from './faults.ts'
import type { FleetOptions, RegionPlan } from './fleetPlan.ts'
import { planNocFleet, planPlainFleet } from './fleetPlan.ts'
import type { StateChange } from './region/change.ts'
import type { SimRegion } from './region/region.ts'
import { createRegion } from './region/region.ts'
import type { Timing } from './region/ownSteps.ts'
import type { StxRelease } from './region/release.ts'
import type { RegionState } from './region/state.ts'
import type { RegionView, RequestsView, TruthView } from './views.ts'
import { regionView, requestsView, truthView } from './views.ts'

export interface SimulatorOptions {
  readonly seed?: number
  /** A whole fleet … */
  readonly profile?: 'noc' | 'plain'
  readonly fleet?: Omit<FleetOptions, 'seed'>
  /** … or the regions one by one; given, they count. */
  readonly plans?: readonly RegionPlan[]
  /** 0, the default: any free port. */
  readonly controlPort?: number
  /** How long a front looks for a stopped daemon before its 503; HAProxy takes 3 s (haproxy-503-service-down). */
  readonly frontDownMs?: number
  /** How long a front waits before its 504; HAProxy gives USM 600 s. */
  readonly frontTimeoutMs?: number
  /** The same for writes to USM; HAProxy gives them 1800 s, and `frontTimeoutMs` counts where only that is set. */
  readonly frontWriteTimeoutMs?: number
  /**
   * How long a region takes from one state to the next by itself, as from start to start-done, in ms; null: until
   * an `advance`. By default 200, and null where `advanceEveryMs` sees to it.
   */
  readonly transitionMs?: number | null
  /** How long `deploy_host` takes; by default as long as any other transition. */
  readonly hostMs?: number | null
  /** How long Patching is away after a crash that a request caused; by default 30 s. */
  readonly crashMs?: number
  /** How long the services of a region are down while it is upgraded, in ms. */
  readonly upgradeDownMs?: number
  /** Every so many ms some running deployment takes a step; 0, the default: none does by itself. */
  readonly advanceEveryMs?: number
}

/** A running fleet. A region is named by its region name or its subcloud name. */
export interface Simulator {
  /** The address of the control port. */
  readonly control: string
  regions(): RegionView[]
  truth(): TruthView[]
  requests(): RequestsView[]
  resetRequests(): void
  setFault(region: string, fault: Fault, service?: ServiceName): Promise<void>
  clearFault(region: string, service?: ServiceName): Promise<void>
  /** Resolves when the new release answers. */
  upgrade(region: string, release: StxRelease): Promise<void>
  change(region: string, change: StateChange): void
  close(): Promise<void>
}

export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const seed = options.seed ?? 1
  const plans = options.plans ?? planOf(options, seed)
  const block = await claimAddresses()
  const regions = plans.map((plan, i) => newRegion(plan, block.address(i), options, seed))
  const closeRegions = async () => {
    await Promise.all(regions.map((region) => region.close()))
    await block.release()
  }
  const byName = new Map(regions.flatMap((region) => [[region.plan.subcloud, region] as const]))
  for (const region of regions) byName.set(region.plan.name, region)
  const find = (name: string): SimRegion => {
    const found = byName.get(name)
    if (!found) throw new Error(`no region ${name}`)
    return found
  }

  const advancing = startAdvancing(regions, options.advanceEveryMs ?? 0)
  const simulator: Omit<Simulator, 'control'> = {
    regions: () => regions.map(regionView),
    truth: () => regions.map(truthView),
    requests: () => regions.map(requestsView),
    resetRequests: () => {
      for (const region of regions) {
        for (const service of Object.values(region.services())) service.resetCounters()
      }
    },
    setFault: (name, fault, service) => find(name).setFault(service, fault),
    clearFault: (name, service) => find(name).setFault(service, undefined),
    upgrade: (name, release) => find(name).upgrade(release, options.upgradeDownMs ?? 1500),
    change: (name, change) => find(name).change(change),
    close: async () => {
      clearInterval(advancing)
      await control.close()
      await closeRegions()
    },
  }
  const start = async () => {
    // In slices: thousands of listeners at once would hold the loop for seconds.
    for (let i = 0; i < regions.length; i += 250) {
      await Promise.all(regions.slice(i, i + 250).map((region) => region.start()))
    }
    return startControl(simulator, options.controlPort ?? 0)
  }
  const control = await start().catch(async (error: unknown) => {
    clearInterval(advancing)
    await closeRegions()
    throw error
  })
  return { ...simulator, control: control.url }
}

function planOf(options: SimulatorOptions, seed: number): RegionPlan[] {
  const fleet = { regions: 10, ...options.fleet, seed }
  return options.profile === 'noc' ? planNocFleet(fleet) : planPlainFleet(fleet)
}

function newRegion(plan: RegionPlan, host: string, options: SimulatorOptions, seed: number): SimRegion {
  return createRegion(plan, {
    host,
    seed,
    frontDownMs: options.frontDownMs ?? 3000,
    frontTimeoutMs: options.frontTimeoutMs ?? 600_000,
    frontWriteTimeoutMs: options.frontWriteTimeoutMs ?? options.frontTimeoutMs ?? 1_800_000,
    crashMs: options.crashMs ?? 30_000,
    timing: timingOf(options),
    now: Date.now,
  })
}

function timingOf(options: SimulatorOptions): Timing {
  const { transitionMs = (options.advanceEveryMs ?? 0) > 0 ? null : 200, hostMs = transitionMs } = options
  return { transitionMs, hostMs }
}

/** One region after another, so that a demo moves; a finished deployment is deleted and stays so. */
function startAdvancing(regions: readonly SimRegion[], every: number): NodeJS.Timeout | undefined {
  if (every === 0) return undefined
  let turn = 0
  return setInterval(() => {
    const deploying = regions.filter((region) => canAdvance(region.state()))
    const region = deploying[turn++ % Math.max(1, deploying.length)]
    if (region) region.change(nextStep(region.state()))
  }, every).unref()
}

/** What was started over the API waits for its operator, except for what a region does by itself. */
function canAdvance({ ownSteps, deployment }: RegionState): boolean {
  if (ownSteps.length > 0) return true
  return deployment !== null && !deployment.byRequest && !/-failed$|rollback/.test(deployment.state)
}

function nextStep({ ownSteps, deployment }: RegionState): StateChange {
  if (ownSteps.length > 0) return { advance: true }
  return { deployment: deployment?.state === 'completed' ? 'delete' : 'advance' }
}
