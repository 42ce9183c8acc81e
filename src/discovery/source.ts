import type { Region } from '../model/region.ts'

/** What a source knows now. */
export interface Found {
  readonly regions: readonly Region[]
  /** Entries that could not be used, and why, as sentences; never with a value that could be a secret. */
  readonly notes: readonly string[]
}

/** One way of discovering. `upstream`'s errors come out of `find` as they are: `UpstreamError`. */
export interface Source {
  /** For logs and answers: `dcmanager https://10.10.10.2:8120`. */
  readonly name: string
  /** All that it was made of: two with the same settings are one and the same. */
  readonly settings: string
  /** ms between two finds. */
  readonly interval: number
  /** The share of its regions that may leave at once, 0 to 1. */
  readonly maxShrink: number
  readonly find: () => Promise<Found>
  readonly close: () => void
}
