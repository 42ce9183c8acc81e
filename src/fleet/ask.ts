import type { FailureKind } from '../model/outcome.ts'
import type { Readings, Resource, Want } from '../model/reading.ts'
import type { Region } from '../model/region.ts'

/** How one region is asked one thing, now. `upstream/ask.ts` gives it; a test gives a lambda. */
export type Ask = <R extends Resource>(
  region: Region,
  want: Want<R>,
  previous: Readings[R] | undefined,
) => Promise<AskedOf<R>>
export type AskedOf<R extends Resource> =
  | { readonly status: 'answered'; readonly reading: Readings[R] }
  | { readonly status: 'unsupported'; readonly reason: string }
  | FailedAsk

/** Asking failed: an observation like any other. */
export interface FailedAsk {
  readonly status: 'failed'
  readonly kind: FailureKind
  readonly message: string
  /** The service as a whole is left alone for a while, not only the resource. */
  readonly ofService: boolean
  /** The region's HTTP status, where it gave one. */
  readonly http?: number
}
