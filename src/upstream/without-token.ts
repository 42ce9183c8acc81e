import type { HttpAnswer } from './http.ts'

/** Bytes: what a service says of a failure is smaller; lists are not searched. */
const largestSaying = 16 * 1024

/**
 * An answer without the token that it was asked with: what a region says of a failure is told to callers and logged, and
 * one that repeats what it was sent would give away its own key.
 */
export function withoutToken(answer: HttpAnswer, token: string | undefined): HttpAnswer {
  if (token === undefined || token === '') return answer
  if (answer.status === 200 && answer.body.length > largestSaying) return answer
  if (!answer.body.includes(token)) return answer
  return { ...answer, body: Buffer.from(answer.body.toString().replaceAll(token, '[token]')) }
}
