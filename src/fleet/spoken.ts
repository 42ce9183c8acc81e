import { mayHave, type Region, type Service } from '../model/region.ts'
import type { Snapshots } from './snapshots.ts'

/**
 * Which of its services a region speaks, as far as is known; one that does not answer counts as spoken, and one that
 * crashed is not asked. Where there is but one, there is nothing to find out.
 */
export function createSpoken(
  snapshots: Snapshots,
  maxAge: () => number,
): (region: Region) => Promise<readonly Service[]> {
  return async (region) => {
    const possible = (['usm', 'patching'] as const).filter((service) => mayHave(region, service))
    if (possible.length === 1) return possible
    const asked = await Promise.all(
      possible.map(async (service) => {
        if (snapshots.pauseOf(region, service)) return service
        const resource = service === 'usm' ? 'release' : 'query'
        const { status } = await snapshots.read(region, { resource }, { maxAge: maxAge(), sole: true })
        return status === 'unsupported' ? undefined : service
      }),
    )
    return asked.filter((service) => service !== undefined)
  }
}
