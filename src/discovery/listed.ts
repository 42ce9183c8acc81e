import type { Config } from '../config/schema.ts'
import type { Region } from '../model/region.ts'

/** The regions that the configuration lists. */
export function toRegions(config: Config): readonly Region[] {
  return config.regions.map((listed) => ({
    name: listed.region_name,
    subcloud: listed.subcloud_name ?? listed.region_name,
    keystoneRegion: listed.keystone_region ?? listed.region_name,
    endpoints: {
      ...(listed.usm && { usm: listed.usm }),
      ...(listed.patching && { patching: listed.patching }),
      ...(listed.keystone && { keystone: listed.keystone }),
      ...(listed.usm_release_writes && { usmReleaseWrites: listed.usm_release_writes }),
    },
    credentials: listed.credentials,
    labels: listed.labels,
    ...(listed.maintenance !== undefined && { maintenanceUntil: Date.parse(listed.maintenance) }),
  }))
}
