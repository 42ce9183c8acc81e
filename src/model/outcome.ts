/** Why a region gave no usable answer: a closed set, documented in docs/failures.md. */
export const failureKinds = [
  'timeout',
  'unreachable',
  'tls',
  'unauthorized',
  'rejected',
  'broken',
  'malformed',
  'too_large',
  'backed_off',
] as const
export type FailureKind = (typeof failureKinds)[number]

export interface Failure {
  readonly kind: FailureKind
  /** One sentence, made to be read by an operator: `east: GET /v1/release: no answer within 10 s`. */
  readonly message: string
  /** When the attempt ended, ms since the epoch. */
  readonly at: number
}

export interface Provenance {
  readonly dialect: string
  /** When the answer was received, ms since the epoch. */
  readonly observedAt: number
  /** Grows whenever the region's answer changed; never repeats within a process. */
  readonly version: number
}

export type SkipReason = 'maintenance' | 'unmanaged'

/** What became of asking one region one thing. Exactly one per region selected: none is ever dropped. */
export type Outcome<T> =
  | {
      readonly status: 'fresh'
      readonly region: string
      readonly reading: T
      readonly provenance: Provenance
    }
  | {
      readonly status: 'stale'
      readonly region: string
      readonly reading: T
      readonly provenance: Provenance
      readonly failure: Failure
    }
  | { readonly status: 'failed'; readonly region: string; readonly failure: Failure }
  | { readonly status: 'unsupported'; readonly region: string; readonly reason: string }
  | { readonly status: 'skipped'; readonly region: string; readonly reason: SkipReason }

export const outcomeStatuses = ['fresh', 'stale', 'failed', 'unsupported', 'skipped'] as const
export type OutcomeStatus = Outcome<unknown>['status']
