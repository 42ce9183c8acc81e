/** Which of a region's two update services: Unified Software Management, or the older Patching. */
export type Service = 'usm' | 'patching'

/** One StarlingX cloud: the system controller, a subcloud, or a stand-alone system. */
export interface Region {
  /** Keystone region name, `region_name` on the wire: the identity. May be opaque hex. */
  readonly name: string
  /** What operators call it; the region name where they gave it none. */
  readonly subcloud: string
  /** What the region calls itself in its own Keystone: stand-alone clouds all say `RegionOne`. */
  readonly keystoneRegion: string
  /** Base URLs without `/v1`. With neither, both are looked up in the catalog of the region's own Keystone. */
  readonly endpoints: {
    readonly usm?: URL
    readonly patching?: URL
    readonly keystone?: URL
    /** Where uploads and deletions of releases go instead: the system controller keeps a copy of what passes there. */
    readonly usmReleaseWrites?: URL
  }
  /** The name of the gateway's credentials for this region; `none`: ask without a token. */
  readonly credentials: string
  readonly labels: Readonly<Record<string, string>>
  /** End of a planned outage (ms since the epoch): until then the region is skipped. */
  readonly maintenanceUntil?: number
}

/** Whether a region may have a service: it is configured, or the catalog is yet to tell. */
export function mayHave(region: Region, service: Service): boolean {
  const { usm, patching } = region.endpoints
  return region.endpoints[service] !== undefined || (usm === undefined && patching === undefined)
}

/** The order of every answer, log and metric: by code unit, so that it never depends on a locale. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
