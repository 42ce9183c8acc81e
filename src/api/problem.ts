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

/** Every type of problem with its title, which never changes; docs/problems.md explains each. */
export const problemTitles = {
  'bad-parameter': 'A parameter is unknown or malformed',
  'malformed-request': 'The request is malformed',
  unauthenticated: 'No credential that this gateway accepts',
  forbidden: 'The role is too small',
  'unknown-region': 'No such region',
  'unknown-release': 'No such release',
  'not-supported': 'Not possible in the release of the region',
  'not-found': 'No such path',
  'method-not-allowed': 'Method not allowed',
  incomplete: 'The answer is less complete than was asked for',
  'no-data': 'No region gave data',
  gone: 'The snapshot is gone',
  'identity-provider-down': 'The identity provider is down',
  internal: 'The gateway failed',
  'bad-upload': 'The upload is malformed',
  'too-large': 'Too large',
  'unsupported-media-type': 'Unsupported media type',
  stalled: 'The sender stalled',
  'insufficient-storage': 'Not enough storage',
  'ambiguous-region': 'Several regions have this name',
  'too-many-writes': 'Too many writes under way',
  'too-many-requests': 'Too many requests of this caller',
  'too-many-tokens': 'Too many tokens that nobody knows',
  'region-failed': 'The region gave no usable answer',
  'answer-lost': 'A write was sent and its answer lost',
  'backed-off': 'The region is left alone for a while',
  stopping: 'The gateway stops',
} as const
export type ProblemSlug = keyof typeof problemTitles

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
    title: problemTitles[problem.slug],
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
