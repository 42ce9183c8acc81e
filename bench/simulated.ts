import type { ListedRegion } from './gateway.ts'
import { fetchText } from './requests.ts'
import type { Stage } from './stage.ts'

export interface SimulatedFleet {
  readonly regions: readonly ListedRegion[]
  /** What is wrong with a region from now on. */
  setFault(regionName: string, fault: Readonly<Record<string, unknown>>): Promise<void>
}

/** The simulator as a process of its own. Its regions have 20 releases of 40 packages, like those of `bodies.ts`. */
export async function startSimulator(stage: Stage, flags: readonly string[]): Promise<SimulatedFleet> {
  const alike = ['--exit-with-parent', '--profile', 'plain', '--releases', '20', '--packages', '40']
  const simulator = stage.startNode(['src/simulator/main.ts', ...alike, ...flags])
  const { control } = JSON.parse(await simulator.line(/ready/)) as { control: string }
  const views = JSON.parse((await fetchText(`${control}/regions`)).text) as {
    readonly region_name: string
    readonly endpoints: { readonly usm?: string; readonly patching?: string }
  }[]
  return {
    regions: views.map(({ region_name, endpoints }) => ({ region_name, ...endpoints })),
    async setFault(regionName, fault) {
      const answer = await fetch(`${control}/regions/${regionName}/fault`, {
        method: 'POST',
        body: JSON.stringify(fault),
      })
      if (!answer.ok) throw new Error(await answer.text())
    },
  }
}
