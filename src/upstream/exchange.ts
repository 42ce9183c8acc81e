import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { Client, Dispatcher } from 'undici'
import { UpstreamError } from './error.ts'
import type { HttpAnswer, HttpLimits, HttpRequest } from './http.ts'
import { afterPatience } from './patience.ts'
import { transportFailure } from './transport-failure.ts'

/** Bytes of answers under way, over all regions. */
export interface InFlight {
  bytes: number
}

export interface Connection {
  readonly client: Client
  /** The socket in use, once there is one: it knows of bytes that undici does not tell. */
  readonly socket: () => Socket | undefined
}

/** What is waited for: a connection, the region to read the body, the first byte of its answer, the next one. */
type Phase = 'connect' | 'send' | 'first byte' | 'idle'

/**
 * Sends one request and takes its answer, within all limits. Throws `UpstreamError`. `closing` asks the region to close
 * the connection afterwards.
 */
export function exchange(
  { client, socket }: Connection,
  { method, path, headers, body }: HttpRequest,
  closing: boolean,
  limits: HttpLimits,
  inFlight: InFlight,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const call = `${method} ${path}`
    const startedAt = performance.now()
    const chunks: Buffer[] = []
    let bytesBefore = 0
    let controller: Dispatcher.DispatchController | undefined
    let head: Omit<HttpAnswer, 'body'> | undefined
    let received = 0
    let ended = false
    let lastByteAt = startedAt
    let phase: Phase = 'connect'
    const phaseLimit = {
      // The connector ends it, which knows what of the time is the region's.
      connect: Infinity,
      send: limits.idleTimeout,
      'first byte': limits.firstByteTimeout,
      idle: limits.idleTimeout,
    }
    const streamed = typeof body === 'object' ? body : undefined
    const content = streamed?.stream() ?? (typeof body === 'string' ? body : undefined)
    const length = streamed && { 'content-length': String(streamed.length) }
    let enough = afterPatience(limits.totalTimeout, check)

    /** One timer for all limits: when it fires, either a limit is passed or it is set again for what remains. */
    function check(): void {
      const { ofPhase, ofTotal } = left()
      // Where both are over, as on a busy machine, this says more.
      if (ofPhase < 1) return fail('timeout', `${call}: ${timeoutOf(phase, limits)}`)
      if (ofTotal < 1) return fail('timeout', `${call}: not finished within ${seconds(limits.totalTimeout)}`)
      wait()
    }
    function wait(): void {
      const { ofPhase, ofTotal } = left()
      enough = afterPatience(Math.max(1, Math.min(ofPhase, ofTotal)), check)
    }
    function left(): { readonly ofPhase: number; readonly ofTotal: number } {
      const now = performance.now()
      return {
        ofPhase: phaseLimit[phase] - (now - lastByteAt),
        ofTotal: limits.totalTimeout - (now - startedAt),
      }
    }
    function enter(next: Phase): void {
      if (ended) return
      phase = next
      lastByteAt = performance.now()
      enough()
      // What came just now may be all: limits are judged later.
      wait()
    }
    function end(): void {
      if (ended) return
      ended = true
      enough()
      inFlight.bytes -= received
    }
    function fail(kind: UpstreamError['kind'], message: string, refused = false): void {
      if (ended) return
      end()
      reject(
        new UpstreamError(kind, message, {
          refused,
          sent: phase !== 'connect',
          ...(head && { status: head.status }),
        }),
      )
      if (content instanceof Readable) content.destroy()
      if (controller) controller.abort(new Error(message))
      else client.destroy().catch(() => undefined)
    }
    function failTooLarge(): void {
      fail('too_large', `${call}: more than ${limits.maxResponse} bytes`)
    }

    if (content instanceof Readable) {
      // A connection that fails takes the body along: then the body is not to blame.
      content.once('error', (error) => {
        if (!socket()?.errored) fail('broken', `${call}: its body could not be read (${error.message})`)
      })
    }

    client.dispatch(
      // `reset` is undici's word for closing the connection after the answer.
      {
        path,
        method,
        headers: { ...headers, ...length },
        reset: closing,
        ...(content !== undefined && { body: content }),
      },
      {
        onRequestStart(started) {
          controller = started
          bytesBefore = socket()?.bytesRead ?? 0
          enter(streamed === undefined ? 'first byte' : 'send')
        },
        onBodySent() {
          if (phase === 'send') lastByteAt = performance.now()
        },
        onRequestSent() {
          // The answer may have begun already: a region can refuse a body that it has not read.
          if (phase === 'send') enter('first byte')
        },
        onResponseStart(_, status, responseHeaders) {
          if (status < 200) return
          head = { status, header: (name) => text(responseHeaders[name]) }
          // What is announced need not be waited for.
          if (Number(head.header('content-length')) > limits.maxResponse) return failTooLarge()
          enter('idle')
        },
        onResponseData(_, chunk) {
          lastByteAt = performance.now()
          if (ended) return
          received += chunk.length
          inFlight.bytes += chunk.length
          if (received > limits.maxResponse) failTooLarge()
          else if (inFlight.bytes > limits.maxInFlight) {
            fail('too_large', `${call}: all answers under way exceed ${limits.maxInFlight} bytes`)
          } else chunks.push(chunk)
        },
        onResponseEnd() {
          // undici takes a reset for the end of a body that only closing ends.
          if (head === undefined || socket()?.errored)
            return fail('broken', `${call}: the answer was cut off midway`)
          end()
          resolve({ ...head, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) })
        },
        onResponseError(_, error) {
          const begun = head !== undefined || (socket()?.bytesRead ?? 0) > bytesBefore
          const { kind, message, refused } = transportFailure(error, begun, limits.connectTimeout)
          fail(kind, `${call}: ${message}`, refused)
        },
      },
    )
  })
}

function timeoutOf(phase: Phase, limits: HttpLimits): string {
  if (phase === 'send') return `the region read nothing for ${seconds(limits.idleTimeout)}`
  if (phase === 'first byte') return `no answer within ${seconds(limits.firstByteTimeout)}`
  return `the answer stopped for ${seconds(limits.idleTimeout)}`
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}

function text(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(', ') : (header ?? '')
}
