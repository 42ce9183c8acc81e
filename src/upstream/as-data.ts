import type { FailureKind } from '../model/outcome.ts'
import { UpstreamError } from './error.ts'

/** What asking a region threw, as an observation like any other. */
export interface FailedAsData {
  readonly status: 'failed'
  readonly kind: FailureKind
  readonly message: string
  readonly ofService: boolean
  readonly sent: boolean
  readonly http?: number
}

/** From here on a failure is data. What is no `UpstreamError` is our own fault: why, only `onFault` is told. */
export async function asData<T>(
  task: () => Promise<T>,
  onFault: (error: unknown) => void,
): Promise<T | FailedAsData> {
  try {
    return await task()
  } catch (error) {
    if (!(error instanceof UpstreamError)) {
      onFault(error)
      const message = 'the gateway failed to ask'
      return { status: 'failed', kind: 'broken', message, ofService: false, sent: true }
    }
    const { kind, message, status, ofService, sent } = error
    return { status: 'failed', kind, message, ofService, sent, ...(status !== undefined && { http: status }) }
  }
}
