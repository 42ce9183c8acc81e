import type { Caller } from './caller.ts'
import type { Intent } from '../model/intent.ts'

/** What became of a write at one region. */
export type WriteOutcome = 'done' | 'failed' | 'unknown' | 'refused'

export interface AuditRegion {
  readonly region_name: string
  readonly subcloud_name: string
  readonly outcome: WriteOutcome
  /** The HTTP status that the caller got for it. */
  readonly status: number
  /** Why it is not done; empty where it is. */
  readonly error: string
  readonly took_ms: number
}

/** One line of the audit log, as JSON. */
export interface AuditLine {
  /** RFC 3339. */
  readonly time: string
  readonly request_id: string
  /** W3C Trace Context; what the region was sent has it too. */
  readonly trace_id: string
  readonly subject: string
  /** What people call the subject, where that is something else. */
  readonly name?: string
  readonly issuer: string
  readonly role: string | null
  /** The name of a row of the table of calls; null where the request was none. */
  readonly call: string | null
  readonly method: string
  /** As asked, without its query. */
  readonly path: string
  /** Releases or patches, wherever the request names them. */
  readonly ids: readonly string[]
  readonly parameters: Readonly<Record<string, unknown>>
  readonly files: readonly { readonly name: string; readonly size: number }[]
  /** The HTTP status that the caller got. */
  readonly status: number
  /** Why it was refused, or failed; empty where it is done. */
  readonly error: string
  readonly regions: readonly AuditRegion[]
}

/** Writes one line; resolves once it is kept, or was told elsewhere. Never rejects. */
export type Audit = (line: AuditLine) => Promise<void>

export interface AuditedRequest {
  readonly requestId: string
  readonly traceId: string
  readonly caller: Caller
  readonly method: string
  readonly path: string
  readonly status: number
  readonly error: string
}

/** A line for what a caller asked, with what is known of the intent. No secret is ever in it: neither token nor body. */
export function auditLine(
  now: number,
  { requestId, traceId, caller, method, path, status, error }: AuditedRequest,
  intent: Partial<Pick<Intent, 'call' | 'ids' | 'parameters' | 'force' | 'upload'>>,
  regions: readonly AuditRegion[],
): AuditLine {
  const { upload } = intent
  const files =
    upload === undefined
      ? []
      : upload.kind === 'files'
        ? upload.files.map(({ fileName, size }) => ({ name: fileName, size }))
        : upload.paths.map((name) => ({ name, size: 0 }))
  return {
    time: new Date(now).toISOString(),
    request_id: requestId,
    trace_id: traceId,
    subject: caller.subject,
    ...(caller.name !== undefined && { name: caller.name }),
    issuer: caller.issuer,
    role: caller.role ?? null,
    call: intent.call?.name ?? null,
    method,
    path: path.slice(0, 1_000),
    ids: intent.ids ?? [],
    parameters: { ...intent.parameters, ...(intent.force && { force: true }) },
    files,
    status,
    error,
    regions,
  }
}
