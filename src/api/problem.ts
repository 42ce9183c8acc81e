/** What doors 1 and 2 answer when they can't answer: the status, a stable slug, and a sentence. */
export class Problem extends Error {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 413 | 415 | 431 | 500 | 503 | 507
  /** Documented in docs/failures.md. */
  readonly slug: ProblemSlug
  readonly headers: Readonly<Record<string, string>>
  readonly extra: Readonly<Record<string, unknown>>

  constructor(
    status: Problem['status'],
    slug: ProblemSlug,
    detail: string,
    more: { headers?: Problem['headers']; extra?: Problem['extra'] } = {},
  ) {
    super(detail)
    this.name = 'Problem'
    this.status = status
    this.slug = slug
    this.headers = more.headers ?? {}
    this.extra = more.extra ?? {}
  }
}

export type ProblemSlug =
  | 'bad-parameter'
  | 'malformed-request'
  | 'unauthenticated'
  | 'forbidden'
  | 'unknown-region'
  | 'unknown-release'
  | 'not-supported'
  | 'not-found'
  | 'method-not-allowed'
  | 'incomplete'
  | 'no-data'
  | 'identity-provider-down'
  | 'internal'
  | 'bad-upload'
  | 'too-large'
  | 'unsupported-media-type'
  | 'stalled'
  | 'insufficient-storage'

/**
 * The body that every StarlingX client can read: `error` is what their command lines print. `title` and
 * `description` are left out on purpose, as they would be printed instead.
 */
export function problemBody(problem: Problem, instance: string): string {
  return JSON.stringify({
    info: '',
    warning: '',
    error: problem.message,
    type: `/problems/${problem.slug}`,
    status: problem.status,
    detail: problem.message,
    instance,
    ...problem.extra,
  })
}
