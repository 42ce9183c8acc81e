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
import type { StateChange } from './change.ts'
import { changeState } from './change.ts'
import type { ListenerName, Surroundings } from './listeners.ts'
import { createListener, firstFault, listenerNames, urlOf } from './listeners.ts'
import type { Timing } from './ownSteps.ts'
import type { StxRelease } from './release.ts'
import { releaseFacts } from './release.ts'
import { seedState } from './seedState.ts'
import type { RegionState } from './state.ts'

/** One simulated region: a state machine and its listeners. */
export interface SimRegion {
  plan(): RegionPlan
  /** Its loopback address. */
  host(): string
  state(): RegionState
  /** The services that it has now, with their address, USM and Patching without /v1. */
  endpoints(): Partial<Record<ListenerName, string>>
  services(): Partial<Record<ListenerName, Service>>
  start(): Promise<void>
  change(change: StateChange): void
  /** Of USM and Patching where no service is named. */
  setFault(service: ListenerName | undefined, fault: Fault | undefined): Promise<void>
  rename(subcloud: string): void
  /** All that listens moves to another address. */
  move(host: string): Promise<void>
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
  readonly around?: Surroundings
}

export function createRegion(first: RegionPlan, options: RegionOptions): SimRegion {
  const { now, around = {} } = options
  let plan = first
  let host = options.host
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

  const has = (name: ListenerName) => {
    const { usm, patching } = releaseFacts[state.release]
    if (name === 'keystone' || name === 'dcmanager') return around[name] !== undefined
    if (name === 'patching') return patching !== 'gone' && plan.patching
    return usm !== undefined && (name === 'usm' || around.central === true)
  }

  const answer = (service: ServiceName, request: SimRequest, fault: Fault | undefined) => {
    const asked = { service, release: state.release, accept: request.headers['accept'] }
    if (plan.token !== undefined && request.headers['x-auth-token'] !== plan.token) {
      return unauthorizedAnswer(`http://${host}:5000`)
    }
    const refused = around.guard?.(service, state.release, request)
    if (refused) return refused
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

  const services: Partial<Record<ListenerName, Service>> = {}
  const create = (name: ListenerName) =>
    createListener(name, {
      ...options,
      plan,
      host: () => host,
      around,
      pace,
      answer,
      patchingRestarted: restarted,
    })

  /** Starts what the release has and drops what it doesn't have. */
  const arrange = async () => {
    for (const name of listenerNames) {
      const service = services[name]
      if (has(name) && !service) {
        const created = create(name)
        services[name] = created
        if (!started) await created.setFault(firstFault(plan, name))
        await created.setRunning(true)
      } else if (!has(name) && service) {
        delete services[name]
        await service.close()
      } else if (service) await service.setRunning(true)
    }
    started = true
  }

  return {
    plan: () => plan,
    host: () => host,
    state: () => state,
    services: () => services,
    endpoints: () =>
      Object.fromEntries(
        listenerNames.filter(has).map((name) => [name, urlOf(host, name, around.tls !== undefined)]),
      ),
    start: arrange,
    change: (change) => changeState(state, change, random),
    async setFault(service, fault) {
      const names = service === undefined ? (['usm', 'patching'] as const) : [service]
      for (const name of names) await services[name]?.setFault(fault)
    },
    rename: (subcloud) => (plan = { ...plan, subcloud }),
    async move(next) {
      host = next
      await Promise.all(Object.values(services).map((service) => service.rebind()))
    },
    async upgrade(release, downMs) {
      if (upgrading) throw new Error(`an upgrade to ${upgrading} is under way`)
      upgrading = release
      try {
        const upgraded = [services.usm, services.patching, services.proxy].filter(
          (service) => service !== undefined,
        )
        await Promise.all(upgraded.map((service) => service.setRunning(false)))
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
