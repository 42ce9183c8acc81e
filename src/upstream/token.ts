import type { Region, Service } from '../model/region.ts'

/** The gateway's own way into a region. Throws `UpstreamError`. */
export interface Access {
  /** The token to present; undefined for a region that is asked without one. */
  token(): Promise<string | undefined>
  /** The region answered 401 to this token. True where another one may help: then this one is not used again. */
  refused(token: string): boolean
  /** Where a service is, as the region's catalog has it; undefined where the catalog lacks it, or there is none. */
  endpoint(service: Service): Promise<URL | undefined>
  close(): void
}

export type AccessTo = (region: Region) => Access

/** For regions whose `credentials` are `none`. */
export const withoutLogin: Access = {
  token: () => Promise.resolve(undefined),
  refused: () => false,
  endpoint: () => Promise.resolve(undefined),
  close: () => undefined,
}
