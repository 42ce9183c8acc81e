import { mayHave, type Region, type Service } from '../model/region.ts'
import type { Snapshots } from './snapshots.ts'

/** Which of its services a region speaks, as far as is known; one that does not answer counts as spoken. */
export function createSpoken(
  snapshots: Snapshots,
  maxAge: number,
): (region: Region) => Promise<readonly Service[]> {
  return async (region) => {
    const asked = await Promise.all(
      (['usm', 'patching'] as const).map(async (service) => {
        if (!mayHave(region, service)) return undefined
        const resource = service === 'usm' ? 'release' : 'query'
        const { status } = await snapshots.read(region, { resource }, { maxAge, sole: true })
        return status === 'unsupported' ? undefined : service
      }),
    )
    return asked.filter((service) => service !== undefined)
  }
}
