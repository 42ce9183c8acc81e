/** Which of a region's two update services: Unified Software Management, or the older Patching. */
export type Service = 'usm' | 'patching'

/** One StarlingX cloud: the system controller, a subcloud, or a stand-alone system. */
export interface Region {
  /** Keystone region name, `region_name` on the wire: the identity. May be opaque hex. */
  readonly name: string
  /** What operators call it; the region name where they gave it none. */
  readonly subcloud: string
  /** Base URLs without `/v1`. A service that is absent is one that the region does not have. */
  readonly endpoints: { readonly usm?: URL; readonly patching?: URL; readonly keystone?: URL }
  /** The name of the gateway's credentials for this region; `none`: ask without a token. */
  readonly credentials: string
  readonly labels: Readonly<Record<string, string>>
  /** End of a planned outage (ms since the epoch): until then the region is skipped. */
  readonly maintenanceUntil?: number
}

/** The order of every answer, log and metric: by code unit, so that it never depends on a locale. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
