import { UpstreamError } from '../../src/upstream/error.ts'

/** What is known of a failed ask; fails the test where it did not fail, or in another way. */
export async function failureOf(promise: Promise<unknown>): Promise<{
  readonly kind: string
  readonly message: string
  readonly status?: number
  readonly refused?: true
}> {
  const error: unknown = await promise.then(
    (value) => new Error(`it succeeded: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof UpstreamError)) throw error
  return {
    kind: error.kind,
    message: error.message,
    ...(error.status !== undefined && { status: error.status }),
    ...(error.refused && { refused: true }),
  }
}
