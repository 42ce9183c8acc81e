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
  /** Nobody gave the address of its Patching: it was made after a template, and perhaps nothing is there. */
  readonly patchingGuessed?: boolean | undefined
  /** The name of the gateway's credentials for this region; `none`: ask without a token. */
  readonly credentials: string
  readonly labels: Readonly<Record<string, string>>
  /** End of a planned outage (ms since the epoch): until then the region is skipped. */
  readonly maintenanceUntil?: number
  /** Its system controller does not manage it: it is skipped. Undefined: nobody says. */
  readonly unmanaged?: boolean | undefined
  /** Its system controller holds it for offline: it is asked less often. Undefined: nobody says. */
  readonly offline?: boolean | undefined
}

/** Characters of a region's name: it stands in lists, paths and labels, and shows all of itself but for odd scripts. */
export const regionName = /^[^\p{Cc}\p{Cf}\p{Cs}\s,;*/?#%\\]{1,255}$/u

/** Whether a region, or a subcloud, may be called so. */
export function isRegionName(name: string | undefined): name is string {
  return name !== undefined && regionName.test(name) && name !== '.' && name !== '..'
}

/** Whether two descriptions lead to the same services by the same account: a connection and a token still serve. */
export function reachedAlike(a: Region, b: Region): boolean {
  const reach = ({ endpoints, patchingGuessed, credentials, keystoneRegion }: Region): string =>
    [
      endpoints.usm?.href,
      endpoints.patching?.href,
      patchingGuessed === true,
      endpoints.keystone?.href,
      endpoints.usmReleaseWrites?.href,
      credentials,
      keystoneRegion,
    ].join('\n')
  return reach(a) === reach(b)
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
