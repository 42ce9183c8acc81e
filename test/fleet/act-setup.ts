import { createAct, type Acted, type Relay, type RelayOutcome } from '../../src/fleet/act.ts'
import { createSnapshots, type Snapshots } from '../../src/fleet/snapshots.ts'
import type { Outcome } from '../../src/model/outcome.ts'
import type { FailureKind } from '../../src/model/outcome.ts'
import type { Resource } from '../../src/model/reading.ts'
import type { Region } from '../../src/model/region.ts'
import { answers, createAsk, type Play, type Played } from '../support/fleet-answers.ts'
import { createClock, type Clock } from '../support/fleet-clock.ts'
import { deployment, patch, patchingHost, release } from '../support/fleet-records.ts'
import { createRegion } from '../support/fleet-regions.ts'
import { intentOf } from '../support/intent-of.ts'
import { writeTimeouts } from '../support/write-timeouts.ts'

export const east = createRegion('east')

/** One service of regions, with what they are asked and sent written down in order. */
export interface Acting {
  readonly clock: Clock
  readonly snapshots: Snapshots
  /** `POST /v1/deploy/abort` for a call, `asks release` for a read. */
  readonly seen: readonly string[]
  act(asked: string, more?: { readonly region?: Region; readonly signal?: AbortSignal }): Promise<Acted>
  /** A merged read's outcome for east; `maxAge` in ms. */
  read(resource: Resource, maxAge?: number): Promise<Outcome<unknown>>
}

const defaults: Partial<Record<Resource, Played>> = {
  release: answers([release('24.09.0')]),
  deploy: answers([deployment('start')]),
  deploy_host: answers([]),
  query: answers({ pd: { 'P-1': patch('Available') } }),
  query_hosts: answers({ data: [patchingHost('controller-0')] }),
}

/** Without an answer of the test's own, regions answer well. */
export const well: Play = (_, { resource }) => defaults[resource] ?? answers([])

export function createActing(relay: Relay, play: Play = well, lookAgain = 1_000): Acting {
  const clock = createClock()
  const seen: string[] = []
  const snapshots = createSnapshots({
    ask: createAsk((region, want) => {
      seen.push(`asks ${want.resource}`)
      return play(region, want)
    }),
    now: clock.now,
    random: () => 0,
  })
  const act = createAct({
    relay(region, intent) {
      seen.push(`${intent.method} ${intent.path}`)
      return relay(region, intent)
    },
    snapshots,
    writeTimeouts: () => writeTimeouts,
    lookAgain,
  })
  return {
    clock,
    snapshots,
    seen,
    act: async (asked, { region = east, signal } = {}) =>
      act(region, intentOf(asked, {}, { region }), signal),
    read: async (resource, maxAge = 60_000) => snapshots.read(east, { resource }, { maxAge }),
  }
}

export const done = {
  status: 'answered',
  http: 200,
  value: { info: 'ok', warning: '', error: '' },
  succeeded: true,
  error: '',
} as const satisfies RelayOutcome

export const crashed: RelayOutcome = {
  status: 'answered',
  http: 500,
  value: { info: '', warning: '', error: 'A server error occurred.' },
  succeeded: false,
  error: 'A server error occurred.',
}

export function failed(kind: FailureKind, sent: boolean, http?: number): RelayOutcome {
  const ofService = ['timeout', 'unreachable', 'tls', 'unauthorized'].includes(kind)
  return {
    status: 'failed',
    kind,
    message: `it is ${kind}`,
    ofService,
    sent,
    ...(http !== undefined && { http }),
  }
}

/** Promises that a test resolves in its own time, in the order in which they were made. */
export function gate<T>(): { readonly wait: () => Promise<T>; readonly open: (value: T) => void } {
  const waiting: ((value: T) => void)[] = []
  return {
    wait: () => new Promise((resolve) => waiting.push(resolve)),
    open(value) {
      const first = waiting.shift()
      if (first === undefined) throw new Error('nothing waits')
      first(value)
    },
  }
}

/** Lets everything happen that waits for nothing but its turn in the queue of the process. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
