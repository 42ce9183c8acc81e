import type { Answer } from '../answers/answer.ts'
import { keystoneDownAnswer, unauthorizedAnswer } from '../answers/answer.ts'
import type { Service as ServiceName } from '../answers/faulty.ts'
import { refusalAnswer } from '../answers/faulty.ts'
import type { SimRequest } from '../answers/request.ts'
import type { StxRelease } from '../region/release.ts'
import { generation } from '../region/release.ts'
import type { SimKeystone } from './keystone.ts'

/** What the token of a request is worth at one service. */
export type Verdict = 'good' | 'bad' | 'unknown'

/** Asks a region's Keystone about tokens, as keystonemiddleware does: those it has seen stay good while Keystone is away. */
export function createTokenCheck(keystone: SimKeystone, isUp: () => boolean) {
  const seen = new Set<string>()
  return (request: SimRequest): Verdict => {
    const token = tokenOf(request)
    if (token === undefined || token === '') return 'bad'
    // Only that Keystone can be asked is simulated, not the five minutes for which a revoked token is still taken.
    if (keystone.check(token)) {
      if (!isUp()) return seen.has(token) ? 'good' : 'unknown'
      seen.add(token)
      return 'good'
    }
    return isUp() ? 'bad' : 'unknown'
  }
}

/** Either header counts (keystonemiddleware). */
function tokenOf({ headers }: SimRequest): string | undefined {
  return (headers['x-auth-token'] ?? headers['x-storage-token'])?.trim()
}

/** What stands before USM and Patching: a token of the region's Keystone, and a role that its release wants. */
export function createGuard(
  keystone: SimKeystone,
  check: (request: SimRequest) => Verdict,
  keystoneUrl: () => string,
): (service: ServiceName, release: StxRelease, request: SimRequest) => Answer | undefined {
  return (service, release, request) => {
    const verdict = check(request)
    if (verdict === 'unknown') return keystoneDownAnswer()
    if (verdict === 'bad') return unauthorizedAnswer(keystoneUrl().replace(/\/v3$/, ''))
    const needed = rolesFor(service, release, request.method)
    const token = keystone.check(tokenOf(request))
    if (token?.scoped === true && hasRole(keystone, needed)) return undefined
    const asked = { service, release, accept: request.headers['accept'] }
    return refusalAnswer(403, asked, needed.includes('admin') ? 'admin or configurator' : undefined)
  }
}

/** Roles compare without case, and only projects of the platform count. */
export function hasRole({ account }: SimKeystone, needed: readonly string[]): boolean {
  const has = new Set(account.roles.map((role) => role.toLowerCase()))
  return ['admin', 'services'].includes(account.project) && needed.some((role) => has.has(role))
}

/**
 * By release, as its policies were run: stx 10 wants admin even to read, from stx 11 on admin alone may not read, and
 * every method but GET is a write.
 */
function rolesFor(service: ServiceName, release: StxRelease, method: string): readonly string[] {
  const age = generation(release)
  const reads = method === 'GET'
  if (service === 'patching') return reads && age >= 8 ? ['reader'] : ['admin']
  if (age <= 9) return reads ? ['reader'] : ['admin']
  if (age === 10) return ['admin']
  return reads ? ['reader', 'operator', 'configurator'] : ['admin', 'configurator']
}
