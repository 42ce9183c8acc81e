import type { FailureKind } from '../model/outcome.ts'

/** The only error that asking a region throws; `message` names the call but not the region. */
export class UpstreamError extends Error {
  readonly kind: FailureKind
  /** The region's HTTP status, where it gave one. */
  readonly status: number | undefined
  /** The connection itself was refused: nothing listens there. */
  readonly refused: boolean

  constructor(kind: FailureKind, message: string, detail: { status?: number; refused?: boolean } = {}) {
    super(message)
    this.name = 'UpstreamError'
    this.kind = kind
    this.status = detail.status
    this.refused = detail.refused ?? false
  }
}
