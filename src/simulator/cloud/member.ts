import type { Answer } from '../answers/answer.ts'
import { emptyAnswer } from '../answers/answer.ts'
import { faultyAnswer } from '../answers/faulty.ts'
import { negotiatedError } from '../answers/negotiation.ts'
import type { SimRequest } from '../answers/request.ts'
import type { Dcmanager } from '../dcmanager/dcmanager.ts'
import type { Fault } from '../faults.ts'
import { isPerformed } from '../faults.ts'
import type { KeystoneOptions } from '../keystone/account.ts'
import { keystoneError } from '../keystone/answers.ts'
import type { CatalogRegion } from '../keystone/catalog.ts'
import { catalogOf } from '../keystone/catalog.ts'
import type { Verdict } from '../keystone/guard.ts'
import { createGuard, createTokenCheck } from '../keystone/guard.ts'
import type { SimKeystone } from '../keystone/keystone.ts'
import { createKeystone } from '../keystone/keystone.ts'
import type { TokenStore } from '../keystone/tokens.ts'
import type { Surroundings, WebAnswer } from '../region/listeners.ts'
import { isDark, urlOf } from '../region/listeners.ts'
import type { SimRegion } from '../region/region.ts'
import { generation } from '../region/release.ts'
import type { CertificateKind, Presented } from '../tls/authority.ts'

/** A region as a part of its distributed cloud. */
export interface Member {
  readonly region: SimRegion
  readonly keystone?: SimKeystone
  certificate: CertificateKind
  /** What it presents on new connections. */
  context?: Presented
}

export interface MemberContext {
  readonly keystone?: { readonly options: KeystoneOptions; readonly store: TokenStore }
  /** The first it presents; absent: no TLS. */
  readonly certified?: Presented
  /** Of the system controller only. */
  readonly dcmanager?: (keystone: SimKeystone, check: (request: SimRequest) => Verdict) => Dcmanager
  readonly isCentral: boolean
  readonly subclouds: () => readonly SimRegion[]
  readonly create: (around: Surroundings) => SimRegion
  readonly now: () => number
}

/** Makes a region with its Keystone, its guard, its certificate and, of a system controller, dcmanager. */
export function createMember(context: MemberContext): Member {
  const { certified } = context
  const secure = certified !== undefined
  const region = (): SimRegion => member.region
  const url = () => urlOf(region().host(), 'keystone', secure)
  const catalog = () =>
    catalogOf({
      own: shown(region()),
      // From stx 10 on a system controller knows the endpoints of its subclouds by their addresses alone.
      subclouds:
        context.isCentral && generation(region().state().release) <= 9 ? context.subclouds().map(shown) : [],
    })
  const keystone = context.keystone
    ? createKeystone({ ...context.keystone, url, catalog, now: context.now })
    : undefined
  const check = keystone && createTokenCheck(keystone, () => isUp(region().services().keystone?.fault()))
  const dcmanager = keystone && check && context.dcmanager?.(keystone, check)
  const around: Surroundings = {
    ...(keystone && check
      ? {
          keystone: asWeb((request) => keystone.answer(request), keystoneError),
          guard: createGuard(keystone, check, url),
        }
      : {}),
    ...(dcmanager ? { dcmanager: asWeb((request) => dcmanager.answer(request), negotiatedError) } : {}),
    central: dcmanager !== undefined,
    ...(certified ? { tls: () => (member.context ?? certified)() } : {}),
  }
  const member: Member = {
    region: context.create(around),
    ...(keystone ? { keystone } : {}),
    ...(certified ? { context: certified } : {}),
    certificate: 'good',
  }
  return member
}

function shown(region: SimRegion): CatalogRegion {
  return { name: region.plan().name, endpoints: region.endpoints() }
}

function isUp(fault: Fault | undefined): boolean {
  const failing = fault?.kind === 'status' && fault.status >= 500
  return !failing && !isDark(fault) && fault?.kind !== 'down'
}

/** With the faults that change an answer; an error is worded as the service words it. */
function asWeb(
  answer: (request: SimRequest) => Answer,
  failure: (status: number, accept: string | undefined) => Answer,
): WebAnswer {
  return (request, fault) => {
    const accept = request.headers['accept']
    if (fault?.kind === 'status' && fault.flavour !== 'keystone') return failure(fault.status, accept)
    const well = isPerformed(fault) ? answer(request) : emptyAnswer
    return faultyAnswer(well, fault, { service: 'usm', release: 'master', accept })
  }
}
