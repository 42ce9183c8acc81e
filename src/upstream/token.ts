import type { Region } from '../model/region.ts'

/** The gateway's own token for a region; undefined for a region that is asked without one. Throws `UpstreamError`. */
export type TokenSource = (region: Region) => Promise<string | undefined>

/** For regions whose `credentials` are `none`. */
export const noTokens: TokenSource = () => Promise.resolve(undefined)
