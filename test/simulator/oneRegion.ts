import type { RegionPlan } from '../../src/simulator/fleetPlan.ts'
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.ts'
import { createSimulator } from '../../src/simulator/simulator.ts'

/** A simulator with one region called `east` that answers at once. */
export interface OneRegion {
  readonly simulator: Simulator
  readonly usm: string
  readonly patching: string
}

export async function startOneRegion(
  plan: Partial<RegionPlan> = {},
  options: SimulatorOptions = {},
): Promise<OneRegion> {
  const simulator = await createSimulator({ ...options, plans: [planOf(plan)] })
  const [region] = simulator.regions()
  return {
    simulator,
    usm: region?.endpoints.usm ?? '',
    patching: region?.endpoints.patching ?? '',
  }
}

export function planOf(plan: Partial<RegionPlan>): RegionPlan {
  return {
    name: 'east',
    subcloud: 'boston-1',
    labels: { group: 'east' },
    release: '9',
    mode: 'direct',
    size: { releases: 3, packages: 2, hosts: 2 },
    latency: [0, 0],
    patching: true,
    faults: {},
    changes: [],
    ...plan,
  }
}
