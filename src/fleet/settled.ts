import { serviceOf } from '../model/calls.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Want } from '../model/reading.ts'
import { mayHave, type Region } from '../model/region.ts'

/** What holds of a region without asking, whatever is held of it. */
export function settled(region: Region, want: Want, now: number): Outcome<never> | undefined {
  if (region.maintenanceUntil !== undefined && now < region.maintenanceUntil) {
    return { status: 'skipped', region: region.name, reason: 'maintenance' }
  }
  if (region.unmanaged) return { status: 'skipped', region: region.name, reason: 'unmanaged' }
  const service = serviceOf(want.resource)
  if (!mayHave(region, service)) {
    return { status: 'unsupported', region: region.name, reason: `no ${service} endpoint` }
  }
  return undefined
}
