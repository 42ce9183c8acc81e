import type { Json } from '../json.ts'

/** A question about regions that replay recordings, and every byte of meaning in its answer. */
export interface WholeAnswer {
  readonly ask: string
  /** One: the one-region shape. Several: merged. Each is named after the recording that it replays. */
  readonly regions: readonly [string, ...string[]]
  readonly body: Json
}
