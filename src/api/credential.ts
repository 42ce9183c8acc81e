import { Problem } from './problem.ts'

const carriers = new Set(['authorization', 'x-auth-token', 'oidc-token'])

/**
 * The one token that a request presents, from its raw headers (name, value, name, value …): Node folds or
 * drops repeated headers, which would hide a second credential. Throws a 401 `Problem`.
 */
export function presentedToken(rawHeaders: readonly string[]): string {
  const presented: { readonly carrier: string; readonly value: string }[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const carrier = rawHeaders[i]?.toLowerCase() ?? ''
    if (carriers.has(carrier)) presented.push({ carrier, value: rawHeaders[i + 1]?.trim() ?? '' })
  }
  const [only] = presented
  if (only === undefined) {
    throw unauthenticated('no token: send one as Authorization: Bearer, X-Auth-Token or OIDC-Token')
  }
  if (presented.length > 1) throw unauthenticated('more than one credential: send exactly one')
  const token = only.carrier === 'authorization' ? /^Bearer +(\S+)$/i.exec(only.value)?.[1] : only.value
  if (token === undefined || token === '')
    throw unauthenticated('the Authorization header holds no Bearer token')
  return token
}

export function unauthenticated(detail: string, invalid = false): Problem {
  return new Problem(401, 'unauthenticated', detail, {
    headers: {
      'www-authenticate': `Bearer realm="stx-fleet-gateway"${invalid ? ', error="invalid_token"' : ''}`,
    },
  })
}

/** Whether a request presents any credential at all, good or bad. */
export function carriesCredential(rawHeaders: readonly string[]): boolean {
  return rawHeaders.some((name, i) => i % 2 === 0 && carriers.has(name.toLowerCase()))
}
