import type { Json } from '../json.ts'
import type { Question } from '../routes.ts'
import type { FailureKind } from './failure.ts'

/** One answer that the contract allows. */
export type Expected =
  | { readonly status: 200; readonly body: Json; readonly matches?: (body: Json) => boolean }
  | { readonly status: 400 | 404 }
  | { readonly status: 503; readonly kind: FailureKind }

/** How door 1 was asked: of one region by name, or of a selection that holds this one region. */
export interface Asked {
  readonly question: Question
  readonly query: URLSearchParams
  readonly region: string
  readonly shape: 'one region' | 'merged'
}
