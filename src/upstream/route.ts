import type { Intent } from '../model/intent.ts'
import type { JsonObject, Readings, Resource } from '../model/reading.ts'
import type { Method } from '../model/region-call.ts'

/** One request to the region. */
export interface Step {
  readonly method: Method
  /** With the query, if any. */
  readonly path: string
  /** Sent as JSON; `upload`: the intent's upload. Without it the body is empty. */
  readonly body?: JsonObject | 'upload'
  /** What it is about, where a call takes several steps. */
  readonly of?: string
}

/** Reads what the region has, where a step can't be built from the intent alone. Throws `UpstreamError`. */
export type Look = <R extends Resource>(resource: R) => Promise<Readings[R]>

/** How one call is sent in one dialect. */
export interface CallRoute {
  /** In order; each must succeed before the next is sent. Throws `CannotDo`, or `UpstreamError` from `look`. */
  readonly steps: (intent: Intent, look: Look) => readonly Step[] | Promise<readonly Step[]>
  /** The answer where no step is needed. */
  readonly without?: unknown
  /** Turns a successful answer into the documented shape, where the region has another. */
  readonly toDocumented?: (value: unknown, intent: Intent) => unknown
  /** Whether a 200 without an `error` means that the thing was done; where it need not. */
  readonly succeeded?: (value: unknown, step: Step) => boolean
}

/** Not sent at all: what is asked for is not there in such a release, which is an answer too. */
export function always(value: unknown): CallRoute {
  return { steps: () => [], without: value }
}

/** How every call of a service is sent, or, as a sentence, why it can't be. */
export type CallRoutes<Name extends string> = { readonly [N in Name]: CallRoute | string }

/** The region's release can't do what the intent asks for; nothing was sent. */
export class CannotDo extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'CannotDo'
  }
}
