import type { FailureKind } from '../model/outcome.ts'

const aboutConnection: ReadonlySet<FailureKind> = new Set(['timeout', 'unreachable', 'tls', 'unauthorized'])

/** The only error that asking a region throws; `message` names the call but not the region. */
export class UpstreamError extends Error {
  readonly kind: FailureKind
  /** The region's HTTP status, where it gave one. */
  readonly status: number | undefined
  /** The connection itself was refused: nothing listens there. */
  readonly refused: boolean
  /** Some byte of the request may have reached the region. False: nothing was carried out. */
  readonly sent: boolean
  /** It is about the whole service, not about the one resource that was asked for. */
  readonly ofService: boolean

  constructor(
    kind: FailureKind,
    message: string,
    detail: { status?: number | undefined; refused?: boolean; sent?: boolean; ofService?: boolean } = {},
  ) {
    super(message)
    this.name = 'UpstreamError'
    this.kind = kind
    this.status = detail.status
    this.refused = detail.refused ?? false
    this.sent = detail.sent ?? true
    this.ofService = detail.ofService ?? aboutConnection.has(kind)
  }
}

/** For what failed before a write began: throws it anew, saying that nothing was sent. */
export function unsent(error: unknown): never {
  if (!(error instanceof UpstreamError)) throw error
  const { kind, message, status, refused, ofService } = error
  throw new UpstreamError(kind, `${message}; nothing was sent`, { status, refused, ofService, sent: false })
}
