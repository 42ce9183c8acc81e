import type { SecureContext } from 'node:tls'
import type { Answer } from '../answers/answer.ts'
import type { Service as ServiceName } from '../answers/faulty.ts'
import type { SimRequest } from '../answers/request.ts'
import type { Fault } from '../faults.ts'
import type { RegionPlan } from '../fleetPlan.ts'
import type { Random } from '../random.ts'
import type { Service } from '../transport/service.ts'
import { createService } from '../transport/service.ts'
import type { Door } from '../transport/serviceOptions.ts'
import type { StxRelease } from './release.ts'

/** What listens at a region's address. `proxy` is USM of region SystemController, which takes uploads for subclouds. */
export const listenerNames = ['usm', 'patching', 'proxy', 'keystone', 'dcmanager'] as const
export type ListenerName = (typeof listenerNames)[number]

/** StarlingX's internal ports, and its admin ones, which are always TLS. */
const ports: Readonly<Record<ListenerName, { readonly internal: number; readonly admin: number }>> = {
  usm: { internal: 5497, admin: 5498 },
  patching: { internal: 5491, admin: 5492 },
  proxy: { internal: 25497, admin: 25498 },
  keystone: { internal: 5000, admin: 5001 },
  dcmanager: { internal: 8119, admin: 8120 },
}

const paths: Readonly<Partial<Record<ListenerName, string>>> = { keystone: '/v3', dcmanager: '/v1.0' }

/** The address of a service of a host; its own API's `/v1` is left out. */
export function urlOf(host: string, name: ListenerName, secure: boolean): string {
  const port = ports[name][secure ? 'admin' : 'internal']
  return `${secure ? 'https' : 'http'}://${host}:${port}${paths[name] ?? ''}`
}

/** What a region has from the distributed cloud around it. */
export interface Surroundings {
  /** Refuses a request to USM or Patching before they see it. */
  readonly guard?: (service: ServiceName, release: StxRelease, request: SimRequest) => Answer | undefined
  readonly keystone?: WebAnswer
  readonly dcmanager?: WebAnswer
  /** The system controller: it has the proxy, and with TLS its internal addresses are open as well. */
  readonly central?: boolean
  readonly tls?: () => SecureContext
}

export type WebAnswer = (request: SimRequest, fault: Fault | undefined) => Answer

export interface ListenerOptions {
  readonly plan: RegionPlan
  readonly host: () => string
  readonly around: Surroundings
  readonly pace: Random
  readonly answer: (
    service: ServiceName,
    request: SimRequest,
    fault: Fault | undefined,
  ) => Answer | Promise<Answer>
  readonly patchingRestarted: () => void
  readonly frontDownMs: number
  readonly frontTimeoutMs: number
  readonly frontWriteTimeoutMs: number
  readonly crashMs: number
  readonly now: () => number
}

/** A service at the address that its name has in its region; it does not yet listen. */
export function createListener(name: ListenerName, options: ListenerOptions): Service {
  const { plan, around, pace } = options
  const web = name === 'keystone' || name === 'dcmanager' ? around[name] : undefined
  const service = name === 'patching' ? 'patching' : 'usm'
  return createService({
    doors: () => doorsOf(name, options.host(), around),
    mode: web ? 'front' : plan.mode,
    web: web !== undefined,
    latency: () => latencyOf(plan.latency, pace.next(), pace.next()),
    random: pace,
    answer: web ?? ((request, fault) => options.answer(service, request, fault)),
    restarted: name === 'patching' ? options.patchingRestarted : () => undefined,
    frontDownMs: options.frontDownMs,
    frontTimeoutMs: options.frontTimeoutMs,
    frontWriteTimeoutMs: options.frontWriteTimeoutMs,
    crashMs: options.crashMs,
    isSlow: (request) => service === 'usm' && isSlowAtFront(request),
    now: options.now,
  })
}

function doorsOf(name: ListenerName, host: string, { tls, central }: Surroundings): [Door, ...Door[]] {
  const { internal, admin } = ports[name]
  if (!tls) return [{ host, port: internal }]
  const own: Door = { host, port: admin, tls }
  return central ? [own, { host, port: internal }] : [own]
}

/** The fault that a service begins with: where nothing of a region answers, its Keystone doesn't either. */
export function firstFault(plan: RegionPlan, name: ListenerName): Fault | undefined {
  if (name === 'usm' || name === 'patching') return plan.faults[name]
  const { usm, patching } = plan.faults
  return isDark(usm) && isDark(patching) ? usm : undefined
}

/** Whether nobody answers at all. */
export function isDark(fault: Fault | undefined): boolean {
  return fault?.kind === 'refuse' || fault?.kind === 'black-hole'
}

/** As stx-puppet's usm.pp routes: reads to one backend, the rest and prechecks to the slow one. */
function isSlowAtFront(request: SimRequest): boolean {
  return request.method !== 'GET' || request.target.startsWith('/v1/software/deploy_precheck')
}

/** Most answers near the lower end, few beyond the upper one. */
function latencyOf([low, high]: readonly [number, number], first: number, second: number): number {
  if (high <= low) return low
  // Box-Muller: a lognormal whose 95th percentile is the upper end.
  const normal = Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second)
  const spread = Math.exp(0.6 * normal - 1)
  return Math.min(low + (high - low) * spread, low + (high - low) * 3)
}
