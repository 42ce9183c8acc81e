import { answerPatching } from '../answers/patching.ts'
import type { Answer } from '../answers/answer.ts'
import { emptyAnswer, unauthorizedAnswer } from '../answers/answer.ts'
import type { Service as ServiceName } from '../answers/faulty.ts'
import { faultyAnswer } from '../answers/faulty.ts'
import { createAnswerMemo } from '../answers/memo.ts'
import type { SimRequest } from '../answers/request.ts'
import { answerUsmRest } from '../answers/usmRest.ts'
import { answerUsmVerbs } from '../answers/usmVerbs.ts'
import { isWrite } from '../answers/writes.ts'
import type { Fault } from '../faults.ts'
import { isPerformed } from '../faults.ts'
import type { RegionPlan } from '../fleetPlan.ts'
import { createRandom } from '../random.ts'
import type { Service } from '../transport/service.ts'
import { createService } from '../transport/service.ts'
import type { StateChange } from './change.ts'
import { changeState } from './change.ts'
import type { Timing } from './ownSteps.ts'
import type { StxRelease } from './release.ts'
import { releaseFacts } from './release.ts'
import { seedState } from './seedState.ts'
import type { RegionState } from './state.ts'

export const ports = { usm: 5497, patching: 5491 } as const

/** One simulated region: a state machine and its listeners. */
export interface SimRegion {
  readonly plan: RegionPlan
  state(): RegionState
  /** The services that its release has, with their address, without /v1. */
  endpoints(): Partial<Record<ServiceName, string>>
  services(): Partial<Record<ServiceName, Service>>
  start(): Promise<void>
  change(change: StateChange): void
  setFault(service: ServiceName | undefined, fault: Fault | undefined): Promise<void>
  /** Another release on the same address: down for a while, then answering. */
  upgrade(release: StxRelease, downMs: number): Promise<void>
  close(): Promise<void>
}

export interface RegionOptions {
  readonly host: string
  readonly seed: number
  readonly frontDownMs: number
  readonly frontTimeoutMs: number
  readonly frontWriteTimeoutMs: number
  readonly crashMs: number
  readonly timing: Timing
  readonly now: () => number
}

export function createRegion(plan: RegionPlan, options: RegionOptions): SimRegion {
  const { now } = options
  const random = createRandom(options.seed, `state of ${plan.name}`)
  const pace = createRandom(options.seed, `pace of ${plan.name}`)
  const seeded = (release: StxRelease) => ({
    ...seedState(release, plan.size, random, now()),
    timing: { ...options.timing },
  })
  let state: RegionState = seeded(plan.release)
  for (const change of plan.changes) changeState(state, change, random)
  let upgrading: StxRelease | undefined
  let started = false

  const has = (service: ServiceName) => {
    const { usm, patching } = releaseFacts[state.release]
    return service === 'usm' ? usm !== undefined : patching !== 'gone' && plan.patching
  }

  const answer = (service: ServiceName, request: SimRequest, fault: Fault | undefined) => {
    const asked = { service, release: state.release, accept: request.headers['accept'] }
    if (plan.token !== undefined && request.headers['x-auth-token'] !== plan.token) {
      return unauthorizedAnswer(`http://${options.host}:5000`)
    }
    if (isWrite(request)) return writeAnswer(service, request, fault)
    return faultyAnswer(rememberedAnswer(service, request, fault), fault, asked)
  }
  /** What somebody else answers in the daemon's place isn't done. */
  const writeAnswer = async (service: ServiceName, request: SimRequest, fault: Fault | undefined) => {
    const asked = { service, release: state.release, accept: request.headers['accept'] }
    const well = isPerformed(fault) ? await wellAnswer(service, request) : emptyAnswer
    return faultyAnswer(well, fault, asked)
  }
  const memo = createAnswerMemo()
  const rememberedAnswer = (service: ServiceName, request: SimRequest, fault: Fault | undefined) => {
    const { method, target, headers } = request
    // Hosts say how long ago they were heard; an impersonation needs the records.
    const never = /host/.test(target) || fault?.kind === 'impersonate'
    if (never) return readAnswer(service, request)
    const key = [service, method, target, headers['accept'] ?? '-', headers['host'] ?? ''].join(' ')
    return memo.get(key, state.version, () => readAnswer(service, request))
  }
  const readAnswer = (service: ServiceName, request: SimRequest): Answer => {
    const answered = wellAnswer(service, request)
    if (answered instanceof Promise) throw new Error(`${request.target} is no read`)
    return answered
  }
  const wellAnswer = (service: ServiceName, request: SimRequest): Answer | Promise<Answer> => {
    if (service === 'patching') return answerPatching(state, request, now())
    return releaseFacts[state.release].usm === 'verbs'
      ? answerUsmVerbs(state, request, now())
      : answerUsmRest(state, request, plan.listener ?? 'token', now())
  }

  /** Patching comes back without hosts until they say hello again (patching.md §7). */
  const restarted = () => {
    const hosts = state.patchHosts
    state.patchHosts = []
    state.version += 1
    setTimeout(() => {
      if (state.patchHosts.length === 0) state.patchHosts = hosts
      state.version += 1
    }, 5_000).unref()
  }

  const create = (service: ServiceName): Service =>
    createService({
      host: options.host,
      port: ports[service],
      mode: plan.mode,
      latency: () => latencyOf(plan.latency, pace.next(), pace.next()),
      random: pace,
      answer: (request, fault) => answer(service, request, fault),
      restarted: service === 'patching' ? restarted : () => undefined,
      frontDownMs: options.frontDownMs,
      frontTimeoutMs: options.frontTimeoutMs,
      frontWriteTimeoutMs: options.frontWriteTimeoutMs,
      crashMs: options.crashMs,
      isSlow: (request) => service === 'usm' && isSlowAtFront(request),
      now,
    })
  const names: readonly ServiceName[] = ['usm', 'patching']
  const services: Partial<Record<ServiceName, Service>> = {}

  /** Starts what the release has and drops what it doesn't have. */
  const arrange = async () => {
    for (const name of names) {
      const service = services[name]
      if (has(name) && !service) {
        const created = create(name)
        services[name] = created
        if (!started) await created.setFault(plan.faults[name])
        await created.setRunning(true)
      } else if (!has(name) && service) {
        delete services[name]
        await service.close()
      } else if (service) await service.setRunning(true)
    }
    started = true
  }

  return {
    plan,
    state: () => state,
    services: () => services,
    endpoints: () =>
      Object.fromEntries(names.filter(has).map((name) => [name, `http://${options.host}:${ports[name]}`])),
    start: arrange,
    change: (change) => changeState(state, change, random),
    async setFault(service, fault) {
      for (const name of names) {
        if (service === undefined || service === name) await services[name]?.setFault(fault)
      }
    },
    async upgrade(release, downMs) {
      if (upgrading) throw new Error(`an upgrade to ${upgrading} is under way`)
      upgrading = release
      try {
        await Promise.all(Object.values(services).map((service) => service.setRunning(false)))
        await new Promise<void>((resolve) => setTimeout(resolve, downMs).unref())
        state = { ...seeded(release), version: state.version + 1 }
        await arrange()
      } finally {
        upgrading = undefined
      }
    },
    async close() {
      await Promise.all(Object.values(services).map((service) => service.close()))
    },
  }
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
