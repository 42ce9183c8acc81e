import { UpstreamError } from './error.ts'

/**
 * stx 10 wants the role admin even to read, and says no more than `Forbidden` (recording usm/stx10.0/auth-reader-get);
 * its successors name the roles that they want. The error of a USM read, saying so.
 */
export function sayingWantedRole(error: unknown): unknown {
  if (!(error instanceof UpstreamError) || error.status !== 403) return error
  if (!error.message.endsWith('HTTP 403: Forbidden')) return error
  const { kind, message, status, ofService } = error
  const why = `${message}; stx 10 wants the role admin, in the project admin or services, even to read`
  return new UpstreamError(kind, why, { status, ofService })
}
