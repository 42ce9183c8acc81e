import { problemTypes, type ProblemSlug } from './problem-types.ts'

/** What every door answers when it can't answer: the status, a stable slug, and a sentence. */
export class Problem extends Error {
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 408
    | 409
    | 410
    | 413
    | 415
    | 429
    | 431
    | 500
    | 502
    | 503
    | 504
    | 507
  /** Documented in docs/problems.md. */
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

/** A 404 for what is in no table. */
export function nowhere(method: string, path: string): Problem {
  return new Problem(404, 'not-found', `this gateway has no ${method} ${printable(path)}`)
}

/** A 405 that says what is possible. */
export function methodNotAllowed(method: string, allowed: readonly string[]): Problem {
  const words = allowed.length === 1 ? `${allowed[0]} is` : `${allowed.join(' and ')} are`
  return new Problem(405, 'method-not-allowed', `${method} is not possible here; ${words}`, {
    headers: { allow: allowed.join(', ') },
  })
}

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

/** The body of RFC 9457, for the fleet's own API. */
export function problemDetails(problem: Problem, instance: string): string {
  return JSON.stringify({
    type: `/problems/${problem.slug}`,
    title: problemTypes[problem.slug].title,
    status: problem.status,
    detail: problem.message,
    instance,
    ...problem.extra,
  })
}

/** A caller's text in an answer: short, and nothing but visible characters. */
export function printable(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, 100)
}
