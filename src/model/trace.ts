import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { Telling } from './span.ts'

/** What ties a request to all that was done because of it, at regions too. */
export interface Trace {
  readonly requestId: string
  /** W3C Trace Context: 32 hexadecimal digits. */
  readonly traceId: string
  /** As a region is sent it: the caller's trace, with us as the parent. */
  readonly traceparent: string
  /** The caller's own, as it came; nothing of it is ours. */
  readonly tracestate: string | undefined
  /** The caller's span; undefined where the trace begins here. */
  readonly parent: Parent | undefined
  /** Where the work for it is told; undefined where nobody is told. */
  readonly telling: Telling | undefined
}

/** What a caller says of its own span. */
export interface Parent {
  readonly spanId: string
  readonly sampled: boolean
}

/** A request that a collector is told of. */
export interface ToldRequest {
  /** In place of the one that it came with. */
  readonly trace: Trace
  /** It was answered; by which route, never by which path. */
  end(route: string, method: string, status: number): void
}

/** Has a collector told of a request; undefined where it is not sampled. */
export type TellRequest = (trace: Trace) => ToldRequest | undefined

/** Which request the running code works for. Node hands it on, so that no function between has to. */
const current = new AsyncLocalStorage<Trace>()

/** The trace of the request, or of the background's ask, that the running code works for. */
export function currentTrace(): Trace | undefined {
  return current.getStore()
}

/** Runs a task for a request. */
export function within<T>(trace: Trace, task: () => T): T {
  return current.run(trace, task)
}

const longestState = 512

/**
 * The trace of a request with these headers: each is taken over where it is well-formed, and made new where it is not.
 * https://www.w3.org/TR/trace-context/
 */
export function traceFrom(header: (name: string) => string | undefined): Trace {
  const id = header('x-request-id') ?? ''
  const requestId = /^[\w.:-]{1,128}$/.test(id) ? id : undefined
  const parent = parentIn(header('traceparent') ?? '')
  if (parent === undefined) return newTrace(requestId)
  const { traceId, spanId, sampled } = parent
  const state = header('tracestate') ?? ''
  // Longer ones may be cut by whole members, but a vendor's state that is half there is worth nothing to it.
  const tracestate = state.length <= longestState && /^[\x20-\x7e\t]+$/.test(state) ? state : undefined
  const traceparent = `00-${traceId}-${newSpan()}-${sampled ? '01' : '00'}`
  return {
    requestId: requestId ?? randomUUID(),
    traceId,
    traceparent,
    tracestate,
    parent: { spanId, sampled },
    telling: undefined,
  }
}

/** For what nobody asked for: the gateway's own rounds. */
export function newTrace(requestId?: string): Trace {
  const made = randomUUID()
  const traceId = made.replaceAll('-', '')
  // Not sampled, unless a collector is told of it.
  const traceparent = `00-${traceId}-${newSpan()}-00`
  return {
    requestId: requestId ?? made,
    traceId,
    traceparent,
    tracestate: undefined,
    parent: undefined,
    telling: undefined,
  }
}

function newSpan(): string {
  const made = randomUUID()
  return made.slice(0, 8) + made.slice(24, 32)
}

/** Later versions may have more at the end, after a dash; what we know of them is as in version 00. */
function parentIn(text: string): (Parent & { readonly traceId: string }) | undefined {
  if (text === '') return undefined
  const [, version, traceId = '', spanId = '', flags = '', more = ''] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== '')) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  // Of the flags only "sampled" is known.
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}

/** In each line about something that a request, or a round of the refresher, caused. */
export function idsForLog(): object {
  const trace = currentTrace()
  return trace ? { request_id: trace.requestId, trace_id: trace.traceId } : {}
}
