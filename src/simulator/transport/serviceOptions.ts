import type { SecureContext } from 'node:tls'
import type { Answer } from '../answers/answer.ts'
import type { SimRequest } from '../answers/request.ts'
import type { Fault } from '../faults.ts'
import type { Random } from '../random.ts'

/** An address at which a service listens; with TLS, what it gives for each new connection. */
export interface Door {
  readonly host: string
  readonly port: number
  readonly tls?: () => SecureContext
}

/** What a service is and how it behaves. */
export interface ServiceOptions {
  /** Where it listens now; another answer counts after `rebind`. */
  readonly doors: () => readonly [Door, ...Door[]]
  readonly mode: 'direct' | 'front'
  /**
   * Keystone and dcmanager: HTTP/1.1 behind a front, many requests at a time, and none of them kept as a write,
   * since they hold passwords.
   */
  readonly web?: boolean
  /** The time an answer takes, in ms. */
  readonly latency: () => number
  readonly random: Random
  readonly answer: (request: SimRequest, fault: Fault | undefined) => Answer | Promise<Answer>
  /** Called when the daemon comes back after a crash. */
  readonly restarted: () => void
  /** How long a front looks for a stopped daemon before it answers 503, in ms. */
  readonly frontDownMs: number
  /** How long a front waits for an answer before it gives a 504, in ms. */
  readonly frontTimeoutMs: number
  /** The same for what goes to the slow backend. */
  readonly frontWriteTimeoutMs: number
  /** How long the daemon is away after a crash, in ms. */
  readonly crashMs: number
  /** Whether a front gives this request to the slow backend, which has a queue of its own. */
  readonly isSlow: (request: SimRequest) => boolean
  readonly now: () => number
}
