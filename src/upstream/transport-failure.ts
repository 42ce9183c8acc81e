import type { FailureKind } from '../model/outcome.ts'

/** What became of a connection, in our words. */
export interface TransportFailure {
  readonly kind: FailureKind
  readonly message: string
  readonly refused: boolean
}

const tlsCodes = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|HOSTNAME_MISMATCH)/
const dnsCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'])

/** Names an error of undici, a socket or TLS. `begun`: some byte of the answer had come. */
export function transportFailure(error: Error, begun: boolean, connectTimeout: number): TransportFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const failure = (kind: FailureKind, message: string, refused = false): TransportFailure => ({
    kind,
    message,
    refused,
  })
  if (error.name === 'HTTPParserError') return failure('malformed', `not HTTP (${error.message})`)
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return failure('too_large', 'headers beyond measure')
  if (begun) return failure('broken', 'the answer was cut off midway')
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return failure('timeout', `no connection within ${connectTimeout / 1000} s`)
  }
  // What Node adds after a semicolon is advice for those who run Node, not for those who run a gateway.
  if (tlsCodes.test(code)) return failure('tls', `TLS: ${error.message.split(';')[0]} (${code})`)
  if (dnsCodes.has(code)) return failure('unreachable', `name not found (${code})`)
  if (code === 'ECONNREFUSED') return failure('unreachable', 'connection refused', true)
  return failure('unreachable', `connection lost before an answer (${code || error.name})`)
}
