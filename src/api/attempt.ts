import type { Context } from 'hono'
import type { Intent } from '../model/intent.ts'
import type { Region } from '../model/region.ts'
import { currentTrace } from '../model/trace.ts'
import { waitFor } from '../model/wait-for.ts'
import { auditLine, type Audit, type WriteOutcome } from './audit.ts'
import type { Caller } from './caller.ts'
import type { Env } from './send.ts'

/** What is known of a write when its audit line is written. */
export interface Attempt {
  region?: Region
  intent?: Partial<Intent>
}

/** Leaves the line of a request that wanted to write, with what the caller is told; resolves once it is kept. */
export type LeaveLine = (
  request: { readonly context: Context<Env>; readonly caller: Caller },
  attempt: Attempt,
  /** ms since the epoch. */
  startedAt: number,
  outcome: WriteOutcome,
  status: number,
  error: string,
) => Promise<void>

/** ms that an answer waits for its line: a log that hangs must not hold up the fleet. */
const patience = 1_000

/** `now` in ms since the epoch. */
export function createLeaveLine({
  audit,
  now,
}: {
  readonly audit: Audit
  readonly now: () => number
}): LeaveLine {
  return ({ context, caller }, { region, intent = {} }, startedAt, outcome, status, error) => {
    const { path, method } = context.req
    const took_ms = Math.round(now() - startedAt)
    const requestId = context.get('requestId')
    const of = { requestId, traceId: currentTrace()?.traceId ?? '', caller, method, path, status, error }
    const regions = region
      ? [{ region_name: region.name, subcloud_name: region.subcloud, outcome, status, error, took_ms }]
      : []
    return waitFor(audit(auditLine(now(), of, intent, regions)), patience)
  }
}
