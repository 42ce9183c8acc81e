import { waitFor } from '../../model/wait-for.ts'
import type { Judged } from './meta.ts'

/** One line of the stream. */
type Line = Readonly<Record<string, unknown>> & {
  readonly type: 'header' | 'region' | 'heartbeat' | 'summary'
}

export interface RegionStreamOptions {
  /** How each selected region ends; every one of them does. */
  readonly answers: readonly Promise<Judged>[]
  readonly header: Readonly<Record<string, unknown>>
  /** What is told of a region once it has answered. */
  readonly lineOf: (judged: Judged) => Readonly<Record<string, unknown>>
  /** What is told last: of all regions that answered, and how many did not. */
  readonly summaryOf: (judged: readonly Judged[], untold: number) => Readonly<Record<string, unknown>>
  /** ms between signs of life while regions are waited for. */
  readonly heartbeatEvery: number
  /** Ends the waiting: the gateway stops. */
  readonly stopping: AbortSignal
}

/** Regions rendered at once: none of the rest of the process waits longer for it. */
const batchSize = 50

/** Each region as it answers, one JSON text a line; the last line says whether that was all. */
export function streamRegions(options: RegionStreamOptions): ReadableStream<Uint8Array> {
  const { answers, stopping } = options
  const told: Judged[] = []
  const ready: Judged[] = []
  let wake = Promise.withResolvers<void>()
  let fault: { readonly error: unknown } | undefined
  let stage: 'header' | 'regions' | 'done' = 'header'
  const encoder = new TextEncoder()
  for (const answer of answers) {
    answer.then(
      (judged) => {
        ready.push(judged)
        wake.resolve()
      },
      (error: unknown) => {
        fault = { error }
        wake.resolve()
      },
    )
  }
  const stop = (): void => wake.resolve()
  stopping.addEventListener('abort', stop)

  async function next(): Promise<readonly Line[]> {
    if (stage === 'header') {
      stage = 'regions'
      return [{ type: 'header', ...options.header }]
    }
    if (ready.length === 0 && told.length < answers.length && !stopping.aborted) {
      wake = Promise.withResolvers()
      if (!fault) await waitFor(wake.promise, options.heartbeatEvery)
      // By our own fault: cut off without a summary, which is what a reader goes by.
      if (fault) throw fault.error
      if (ready.length === 0 && !stopping.aborted)
        return [{ type: 'heartbeat', waiting: answers.length - told.length }]
    }
    const batch = ready.splice(0, batchSize)
    told.push(...batch)
    const lines = batch.map((judged): Line => ({ type: 'region', ...options.lineOf(judged) }))
    if (ready.length > 0 || (told.length < answers.length && !stopping.aborted)) return lines
    stage = 'done'
    return [...lines, { type: 'summary', ...options.summaryOf(told, answers.length - told.length) }]
  }

  return new ReadableStream(
    {
      async pull(controller) {
        const lines = await next()
        controller.enqueue(encoder.encode(lines.map((line) => `${JSON.stringify(line)}\n`).join('')))
        if (stage !== 'done') return
        stopping.removeEventListener('abort', stop)
        controller.close()
      },
      cancel: () => stopping.removeEventListener('abort', stop),
    },
    { highWaterMark: 0 },
  )
}
