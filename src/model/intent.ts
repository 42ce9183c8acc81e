import type { JsonObject } from './reading.ts'
import type { Method, RegionCall } from './region-call.ts'
import type { Upload } from './upload.ts'

/** One call as its caller means it: parsed and checked, not yet in any region's dialect. */
export interface Intent {
  readonly call: RegionCall
  readonly method: Method
  /** The documented path with its ids, each of which matched an allow-list: `/v1/deploy/x-24.09.1/start`. */
  readonly path: string
  /** Of releases or patches, in the path or in `releases` of the body. */
  readonly ids: readonly string[]
  /** Empty where the call is about no host. */
  readonly host: string
  readonly force: boolean
  readonly rollback: boolean
  /** The other parameters of a write, from its query and body. */
  readonly parameters: JsonObject
  /** A read's query, empty or beginning with `?`. */
  readonly query: string
  readonly upload?: Upload
}
